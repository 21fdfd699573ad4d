/** What quantisation takes and gives. */

import type { ElementArray, Tensor } from '../../base/index.js';
import type { Graph } from '../graph/index.js';

/** Real value = scale * (integer - zeroPoint). */
export interface ActivationScale {
  readonly scale: number;
  readonly zeroPoint: number;
  /** The integer that stands for the framework's 0: -128 where it counts in uint8, 0 (the default) in int8. */
  readonly frameworkZero?: number;
}

/** Weights as integers with one scale per output channel (or one for all). */
export interface QuantizedWeights {
  /** Same shape as the float weights. */
  readonly data: ElementArray;
  readonly element: 'int4' | 'int8' | 'int16';
  readonly scale: readonly number[];
  /** The axis that several scales run along, where a framework has stated it. */
  readonly axis?: number;
}

/** A bias that a framework has quantised: real value = scale * integer. */
export interface QuantizedBias {
  /** Of the file: 64 bits stand with int16 activations. */
  readonly element: 'int32' | 'int64';
  readonly integers: ArrayLike<number>;
  /** One scale a channel. */
  readonly scale: readonly number[];
}

/**
 * A network of float operators with the integers they are to become: the common ground of calibration and of networks that
 * their framework has quantised.
 */
export interface Annotated {
  readonly graph: Graph;
  /** Scale of an activation value, if it has one. */
  activation(value: string): ActivationScale | undefined;
  /** Whether calibration met infinities or no numbers in a value: it has no scale, and stays on the host. */
  isInfinite?(value: string): boolean;
  /** Integer weights of a constant, if its framework quantised it. */
  weights(value: string): QuantizedWeights | undefined;
  /** The int32 bias of a constant, if its framework quantised it. */
  bias(value: string): QuantizedBias | undefined;
  /**
   * True: only some values have a scale, those without must be fused away, and a scale may stand behind an operator that moves
   * values only; false: every value has one, by calibration.
   */
  readonly sparse: boolean;
  /** True: the file was made for TFLite's kernels for int16 activations (two-roundings.ts). */
  readonly wideKernels?: boolean;
}

/** The bits of a quantised file's activations. */
export type StoredBits = 8 | 16;

/** Nodes that stay on the host although they have an integer form, by name, with the reason as a clause. */
export type Refused = ReadonlyMap<string, string>;

export interface QuantizeOptions {
  /** `min-max` (default) covers every calibration value; `percentile` clips outliers. */
  readonly observer?: 'min-max' | 'percentile';
  /** Share of values kept by the percentile observer, in percent (default 99.99). */
  readonly percentile?: number;
  /** Width of the requantiser's signed multiplier, 8 to 32 (default 32). */
  readonly multiplierBits?: number;
  /** Widths of activations, weights and accumulators (default 8, 8 and 32). */
  readonly elements?: ElementWidths;
  /** What no schedule takes, from an earlier attempt. */
  readonly refused?: Refused;
}

/** Bits of the integers that a network is quantised to. */
export interface ElementWidths {
  readonly activationBits: 4 | 8 | 16;
  readonly weightBits: 4 | 8 | 16;
  /** Of the sums of products, 12 to 32. */
  readonly accumulatorBits: number;
}

/** What a network is quantised for when nothing is said. */
export const defaultElements: ElementWidths = { activationBits: 8, weightBits: 8, accumulatorBits: 32 };

export interface QuantizedNetwork {
  /** Integer operators, with QuantizeLinear, DequantizeLinear and float operators where the host works. */
  readonly graph: Graph;
  /** One sentence for reports. */
  readonly summary: string;
}

export type Sample = ReadonlyMap<string, Tensor>;
