/**
 * How many cycles an on-chip instruction runs: the closed forms of models/analytic applied to an instruction's fields. Out: D, so that an
 * instruction accepted in cycle a runs in a + 1 ... a + D.
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import {
  ADD_FIXED,
  matmulCycles as cyclesOfMatmul,
  vectorCycles as cyclesOfVector,
  VECTOR_FIXED,
} from '../../models/analytic/index.js';
import type { Machine } from '../../models/machine/index.js';

type FieldsOf<M extends 'matmul' | 'fill'> = InstructionOf<M>['fields'];

/** The instructions of the vector unit. */
export type VectorMnemonic = 'requant' | 'pool' | 'dwconv' | 'rescale' | 'add';

/** D of a matmul. */
export function matmulCycles(machine: Machine, f: FieldsOf<'matmul'>): number {
  return cyclesOfMatmul(machine, f.nkb * f.nky * f.nkx, f.ny * f.nx);
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
export function vectorCycles(mnemonic: VectorMnemonic, fields: VectorLoops): number {
  return cyclesOfVector(vectorSliceCycles(mnemonic, fields), mnemonic === 'add' ? ADD_FIXED : VECTOR_FIXED);
}

/** D of a fill: one row a cycle. */
export function fillCycles(fields: FieldsOf<'fill'>): number {
  return fields.rows * fields.runs * fields.planes;
}

/** D of a sync, on any unit. */
export const SYNC_CYCLES = 1;
