/** Where everything of an array lies in its module's linear memory. In: sizes. Out: byte offsets. `pe-module.ts` explains the planes. */

/** Columns of a group: one vector of bytes. */
export const GROUP = 16;
export const WORD = 4;
/** Cycles that the streams hold. */
export const STREAM_CYCLES = 256;
/** Words at `counts`. */
const COUNTS = 8;

/** Byte offsets in linear memory. */
export interface Layout {
  readonly rows: number;
  readonly columns: number;
  /** Bits of a partial sum. */
  readonly sumBits: number;
  readonly groups: number;
  /** Of a row of PEs; row r starts at (r + 1) * pitch. */
  readonly pitch: number;
  /** Within a row. */
  readonly plane: Readonly<Record<'a' | 'w' | 'we' | 'm' | 'p', number>>;
  /** Act vector of cycle t at act + 16 + (t + rows) * actPitch. */
  readonly act: number;
  readonly actPitch: number;
  /** Write enable of array row 0 in cycle t at writes + 16 + t + rows. */
  readonly writes: number;
  /** What column c's bus shows in cycle t at bus + t * 16 * groups + c. */
  readonly bus: number;
  /** Aligned sums of cycle t at sums + t * columns * 4. */
  readonly sums: number;
  /** Where toggles are counted: the bottom row's sums of the cycle before, and a 32-bit word for each class of register. */
  readonly lastSums: number;
  readonly counts: number;
  /** Accumulator rows of the instruction in hand. */
  readonly acc: number;
  readonly bytes: number;
}

/** @param accRows accumulator rows of a bank. */
export function layOut(rows: number, columns: number, sumBits: number, accRows: number): Layout {
  const groups = Math.ceil(columns / GROUP);
  const lane = GROUP * groups;
  const pitch = 9 * lane;
  const align = (bytes: number) => Math.ceil(bytes / GROUP) * GROUP;
  const actPitch = Math.ceil(rows / WORD) * WORD;
  const act = align((rows + 1) * pitch);
  const writes = align(act + GROUP + (STREAM_CYCLES + rows) * actPitch);
  const bus = align(writes + GROUP + STREAM_CYCLES + rows);
  const sums = align(bus + (STREAM_CYCLES + columns) * lane);
  const lastSums = align(sums + (STREAM_CYCLES + columns) * columns * WORD);
  const counts = lastSums + lane * WORD;
  const acc = counts + COUNTS * WORD;
  const bytes = acc + accRows * columns * WORD;
  const plane = { a: 0, w: lane, we: 2 * lane, m: 3 * lane, p: 5 * lane };
  const streams = { act, actPitch, writes, bus, sums };
  return { rows, columns, sumBits, groups, pitch, plane, ...streams, lastSums, counts, acc, bytes };
}
