/**
 * Where words lie in linear memory. Little-endian, unused upper bits zero: 1, 2, 4 or 8 bytes, wider words in 8-byte
 * limbs followed by 16 zero bytes, so that any 8 bytes from inside a word can be loaded.
 */

const FIRST_ADDRESS = 64;
const WIDE_PADDING = 16;
export const PAGE_BYTES = 65536;

/** Bytes that a word of `width` bits occupies. */
export function wordBytes(width: number): number {
  if (width <= 8) return 1;
  if (width <= 16) return 2;
  if (width <= 32) return 4;
  return 8 * Math.ceil(width / 64);
}

export class Layout {
  private next = FIRST_ADDRESS;

  /** Address of a fresh zero word. */
  word(width: number): number {
    const bytes = wordBytes(width);
    return this.bytes(bytes + (width > 64 ? WIDE_PADDING : 0), Math.min(bytes, 8));
  }

  /** As `word`, aligned and alone in its 8 bytes, so that it can be used as 32-bit words. */
  port(width: number): number {
    return this.bytes(8 * Math.ceil(width / 64) + (width > 64 ? WIDE_PADDING : 0));
  }

  /** Address of `count` fresh zero bytes. */
  bytes(count: number, align = 8): number {
    const address = Math.ceil(this.next / align) * align;
    this.next = address + count;
    return address;
  }

  get pages(): number {
    return Math.ceil((this.next + WIDE_PADDING) / PAGE_BYTES);
  }
}
