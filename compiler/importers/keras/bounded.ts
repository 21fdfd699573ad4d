/**
 * The bytes of an HDF5 file for jsfive, which takes stated lengths and counts at their word. In: bytes. Out: a buffer that fails where a
 * piece is cut from it that it does not have, or more pieces, or more bytes in them, than a file of its size has.
 */

/** Pieces that jsfive cuts from a file: names, strings, messages. Real models cut about one in ten bytes. */
const LEAST_PIECES = 100_000;

/** Bytes in all pieces: what a file of this size holds some times over. */
const LEAST_BYTES = 2 ** 24;
const MOST_TIMES = 8;

export class BoundedBuffer extends ArrayBuffer {
  private pieces = 0;
  private bytes = 0;
  private most = Number.POSITIVE_INFINITY;

  /** Reads with at most so many pieces. */
  within<T>(pieces: number, read: () => T): T {
    this.most = this.pieces + pieces;
    try {
      return read();
    } finally {
      this.most = Number.POSITIVE_INFINITY;
    }
  }

  override slice(begin = 0, end: number = this.byteLength): ArrayBuffer {
    if (!(begin >= 0 && begin <= end && end <= this.byteLength))
      throw new Error(`a field from byte ${begin} to ${end} reaches beyond the end of the data`);
    this.pieces++;
    this.bytes += end - begin;
    const most = Math.min(this.most, Math.max(LEAST_PIECES, this.byteLength));
    if (this.pieces > most || this.bytes > Math.max(LEAST_BYTES, MOST_TIMES * this.byteLength))
      throw new Error('it states more entries than the file can hold');
    return new Uint8Array(new Uint8Array(this, begin, end - begin)).buffer;
  }
}

/** A copy, which nothing else writes to. */
export function boundedCopy(bytes: Uint8Array): BoundedBuffer {
  const buffer = new BoundedBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
