/**
 * What every cycle of a run went to. In: a program and its run. Out: disjoint intervals by cause that cover all cycles. A cycle belongs to the
 * array while it runs; else to the vector unit; else, a stall, to what is being moved meanwhile: a load by the buffer that it fills, then a store; else
 * to control: instruction fetch, dispatch and semaphores.
 */

import { type Instruction, type Program, unitOf } from '../../compiler/isa/index.js';
import type { Run } from '../engine/index.js';

/** In order of precedence. */
export const cycleCauses = [
  'array',
  'vector',
  'loadActivations',
  'loadWeights',
  'loadParameters',
  'store',
  'control',
] as const;
export type CycleCause = (typeof cycleCauses)[number];

/** The causes in which neither the array nor the vector unit runs. */
export const stallCauses = ['loadActivations', 'loadWeights', 'loadParameters', 'store', 'control'] as const;

/** Cycles [from, to). */
export type Interval = readonly [from: number, to: number];

/** Intervals of each cause, in order; together [0, cycles) once. */
export type CauseIntervals = ReadonlyMap<CycleCause, readonly Interval[]>;

export function causeIntervals(program: Program, run: Run): CauseIntervals {
  const running = new Map<CycleCause, Interval[]>(cycleCauses.map((cause) => [cause, []]));
  for (const { index, accept, end } of run.trace) {
    const cause = causeOf(program.instructions[index]!);
    if (cause !== undefined) running.get(cause)!.push([accept + 1, end + 1]);
  }
  running.get('control')!.push([0, run.cycles]);
  let free: readonly Interval[] = [[0, run.cycles]];
  const intervals = new Map<CycleCause, readonly Interval[]>();
  for (const cause of cycleCauses) {
    const wanted = merged(running.get(cause)!);
    intervals.set(cause, common(free, wanted));
    free = without(free, wanted);
  }
  return intervals;
}

const loads = ['loadActivations', 'loadWeights', 'loadParameters', 'loadParameters'] as const;

/** What a running instruction is to the others; undefined for `end`. */
function causeOf(instruction: Instruction): CycleCause | undefined {
  if (instruction.mnemonic === 'load') return loads[instruction.fields.buffer];
  switch (unitOf(instruction)) {
    case 'matmul':
      return 'array';
    case 'vector':
      return 'vector';
    case 'load':
      return 'loadActivations';
    case 'store':
      return 'store';
    case undefined:
      return undefined;
  }
}

/** Disjoint and in order. */
function merged(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [from, to] of sorted) {
    const top = result.at(-1);
    if (top !== undefined && from <= top[1]) top[1] = Math.max(top[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** What both cover; each is disjoint and in order. */
function common(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = Math.max(a[i]![0], b[j]![0]);
    const to = Math.min(a[i]![1], b[j]![1]);
    if (from < to) result.push([from, to]);
    if (a[i]![1] < b[j]![1]) i++;
    else j++;
  }
  return result;
}

/** What `a` covers and `b` does not; each is disjoint and in order. */
function without(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = [];
  let j = 0;
  for (const [from, to] of a) {
    let begin = from;
    while (j < b.length && b[j]![1] <= begin) j++;
    for (let k = j; k < b.length && b[k]![0] < to; k++) {
      if (b[k]![0] > begin) result.push([begin, b[k]![0]]);
      begin = Math.max(begin, b[k]![1]);
    }
    if (begin < to) result.push([begin, to]);
  }
  return result;
}

/** Cycles of [from, until) that lie in disjoint intervals in order. */
export function coveredCycles(intervals: readonly Interval[], from: number, until: number): number {
  let sum = 0;
  for (let i = firstAfter(intervals, from); i < intervals.length && intervals[i]![0] < until; i++)
    sum += Math.max(0, Math.min(intervals[i]![1], until) - Math.max(intervals[i]![0], from));
  return sum;
}

/** Index of the first interval that ends behind a cycle. */
function firstAfter(intervals: readonly Interval[], cycle: number): number {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle]![1] <= cycle) low = middle + 1;
    else high = middle;
  }
  return low;
}
