/** What quantisation takes and gives. */

import type { Tensor } from '../../base/index.js';
import type { Graph } from '../graph/index.js';

/** Real value = scale * (integer - zeroPoint), integer in int8. */
export interface ActivationScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Weights as integers with one scale per output channel (or one for all). */
export interface QuantizedWeights {
  /** int8, same shape as the float weights. */
  readonly data: Int8Array;
  readonly scale: readonly number[];
  /** The axis that several scales run along, where a framework has stated it. */
  readonly axis?: number;
}

/** A bias that a framework has quantised: real value = scale * integer. */
export interface QuantizedBias {
  readonly integers: Int32Array;
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
  /** Integer weights of a constant, if its framework quantised it. */
  weights(value: string): QuantizedWeights | undefined;
  /** The int32 bias of a constant, if its framework quantised it. */
  bias(value: string): QuantizedBias | undefined;
  /**
   * True: only some values have a scale, those without must be fused away, and a scale may stand behind an operator that moves
   * values only; false: every value has one, by calibration.
   */
  readonly sparse: boolean;
}

export interface QuantizeOptions {
  /** `min-max` (default) covers every calibration value; `percentile` clips outliers. */
  readonly observer?: 'min-max' | 'percentile';
  /** Share of values kept by the percentile observer, in percent (default 99.99). */
  readonly percentile?: number;
  /** Width of the requantiser's signed multiplier, 8 to 32 (default 32). */
  readonly multiplierBits?: number;
}

export interface QuantizedNetwork {
  /** Integer operators, with QuantizeLinear, DequantizeLinear and float operators at the ends. */
  readonly graph: Graph;
  /** One sentence for reports. */
  readonly summary: string;
}

export type Sample = ReadonlyMap<string, Tensor>;
