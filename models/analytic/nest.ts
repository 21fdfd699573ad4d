/**
 * Closed-form cost of a tiled layer. In: the plain numbers of a {@link LoopNest} and a Machine. Out: cycles per unit and in
 * all. The units and the fetch of instructions run at once and each is in order, so a layer takes about as long as its busiest unit, plus the time in which
 * the first tile is loaded and nothing can compute (head) and the last is finished and stored (tail):
 *
 *     total = head + max(load, matmul, vector, store, fetch) + a share of the others + tail
 *
 * With single-buffered input (`overlap` false) load and compute of a tile follow one another, so they add.
 */

import type { Machine } from '../machine/index.js';
import { fetchCycles, loadCycles, storeCycles, type Transfer } from './cycles.js';
import { matmulCycles, vectorCycles } from './durations.js';

/** A repeated instruction; `count` of them are executed. */
export type NestStep =
  | { readonly unit: 'matmul'; readonly count: number; readonly tiles: number; readonly vectors: number }
  | { readonly unit: 'vector'; readonly count: number; readonly slices: number }
  | { readonly unit: 'fill'; readonly count: number; readonly rows: number }
  | {
      readonly unit: 'load';
      readonly count: number;
      readonly buffer: 'act' | 'wgt' | 'par' | 'lut';
      readonly transfer: Transfer;
    }
  | { readonly unit: 'store'; readonly count: number; readonly transfer: Transfer };

/** A layer as a bag of instructions, with the ones that cannot overlap named again as head and tail. */
export interface LoopNest {
  readonly steps: readonly NestStep[];
  /** Before the first compute, once. */
  readonly head: readonly NestStep[];
  /** After the last compute of the busiest unit, once. */
  readonly tail: readonly NestStep[];
  /** False when loads and compute share one buffer and take turns. */
  readonly overlap: boolean;
}

export interface NestCost {
  readonly load: number;
  readonly matmul: number;
  readonly vector: number;
  readonly store: number;
  /** Cycles of instruction fetch. */
  readonly fetch: number;
  readonly total: number;
}

/**
 * Share of the other units' cycles that shows beside the busiest one's: they wait for one another at the ends of tiles, and between plans
 * of equal maxima the one with less to do elsewhere is better. Tried from 0 to 0.2 on ResNet-18 and -50 (edge16, cloud128), the digits network (edge8)
 * and 240 drawn networks: a tenth is at or near the fewest exact cycles of each, 0.3 to 3 % below 0, with 6 to 27 % fewer instructions.
 */
const IMPERFECT_OVERLAP = 0.1;

/** Estimated cycles of a layer. */
export function nestCost(machine: Machine, nest: LoopNest): NestCost {
  const sum = { load: 0, matmul: 0, vector: 0, store: 0 };
  for (const step of nest.steps) {
    sum[step.unit === 'fill' ? 'load' : step.unit] += step.count * stepCycles(machine, step);
  }
  const once = (steps: readonly NestStep[]) =>
    steps.reduce((total, step) => total + step.count * stepCycles(machine, step), 0);
  const compute = nest.overlap ? sum.matmul : sum.matmul + sum.load;
  const instructions = nest.steps.reduce((count, step) => count + step.count, 0);
  const fetch = instructions * fetchCycles(machine);
  const parts = [sum.load, compute, sum.vector, sum.store, fetch];
  const busiest = Math.max(...parts);
  const others = parts.reduce((all, part) => all + part, 0) - busiest;
  const body = busiest + IMPERFECT_OVERLAP * others;
  return { ...sum, fetch, total: once(nest.head) + body + once(nest.tail) };
}

/** Estimated cycles of one execution of a step. */
export function stepCycles(machine: Machine, step: NestStep): number {
  switch (step.unit) {
    case 'matmul':
      return matmulCycles(machine, step.tiles, step.vectors);
    case 'vector':
      return vectorCycles(step.slices);
    case 'fill':
      return step.rows + 1;
    case 'load':
      return loadCycles(machine, step.buffer, step.transfer);
    case 'store':
      return storeCycles(machine, step.transfer);
  }
}
