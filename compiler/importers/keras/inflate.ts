/**
 * Inflating of HDF5 chunks for jsfive, whose own takes whatever comes out. In: how large a chunk is and how many there are. Out: the same bytes, or an
 * error as soon as there are more.
 */

import { Unzlib } from 'fflate';
import { Filters } from 'jsfive';

const DEFLATE = 1;
/** Bytes of a checksum that may stand behind a chunk. */
const CHECKSUM = 4;
/** Compressed bytes that are inflated at once: what comes out at once is a thousandfold at most. */
const STEP = 2 ** 12;

/** Reads with chunks of at most `bytes` each, `count` of them. Filters are read synchronously, one array at a time. */
export function withInflated<T>(
  { bytes, count }: { readonly bytes: number; readonly count: number },
  read: () => T,
): T {
  let left = count;
  Filters.set(DEFLATE, (chunk) => {
    left--;
    if (left < 0) throw new Error('it has more chunks than its extents have room for');
    return inflated(new Uint8Array(chunk), bytes + CHECKSUM);
  });
  return read();
}

function inflated(chunk: Uint8Array, largest: number): ArrayBuffer {
  const out = new Uint8Array(largest);
  let length = 0;
  const stream = new Unzlib((part) => {
    if (length + part.length > largest)
      throw new Error('a chunk inflates to more than its extents have room for');
    out.set(part, length);
    length += part.length;
  });
  for (let at = 0; at < chunk.length; at += STEP) {
    const end = Math.min(at + STEP, chunk.length);
    stream.push(chunk.subarray(at, end), end === chunk.length);
  }
  return out.buffer.slice(0, length);
}
