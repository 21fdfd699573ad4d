/**
 * The convolution kernel of the evaluator: float64 sums over plain number arrays, used by Conv and QLinearConv.
 * For every weight the whole output plane is updated row by row: the inner loop walks memory in order.
 */

import type { Numbers } from './numeric.js';
import type { Window } from './window.js';

export interface Convolution {
  readonly window: Window;
  readonly group: number;
  /** [N, C, H, W] */
  readonly input: readonly [number, number, number, number];
  /** [O, H, W] of one output sample */
  readonly output: readonly [number, number, number];
}

/**
 * Sums of products, without bias.
 * @param x elements of the input, [N, C, H, W]
 * @param w elements of the weights, [O, C / group, kh, kw]
 * @returns [N, O, OH, OW]
 */
export function convolve(x: Numbers, w: Numbers, convolution: Convolution): Float64Array {
  const geometry = flattened(convolution);
  const { input, output, group } = geometry;
  const [samples, channels, height, width] = input;
  const [outChannels, outHeight, outWidth] = output;
  const perGroup = channels / group;
  const outPerGroup = outChannels / group;
  const taps = convolution.window.kernel[0] * convolution.window.kernel[1];
  const sums = new Float64Array(samples * outChannels * outHeight * outWidth);
  for (let n = 0; n < samples; n++) {
    for (let o = 0; o < outChannels; o++) {
      const firstChannel = Math.floor(o / outPerGroup) * perGroup;
      const plane = sums.subarray((n * outChannels + o) * outHeight * outWidth);
      for (let c = 0; c < perGroup; c++) {
        const base = (n * channels + firstChannel + c) * height * width;
        addPlane(plane, x, base, w, (o * perGroup + c) * taps, geometry);
      }
    }
  }
  return sums;
}

/** A 1x1 kernel that touches every element is one long row: the inner loop then runs over the whole plane. */
function flattened(convolution: Convolution): Convolution {
  const { window, input, output } = convolution;
  const touchesAll = [...window.kernel, ...window.strides].every((v) => v === 1);
  if (!touchesAll || window.pads.some((p) => p !== 0)) return convolution;
  const [n, c, h, w] = input;
  return { ...convolution, input: [n, c, 1, h * w], output: [output[0], 1, h * w] };
}

/** Adds one input plane, weighted by one kernel slice, to one output plane. */
function addPlane(
  plane: Float64Array,
  x: Numbers,
  base: number,
  w: Numbers,
  weightBase: number,
  { window, input, output }: Convolution,
): void {
  const [, , height, width] = input;
  const [, outHeight, outWidth] = output;
  const { kernel, strides, dilations, pads } = window;
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let kx = 0; kx < kernel[1]; kx++) {
      const weight = w[weightBase + ky * kernel[1] + kx]!;
      if (weight === 0) continue;
      const shift = kx * dilations[1] - pads[1];
      // Only the outputs whose input column lies inside: 0 <= ox * stride + shift < width.
      const from = Math.max(0, Math.ceil(-shift / strides[1]));
      const to = Math.min(outWidth, Math.floor((width - 1 - shift) / strides[1]) + 1);
      for (let oy = 0; oy < outHeight; oy++) {
        const iy = oy * strides[0] - pads[0] + ky * dilations[0];
        if (iy < 0 || iy >= height) continue;
        addRow(plane, oy * outWidth, x, base + iy * width + shift, strides[1], from, to, weight);
      }
    }
  }
}

function addRow(
  plane: Float64Array,
  out: number,
  x: Numbers,
  row: number,
  stride: number,
  from: number,
  to: number,
  weight: number,
): void {
  if (stride === 1) for (let i = from; i < to; i++) plane[out + i]! += weight * x[row + i]!;
  else for (let i = from; i < to; i++) plane[out + i]! += weight * x[row + i * stride]!;
}
