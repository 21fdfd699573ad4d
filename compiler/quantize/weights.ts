/** Weights and biases as integers. */

import { clamp } from '../../base/index.js';
import type { QuantizedWeights } from './types.js';

/**
 * Symmetric int8 weights, one scale per output channel: scale = max|w| / 127, -128 unused.
 * @param rows weights in [channels, n] order.
 * @param least smallest scale of each channel: a channel whose weights are almost zero would otherwise get a scale so small
 *   that its bias, counted in input scale x weight scale, has no room in 32 bits.
 */
export function quantizeWeights(
  rows: ArrayLike<number>,
  channels: number,
  least: readonly number[] = [],
): QuantizedWeights {
  const length = rows.length / channels;
  const data = new Int8Array(rows.length);
  const scale: number[] = [];
  for (let c = 0; c < channels; c++) {
    let largest = 0;
    for (let i = c * length; i < (c + 1) * length; i++) largest = Math.max(largest, Math.abs(rows[i]!));
    const step = Math.max(Math.fround(largest / 127), least[c] ?? 0) || 1;
    scale.push(step);
    for (let i = c * length; i < (c + 1) * length; i++)
      data[i] = clamp(Math.round(rows[i]! / step), -127, 127);
  }
  return { data, scale };
}

/** The bias of a channel with the input's zero point folded in, and the largest |accumulator| that any input can cause. */
export interface FoldedBias {
  readonly bias: Int32Array;
  readonly bound: number;
}

/**
 * @param rows int8 weights in [channels, n] order
 * @param bias in units of input scale x weight scale, one a channel
 */
export function foldBias(rows: Int8Array, bias: readonly number[], zeroPoint: number): FoldedBias {
  const channels = bias.length;
  const length = rows.length / channels;
  const folded = new Int32Array(channels);
  let bound = 0;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    let magnitude = 0;
    for (let i = c * length; i < (c + 1) * length; i++) {
      sum += rows[i]!;
      magnitude += Math.abs(rows[i]!);
    }
    const value = bias[c]! - zeroPoint * sum;
    bound = Math.max(bound, Math.abs(value) + 128 * magnitude);
    folded[c] = clamp(value, -(2 ** 31), 2 ** 31 - 1);
  }
  return { bias: folded, bound };
}
