/** Weights and biases as integers. */

import { clamp, type ElementArray, elementArray, integerRange } from '../../base/index.js';
import type { ElementWidths, QuantizedWeights } from './types.js';

/**
 * Symmetric weights of `bits` bits, one scale per output channel: scale = max|w| / 127 for 8 bits, -128 unused.
 * @param rows weights in [channels, n] order.
 * @param least smallest scale of each channel: a channel whose weights are almost zero would otherwise get a scale so small
 *   that its bias, counted in input scale x weight scale, has no room in 32 bits.
 */
export function quantizeWeights(
  rows: ArrayLike<number>,
  channels: number,
  { least = [], bits = 8 }: { readonly least?: readonly number[]; readonly bits?: 4 | 8 | 16 } = {},
): QuantizedWeights {
  const limit = integerRange(bits).max;
  const length = rows.length / channels;
  const data = elementArray(bits, rows.length);
  const scale: number[] = [];
  for (let c = 0; c < channels; c++) {
    let largest = 0;
    for (let i = c * length; i < (c + 1) * length; i++) largest = Math.max(largest, Math.abs(rows[i]!));
    const step = Math.max(Math.fround(largest / limit), least[c] ?? 0) || 1;
    scale.push(step);
    for (let i = c * length; i < (c + 1) * length; i++)
      data[i] = clamp(Math.round(rows[i]! / step), -limit, limit);
  }
  return { data, scale, element: `int${bits}` };
}

/** The bias of a channel with the input's zero point folded in, and the largest |accumulator| that any input can cause. */
export interface FoldedBias {
  readonly bias: Int32Array;
  readonly bound: number;
}

/**
 * @param rows integer weights in [channels, n] order
 * @param bias in units of input scale x weight scale, one a channel
 * @param input its zero point and largest magnitude
 */
export function foldBias(
  rows: ElementArray,
  bias: readonly number[],
  input: { readonly zeroPoint: number; readonly largest: number },
): FoldedBias {
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
    const value = bias[c]! - input.zeroPoint * sum;
    bound = Math.max(bound, Math.abs(value) + input.largest * magnitude);
    folded[c] = clamp(value, -(2 ** 31), 2 ** 31 - 1);
  }
  return { bias: folded, bound };
}

/**
 * The smallest weight scale of each channel at which no sum of products with activations of 16 bits leaves a half of the accumulator: wide
 * elements have more bits than it has room for, so weights give way.
 * @param rows weights in [channels, n] order
 */
export function roomyScales(
  rows: ArrayLike<number>,
  channels: number,
  widths: ElementWidths,
): readonly number[] {
  const length = rows.length / channels;
  const budget = 2 ** (widths.accumulatorBits - 2 - (widths.activationBits - 1));
  return Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = c * length; i < (c + 1) * length; i++) sum += Math.abs(rows[i]!);
    return sum / budget;
  });
}
