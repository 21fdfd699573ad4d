/**
 * How many cycles an on-chip instruction runs: the closed forms D of docs/microarchitecture.md, section 3. In: the Machine and
 * the instruction's fields. Out: D, so that an instruction accepted in cycle a runs in a + 1 ... a + D. The Verilog
 * has no other behaviour: test/verilog-compute holds it to these numbers.
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';

type FieldsOf<M extends 'matmul' | 'fill'> = InstructionOf<M>['fields'];

/** The instructions of the vector unit. */
export type VectorMnemonic = 'requant' | 'pool' | 'dwconv' | 'rescale' | 'add';

/**
 * Cycles of a matmul besides tiles, vectors and the wave. Running cycle 1 reads weight row 0, 2 writes it into the array and reads
 * vector 0, 3 is S_0. The last vector enters in S_0 + (T-1)P + M-1 and is written to acc R + C cycles later, in the
 * last running cycle: D = 3 + (T-1)P + M-1 + R + C.
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

/** D of a matmul: MATMUL_FIXED + (T-1) * max(M, R, 2) + M + R + C. */
export function matmulCycles(machine: Machine, fields: FieldsOf<'matmul'>): number {
  const { rows, columns } = machine.array;
  const tiles = fields.nkb * fields.nky * fields.nkx;
  const vectors = fields.ny * fields.nx;
  const period = Math.max(vectors, rows, 2);
  return MATMUL_FIXED + (tiles - 1) * period + vectors + rows + columns;
}

/** The fields of a vector instruction that its duration depends on. */
export interface VectorLoops {
  readonly ny: number;
  readonly nx: number;
  readonly slices: number;
  /** Window of pool and dwconv. */
  readonly nky?: number;
  readonly nkx?: number;
}

/** Slice-cycles N of a vector instruction: cycles in which its loop counters run. */
export function vectorSliceCycles(mnemonic: VectorMnemonic, fields: VectorLoops): number {
  const { ny, nx, slices, nky = 1, nkx = 1 } = fields;
  const passes = mnemonic === 'add' ? 3 : 1;
  return ny * nx * slices * nky * nkx * passes;
}

/** D of a vector instruction: N plus a constant of the mnemonic, the same on every machine. */
export function vectorCycles(_machine: Machine, mnemonic: VectorMnemonic, fields: VectorLoops): number {
  return vectorSliceCycles(mnemonic, fields) + (mnemonic === 'add' ? ADD_FIXED : VECTOR_FIXED);
}

/** D of a fill: one row a cycle. */
export function fillCycles(fields: FieldsOf<'fill'>): number {
  return fields.rows * fields.runs * fields.planes;
}

/** D of a sync, on any unit. */
export const SYNC_CYCLES = 1;
