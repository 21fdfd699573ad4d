/** Whether bytes are a SCALE-Sim topology: its first line that says something is a header. */

import { readRows } from './csv.js';
import { kindOfHeader } from './topology.js';

/** More than any header and the comments above it. */
const BEGINNING = 1 << 14;

export function looksLikeTopology(bytes: Uint8Array): boolean {
  const [header] = readRows(new TextDecoder().decode(bytes.subarray(0, BEGINNING)));
  return header !== undefined && kindOfHeader(header) !== undefined;
}
