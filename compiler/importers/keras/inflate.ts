/**
 * Inflating of HDF5 chunks for jsfive, whose own takes whatever comes out. In: how large a chunk is and how many there are. Out: the same bytes, or an
 * error as soon as there are more.
 */

import { unzlibSync } from 'fflate';
import { Filters } from 'jsfive';

const DEFLATE = 1;
/** Bytes of a checksum that may stand behind a chunk. */
const CHECKSUM = 4;
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
  // What does not fit into it is dropped, so that one byte too many is enough to tell.
  const out = unzlibSync(chunk, { out: new Uint8Array(largest + 1) });
  if (out.length > largest) throw new Error('a chunk inflates to more than its extents have room for');
  return out.buffer.slice(0, out.length) as ArrayBuffer;
}
