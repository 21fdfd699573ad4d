/**
 * Sets of memory rows that an affine loop nest touches, exactly, as few sorted intervals. In: a base and loop dimensions
 * (count, stride). Out: a {@link RowSet}.
 *
 *     nest 7 + 10*y + x, y < 2, x < 3   ->  base 7, runs [0,3, 10,13]      rows 7 8 9 17 18 19
 */

/** Rows `base + r` for every r in the runs. */
export interface RowSet {
  readonly base: number;
  /** Last row, known without working out the runs: a footprint that is out of bounds is never enumerated. */
  readonly last: number;
  /**
   * Sorted, disjoint, non-adjacent half-open intervals [start, end) from `base`, flattened; the first start is 0. Runs of equal
   * nests are the same (shared) array: never modify them.
   */
  readonly runs: Float64Array;
}

/** One loop of a nest: `count` (1 or more) steps of `stride` rows (0 or more). */
export interface NestLoop {
  readonly count: number;
  readonly stride: number;
}

/** First row of a set. */
export const firstRow = (set: RowSet): number => set.base;
/** Last row of a set. */
export const lastRow = (set: RowSet): number => set.last;

/** The same rows, `by` further. */
export function movedRows(set: RowSet, by: number): RowSet {
  return {
    base: set.base + by,
    last: set.last + by,
    get runs() {
      return set.runs;
    },
  };
}

/** The rows below `row` and those from it on; the set must have both. */
export function splitRows(set: RowSet, row: number): readonly [below: RowSet, above: RowSet] {
  const below: number[] = [];
  const above: number[] = [];
  const cut = row - set.base;
  for (let i = 0; i < set.runs.length; i += 2) {
    const [start, end] = [set.runs[i]!, set.runs[i + 1]!];
    if (start < cut) below.push(start, Math.min(end, cut));
    if (end > cut) above.push(Math.max(start, cut), end);
  }
  return [setOfRuns(set.base, below), setOfRuns(set.base, above)];
}

/** @param runs sorted intervals from `base`, at least one. */
function setOfRuns(base: number, runs: readonly number[]): RowSet {
  const first = runs[0]!;
  return {
    base: base + first,
    last: base + runs.at(-1)! - 1,
    runs: Float64Array.from(runs, (edge) => edge - first),
  };
}

/** Number of distinct rows of a set. */
export function rowCount(set: RowSet): number {
  let count = 0;
  for (let i = 0; i < set.runs.length; i += 2) count += set.runs[i + 1]! - set.runs[i]!;
  return count;
}

/** `length` contiguous rows. */
export function rowRange(base: number, length: number): RowSet {
  return nestRows(base, [{ count: length, stride: 1 }]);
}

/**
 * A memo of nests by their loops: programs repeat few shapes many times. It holds pure results only; it is emptied when
 * it grows past its limit, so a long-lived process does not fill up.
 */
const memo = new Map<string, Float64Array>();
const MEMO_LIMIT = 4096;

/**
 * The rows that a nest touches: every base + sum of index * stride, each `unit` rows long. Order of the loops does not matter.
 */
export function nestRows(base: number, loops: readonly NestLoop[], unit = 1): RowSet {
  return new NestRowSet(base, loops, unit);
}

class NestRowSet implements RowSet {
  readonly last: number;
  private known: Float64Array | undefined;

  constructor(
    readonly base: number,
    private readonly loops: readonly NestLoop[],
    private readonly unit: number,
  ) {
    this.last = loops.reduce((row, { count, stride }) => row + (count - 1) * stride, base + unit - 1);
  }

  get runs(): Float64Array {
    this.known ??= memoisedRuns(this.loops, this.unit);
    return this.known;
  }
}

function memoisedRuns(loops: readonly NestLoop[], unit: number): Float64Array {
  let key = `${unit}`;
  for (const { count, stride } of loops) key += `,${count}*${stride}`;
  let runs = memo.get(key);
  if (!runs) {
    if (memo.size >= MEMO_LIMIT) memo.clear();
    runs = computeRuns(loops, unit);
    memo.set(key, runs);
  }
  return runs;
}

/** Loops in order of growing stride keep the intervals sorted and few: each step merges what touches. */
function computeRuns(loops: readonly NestLoop[], unit: number): Float64Array {
  const moving = loops.filter(({ count, stride }) => count > 1 && stride > 0);
  const sorted = [...moving].sort((a, b) => a.stride - b.stride);
  let runs: readonly number[] = [0, unit];
  for (const loop of sorted) runs = repeatRuns(runs, loop);
  return Float64Array.from(runs);
}

/**
 * The union of `count` copies of `runs`, each `stride` further, by doubling: n copies are the union of ceil(n/2) copies and the
 * same ones moved on, so the work follows the size of the result, not the number of iterations.
 */
function repeatRuns(runs: readonly number[], { count, stride }: NestLoop): readonly number[] {
  if (count === 1) return runs;
  const half = repeatRuns(runs, { count: Math.ceil(count / 2), stride });
  return unionWithShifted(half, Math.floor(count / 2) * stride);
}

/** The union of a sorted run list and its copy moved up by `shift`. */
function unionWithShifted(runs: readonly number[], shift: number): readonly number[] {
  const merged: number[] = [];
  const append = (start: number, end: number) => {
    const last = merged.length - 1;
    if (last > 0 && start <= merged[last]!) merged[last] = Math.max(merged[last]!, end);
    else merged.push(start, end);
  };
  let still = 0;
  for (let moved = 0; moved < runs.length; moved += 2) {
    while (still < runs.length && runs[still]! <= runs[moved]! + shift) {
      append(runs[still]!, runs[still + 1]!);
      still += 2;
    }
    append(runs[moved]! + shift, runs[moved + 1]! + shift);
  }
  return merged;
}

/** Whether two sets share a row. */
export function rowsOverlap(a: RowSet, b: RowSet): boolean {
  if (lastRow(a) < b.base || lastRow(b) < a.base) return false;
  let i = 0;
  let j = 0;
  while (i < a.runs.length && j < b.runs.length) {
    if (a.base + a.runs[i + 1]! <= b.base + b.runs[j]!) i += 2;
    else if (b.base + b.runs[j + 1]! <= a.base + a.runs[i]!) j += 2;
    else return true;
  }
  return false;
}
