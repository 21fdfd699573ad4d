/**
 * A sorted string table (LevelDB's file format), as TensorFlow writes it for the index of a checkpoint. In: the bytes. Out: all
 * keys and values in order. Throws an Error that says what is broken; callers make it a diagnostic.
 */

import { maskedCrc32c } from './crc32c.js';

const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
const FOOTER = 48;
/** Type byte and checksum behind every block. */
const TRAILER = 5;

interface Cursor {
  at: number;
}

function varint(bytes: Uint8Array, cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new Error('a number reaches beyond the end of its block');
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  throw new Error('a number is longer than 56 bits');
}

/** The contents of the block that a handle points to, its checksum compared. */
function block(bytes: Uint8Array, handle: Uint8Array): Uint8Array {
  const cursor = { at: 0 };
  const [offset, size] = [varint(handle, cursor), varint(handle, cursor)];
  if (offset + size + TRAILER > bytes.length - FOOTER)
    throw new Error(`a block of ${size} bytes at ${offset} reaches beyond the end of the file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (bytes[offset + size] !== 0)
    throw new Error(`the block at ${offset} is compressed, which is not supported`);
  if (view.getUint32(offset + size + 1, true) !== maskedCrc32c(bytes.subarray(offset, offset + size + 1)))
    throw new Error(`the checksum of the block at ${offset} does not agree: the file is damaged`);
  return bytes.subarray(offset, offset + size);
}

/** Entries of a block; each key shares its first bytes with the one before. */
function* entries(content: Uint8Array): Generator<readonly [Uint8Array, Uint8Array]> {
  if (content.length < 4) throw new Error('a block is too short');
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const end = content.length - 4 - 4 * view.getUint32(content.length - 4, true);
  const cursor = { at: 0 };
  let key = new Uint8Array(0);
  while (cursor.at < end) {
    const [shared, own, length] = [0, 1, 2].map(() => varint(content, cursor)) as [number, number, number];
    if (shared > key.length || cursor.at + own + length > end)
      throw new Error('an entry reaches beyond its block');
    const next = new Uint8Array(shared + own);
    next.set(key.subarray(0, shared));
    next.set(content.subarray(cursor.at, cursor.at + own), shared);
    key = next;
    yield [key, content.subarray(cursor.at + own, cursor.at + own + length)];
    cursor.at += own + length;
  }
}

export function looksLikeSortedTable(bytes: Uint8Array): boolean {
  return bytes.length >= FOOTER && MAGIC.every((byte, i) => bytes[bytes.length - 8 + i] === byte);
}

/** Every value by its key. @throws Error */
export function readSortedTable(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  if (!looksLikeSortedTable(bytes)) throw new Error('it does not end as a table does');
  const footer = bytes.subarray(bytes.length - FOOTER);
  const cursor = { at: 0 };
  // The first handle is of the meta index, which holds nothing of interest.
  varint(footer, cursor);
  varint(footer, cursor);
  const all = new Map<string, Uint8Array>();
  for (const [, handle] of entries(block(bytes, footer.subarray(cursor.at))))
    for (const [key, value] of entries(block(bytes, handle))) all.set(new TextDecoder().decode(key), value);
  return all;
}
