/**
 * Closed-form cost of a tiled layer. In: the plain numbers of a {@link LoopNest} and a Machine. Out: cycles per unit and in all. Load,
 * matmul, vector and store are stages of a pipeline that run at once, each in order: a layer takes as long as its slowest
 * stage, the time until that stage can begin and the time of what follows it:
 *
 *     cycles = start + max over stages s of (first pass through the stages before s + all of s + last pass through those behind s)
 *
 * Fetch can be the slowest too. With single-buffered weights (`overlap` false) loads and matmuls take turns, so they add.
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

/** A layer as a bag of instructions, with those that nothing overlaps named again. */
export interface LoopNest {
  readonly steps: readonly NestStep[];
  /** The first and the last of each stage: what must be over before the next stage can begin, and what still comes once one has ended. */
  readonly first: NestEdge;
  readonly last: NestEdge;
  /**
   * Further points that the matmuls wait for: what must have been loaded by then, and the share of the matmuls that is still to come. The
   * first block of the first tile, say, needs all of the tile's input, the second tile all weights.
   */
  readonly waits: readonly { readonly load: readonly NestStep[]; readonly share: number }[];
  /** False when loads and compute share one buffer and take turns. */
  readonly overlap: boolean;
}

/** One pass through the stages. */
export interface NestEdge {
  /** Of the last pass: what is loaded behind the last operands. */
  readonly load: readonly NestStep[];
  readonly matmul: readonly NestStep[];
  readonly vector: readonly NestStep[];
  readonly store: readonly NestStep[];
}

export interface NestCost {
  /** Cycles of a unit's instructions. */
  readonly load: number;
  readonly matmul: number;
  readonly vector: number;
  readonly store: number;
  /** Cycles of instruction fetch. */
  readonly fetch: number;
  /** Believed cycles of the layer alone, start to done. */
  readonly cycles: number;
  /** What decides them. */
  readonly bound: NestBound;
  /** What plans are ranked by: cycles and a share of the other units' work. */
  readonly score: number;
}

export type NestBound = 'wait' | 'load' | 'matmul' | 'vector' | 'store' | 'fetch' | 'turns';

/**
 * Share of the other units' cycles that ranks plans: units wait for one another at the ends of tiles, and between plans
 * of equal maxima the one with less to do elsewhere is better. Tried from 0 to 0.2 on ResNet-18 and -50 (edge16, cloud128), the digits network (edge8)
 * and 240 drawn networks: a tenth is at or near the fewest exact cycles of each, 0.3 to 3 % below 0, with 6 to 27 % fewer instructions.
 */
const IMPERFECT_OVERLAP = 0.1;

/** Cycles from the start of a run to the first instruction's accept, besides the latency of its burst. */
const START_CYCLES = 5;

/** Believed cycles of a layer. */
export function nestCost(machine: Machine, nest: LoopNest): NestCost {
  const sum = { load: 0, matmul: 0, vector: 0, store: 0 };
  let instructions = 0;
  for (const step of nest.steps) {
    sum[step.unit === 'fill' ? 'load' : step.unit] += step.count * stepCycles(machine, step);
    instructions += step.count;
  }
  const once = (steps: readonly NestStep[]) =>
    steps.reduce((total, step) => total + step.count * stepCycles(machine, step), 0);
  const { first, last } = nest;
  const head = [once(first.load), once(first.matmul), once(first.vector)] as const;
  const tail = [once(last.matmul), once(last.vector), once(last.store)] as const;
  const start = START_CYCLES + machine.memory.readLatency;
  const fetch = instructions * fetchCycles(machine);
  const turns = sum.matmul + sum.load;
  const paths: Readonly<Record<NestBound, number>> = {
    load: sum.load - once(last.load) + tail[0] + tail[1] + tail[2],
    matmul: head[0] + sum.matmul + tail[1] + tail[2],
    vector: head[0] + head[1] + sum.vector + tail[2],
    store: head[0] + head[1] + head[2] + sum.store,
    wait: Math.max(0, ...nest.waits.map((w) => once(w.load) + w.share * sum.matmul)) + tail[1] + tail[2],
    fetch: fetch + tail[2],
    turns: nest.overlap ? 0 : turns + tail[1] + tail[2],
  };
  let bound: NestBound = 'load';
  for (const name of Object.keys(paths) as NestBound[]) if (paths[name] > paths[bound]) bound = name;
  const cycles = start + paths[bound];
  const parts = [sum.load, nest.overlap ? sum.matmul : turns, sum.vector, sum.store, fetch];
  const others = parts.reduce((all, part) => all + part, 0) - Math.max(...parts);
  return { ...sum, fetch, cycles, bound, score: cycles + IMPERFECT_OVERLAP * others };
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
