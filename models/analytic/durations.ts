/**
 * Running cycles D of on-chip instructions: the closed forms of docs/microarchitecture.md, section 3, stated once. The scheduler
 * weighs tilings with them, the timing engine adds them up; the Verilog has no other behaviour (test/verilog-compute). In: counts. Out: D, so that
 * an instruction accepted in cycle a runs in a + 1 ... a + D.
 */

import { type Machine, waveCycles } from '../machine/index.js';

/**
 * Cycles of a matmul besides tiles, vectors and the wave. Running cycle 1 reads weight row 0, 2 writes it into the array and reads
 * vector 0, 3 is S_0. The last vector enters in S_0 + (T-1)P + M-1 and is written to acc `waveCycles` later, in the
 * last running cycle: D = 3 + (T-1)P + M-1 + R + C - 1 + multiplier stages.
 */
export const MATMUL_FIXED = 2;

/**
 * Depth of the vector pipeline. A slice leaves the loop counters in running cycle i and is written to act VECTOR_FIXED cycles later:
 * 1 address, 2 read, 3 select, 4 operand, 5 reduce, 6 bias, 7 partial products, 8 product, 9 shift, 10 round, 11 clamp,
 * 12 look up and write. The counters need one running cycle a slice-cycle, N in all: D = N + 12.
 */
export const VECTOR_FIXED = 12;

/**
 * Of `add`: the scaled operand b of slice i leaves stage 10 while the counters are at slice i + 2 (3i + 1 + 10 = 3(i+2) + 5),
 * re-enters at stage 3 in front of the parameter read and is written 9 cycles later. Counted from the last of the N
 * slice-cycles (3i + 2): 9 + 9.
 */
export const ADD_FIXED = 18;

/** Cycles between the starts of consecutive weight tiles: P = max(M, R, 2). */
export function tilePeriod(machine: Machine, vectors: number): number {
  return Math.max(vectors, machine.array.rows, 2);
}

/**
 * Output-stationary: cycles between the starts of consecutive blocks of R pixels, P = max(T * R, 2 * R - 1). A product a cycle for each PE;
 * the sums of a block leave two cycles a row, and must be past a PE when it hands over the next one.
 */
export function blockPeriod(machine: Machine, tiles: number): number {
  const { rows } = machine.array;
  return Math.max(tiles * rows, 2 * rows - 1);
}

/**
 * D on an output-stationary array, B = ceil(M / R) blocks, L pixels in the last one: MATMUL_FIXED + B * P + 2 * L + C + multiplier
 * stages. Running cycle 1 addresses act row 0, whose element 0 is at PE(0, 0) in 4 and added K cycles later. The sums of the last block are handed over
 * P cycles after its start; pixel j of it is written to acc 2j + C cycles later.
 */
function outputStationaryCycles(machine: Machine, tiles: number, vectors: number): number {
  const { rows, columns, multiplierStages } = machine.array;
  const blocks = Math.ceil(vectors / rows);
  const lastPixels = vectors - (blocks - 1) * rows;
  const streaming = blocks * blockPeriod(machine, tiles);
  return MATMUL_FIXED + streaming + 2 * lastPixels + columns + multiplierStages;
}

/** D of a matmul of T weight tiles over M vectors: MATMUL_FIXED + (T-1) * P + M + R + C - 1 + multiplier stages, where weights rest in the array. */
export function matmulCycles(machine: Machine, tiles: number, vectors: number): number {
  if (machine.array.dataflow === 'output-stationary') return outputStationaryCycles(machine, tiles, vectors);
  return MATMUL_FIXED + (tiles - 1) * tilePeriod(machine, vectors) + vectors + waveCycles(machine);
}

/** D of a vector instruction of N slice-cycles. @param fixed ADD_FIXED for `add`, else VECTOR_FIXED. */
export function vectorCycles(sliceCycles: number, fixed: number = VECTOR_FIXED): number {
  return sliceCycles + fixed;
}
