/**
 * Closed-form cost of a tiled layer. In: the plain numbers of a {@link LoopNest} and a Machine. Out: cycles per unit and in all. Load,
 * matmul, vector and store are stages of a pipeline that run at once, each in order: a layer takes as long as its slowest
 * stage, the time until that stage can begin and the time of what follows it:
 *
 *     cycles = start + max over stages s of (first pass through the stages before s + all of s + last pass through those behind s)
 *
 * Fetch can be the slowest too. With single-buffered weights (`overlap` false) loads and matmuls take turns, so they add.
 */

import type { BufferName, Machine } from '../machine/index.js';
import { fetchCycles, loadCycles, storeCycles, type Transfer } from './cycles.js';
import { matmulCycles, vectorCycles } from './durations.js';

/** A repeated instruction: `count` of them are executed, each of so many cycles. */
export interface NestStep {
  readonly unit: 'load' | 'matmul' | 'vector' | 'store';
  readonly count: number;
  readonly cycles: number;
}

export function matmulStep(machine: Machine, count: number, tiles: number, vectors: number): NestStep {
  return { unit: 'matmul', count, cycles: matmulCycles(machine, tiles, vectors) };
}

/** @param sliceCycles of one instruction. */
export function vectorStep(count: number, sliceCycles: number): NestStep {
  return { unit: 'vector', count, cycles: vectorCycles(sliceCycles) };
}

/** Padding, written by the load unit. */
export function fillStep(count: number, rows: number): NestStep {
  return { unit: 'load', count, cycles: rows + 1 };
}

export function loadStep(machine: Machine, buffer: BufferName, count: number, transfer: Transfer): NestStep {
  return { unit: 'load', count, cycles: count === 0 ? 0 : loadCycles(machine, buffer, transfer) };
}

export function storeStep(machine: Machine, count: number, transfer: Transfer): NestStep {
  return { unit: 'store', count, cycles: storeCycles(machine, transfer) };
}

/** A layer as a bag of instructions, with those that nothing overlaps named again. */
export interface LoopNest {
  readonly steps: readonly NestStep[];
  /** The first and the last of each stage: what must be over before the next stage can begin, and what still comes once one has ended. */
  readonly first: NestEdge;
  readonly last: NestEdge;
  /**
   * Further points that the matmuls wait for: cycles of what must have been loaded by then, and the share of the matmuls that is still to
   * come. The first block of the first tile, say, needs all of the tile's input, the second tile all weights.
   */
  readonly waits: readonly { readonly cycles: number; readonly share: number }[];
  /** False when loads and compute share one buffer and take turns. */
  readonly overlap: boolean;
}

/** Cycles of one pass through the stages. */
export interface NestEdge {
  /** Of the last pass: of what is loaded behind the last operands. */
  readonly load: number;
  readonly matmul: number;
  readonly vector: number;
  readonly store: number;
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
export function nestCost(machine: Machine, { steps, first, last, waits, overlap }: LoopNest): NestCost {
  let [load, matmul, vector, store, instructions] = [0, 0, 0, 0, 0];
  for (const step of steps) {
    const cycles = step.count * step.cycles;
    instructions += step.count;
    if (step.unit === 'load') load += cycles;
    else if (step.unit === 'matmul') matmul += cycles;
    else if (step.unit === 'vector') vector += cycles;
    else store += cycles;
  }
  const start = START_CYCLES + machine.memory.readLatency;
  const fetch = instructions * fetchCycles(machine);
  const behindMatmul = last.vector + last.store;
  let bound: NestBound = 'load';
  let longest = load - last.load + last.matmul + behindMatmul;
  const path = (name: NestBound, cycles: number) => {
    if (cycles <= longest) return;
    bound = name;
    longest = cycles;
  };
  path('matmul', first.load + matmul + behindMatmul);
  path('vector', first.load + first.matmul + vector + last.store);
  path('store', first.load + first.matmul + first.vector + store);
  for (const wait of waits) path('wait', wait.cycles + wait.share * matmul + behindMatmul);
  path('fetch', fetch + last.store);
  if (!overlap) path('turns', load + matmul + behindMatmul);
  const cycles = start + longest;
  const compute = overlap ? matmul : matmul + load;
  const others = load + compute + vector + store + fetch - Math.max(load, compute, vector, store, fetch);
  return { load, matmul, vector, store, fetch, cycles, bound, score: cycles + IMPERFECT_OVERLAP * others };
}
