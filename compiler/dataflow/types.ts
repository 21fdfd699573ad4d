/**
 * The systolic-array dataflow IR. A Dataflow is the program of one network on one machine before encoding: DRAM tensors with
 * address and shape, then layers of operations on explicit buffer addresses, with explicit semaphores. Operations are
 * the instruction table's mnemonics with the same field names, but their numbers may be affine in the variables of
 * enclosing loops, and a DRAM address is a tensor plus an offset. Operations of one unit execute in program order;
 * units run concurrently and meet only through `wait` and `signal`.
 *
 * Text form (grammar: dataflow.ohm): parse and print are inverse. `verifyDataflow` finds every illegal program; what passes
 * runs on every engine.
 */

import type { ElementType, SourceSpan } from '../../base/index.js';
import type { BlockedLayout, KeptResult, Mnemonic, SegmentKind, UnitName } from '../isa/index.js';

/** constant + sum of coefficient * loop variable. A plain number is a constant. */
export type Affine =
  | number
  | {
      readonly constant: number;
      readonly terms: readonly { readonly variable: string; readonly coefficient: number }[];
    };

/** A place in DRAM: byte offset from the start of a declared tensor. */
export interface DramReference {
  readonly tensor: string;
  readonly offset: Affine;
}

export interface DataflowTensor {
  readonly name: string;
  readonly kind: SegmentKind;
  readonly address: number;
  readonly bytes: number;
  readonly element: ElementType;
  /** Activation tensors. */
  readonly layout?: BlockedLayout;
  /** Graph value it holds. */
  readonly value?: string;
}

export interface Operation {
  readonly kind: 'operation';
  readonly mnemonic: Exclude<Mnemonic, 'end'>;
  readonly wait: readonly UnitName[];
  readonly signal: readonly UnitName[];
  /** Every field of the mnemonic except `dram`. */
  readonly fields: Readonly<Record<string, Affine>>;
  /** load and store only. */
  readonly dram?: DramReference;
  readonly span?: SourceSpan;
}

/** `for variable in 0..count { body }`. */
export interface Loop {
  readonly kind: 'loop';
  readonly variable: string;
  readonly count: number;
  readonly body: readonly Statement[];
  readonly span?: SourceSpan;
}

export type Statement = Operation | Loop;

export interface DataflowLayer {
  readonly name: string;
  /** Graph node and operator that it implements. */
  readonly node: string;
  readonly operator: string;
  /** Network MACs of the layer. */
  readonly macs: number;
  /** Name of the tensor that holds its result afterwards. */
  readonly output: string;
  /** Where the result lies in act, when it is not stored: the tensor then states its shape only. */
  readonly kept?: KeptResult;
  readonly body: readonly Statement[];
  readonly span?: SourceSpan;
}

export interface Dataflow {
  readonly name: string;
  readonly machine: string;
  readonly tensors: readonly DataflowTensor[];
  readonly layers: readonly DataflowLayer[];
}

/** Contents of the constant tensors (weights, parameters, tables) by tensor name; kept beside the text. */
export type DataImage = ReadonlyMap<string, Uint8Array>;
