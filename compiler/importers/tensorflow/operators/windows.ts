/** Convolutions and pooling. Weights are [kernel..., in, out] in the file and [out, in, kernel...] in the graph. */

import { type Shaped, type WindowSpec, windowPads } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import { type MappingTable, picture, type TensorflowMapping } from './mapping.js';

/** A picture, channels first. */
interface Field {
  readonly value: string;
  readonly shape: readonly number[];
  /** The result of a node over it, in whichever layout the file has. */
  result(value: string): Shaped;
  /** One number for every spatial axis out of a list over all axes. */
  spatial(list: readonly number[]): number[];
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

export function field(call: TensorflowCall, index: number): Field {
  const { value, form, nhwc } = picture(call, index);
  const { shape } = call.values.builder.value(value).type;
  const spatial = (list: readonly number[]) => (nhwc ? list.slice(1, -1) : list.slice(2));
  return { value, shape, spatial, result: (v) => ({ value: v, form }) };
}

interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** A step for every axis of the file, reduced to the spatial ones. */
function steps(call: TensorflowCall, at: Field, name: string): number[] {
  const list = call.numbers(name);
  const rank = at.shape.length;
  const all = list.length === rank ? list : new Array<number>(rank).fill(1);
  if (list.length !== 0 && list.length !== rank) call.refuse(`"${name}" does not have ${rank} numbers`);
  const found = at.spatial(all);
  if (all.some((step) => !Number.isInteger(step) || step < 1)) call.refuse(`${name} [${all.join(', ')}]`);
  if (all.reduce((p, s) => p * s, 1) !== found.reduce((p, s) => p * s, 1))
    call.refuse(`${name} [${all.join(', ')}] step over samples or channels`);
  return found;
}

/** Padding before and after each spatial axis, as the graph lists it. */
function padsOf(
  call: TensorflowCall,
  at: Field,
  kernel: readonly number[],
  extents: readonly number[],
): Window {
  const [strides, dilations] = [steps(call, at, 'strides'), steps(call, at, 'dilations')];
  if (kernel.some((extent) => !Number.isInteger(extent) || extent < 1))
    call.refuse(`[${kernel.join(', ')}] is no kernel`);
  const padding = call.text('padding', '');
  if (padding === 'VALID') return { strides, dilations, pads: kernel.flatMap(() => [0, 0]) };
  if (padding === 'SAME') {
    // windowPads works for any number of axes; its type states two.
    const spec = { kernel, strides, dilations, padding } as unknown as WindowSpec;
    return { strides, dilations, pads: windowPads(spec, extents) };
  }
  if (padding !== 'EXPLICIT') call.refuse(`padding "${padding}" is not supported`);
  const list = call.numbers('explicit_paddings');
  const at2 = (side: number) =>
    at.spatial(range(0, at.shape.length).map((axis) => list[2 * axis + side] ?? 0));
  return { strides, dilations, pads: [...at2(0), ...at2(1)] };
}

/** Weights as a value of the graph with axes permuted, then of another shape. */
function weights(
  call: TensorflowCall,
  index: number,
  perm: readonly number[],
  shape: readonly number[],
): string {
  const stem = `${call.stem}.weights`;
  const origin = { name: call.place.node, operator: call.place.operator };
  const moved = call.values.node('Transpose', [call.last(index)], { perm }, stem, origin);
  return call.values.node('Reshape', [moved], { shape }, stem, origin);
}

/** Shape of the weights, which have two axes more than the kernel. */
function weightShape(call: TensorflowCall, index: number, rank: number): readonly number[] {
  const { shape } = call.type(index);
  return shape.length === rank ? shape : call.refuse(`its weights have rank ${shape.length}, not ${rank}`);
}

/** @param bias a value [out], where one is fused in. */
export function convolved(call: TensorflowCall, bias?: string): Shaped {
  const at = field(call, 0);
  const stored = weightShape(call, 1, at.shape.length);
  const kernel = stored.slice(0, -2);
  const [depth, out] = stored.slice(-2) as [number, number];
  const perm = [stored.length - 1, stored.length - 2, ...range(0, kernel.length)];
  const w = weights(call, 1, perm, [out, depth, ...kernel]);
  const group = at.shape[1]! / depth;
  const inputs = [at.value, w, ...(bias === undefined ? [] : [bias])];
  return at.result(call.op('Conv', inputs, { ...padsOf(call, at, kernel, at.shape.slice(2)), group }));
}

/** Weights [h, w, channels, multiplier] make channel c * multiplier + m of channel c. */
export function depthwise(call: TensorflowCall, bias?: string): Shaped {
  const at = field(call, 0);
  const [h, w, channels, multiplier] = weightShape(call, 1, 4) as [number, number, number, number];
  const moved = weights(call, 1, [2, 3, 0, 1], [channels * multiplier, 1, h, w]);
  const inputs = [at.value, moved, ...(bias === undefined ? [] : [bias])];
  const attributes = { ...padsOf(call, at, [h, w], at.shape.slice(2)), group: channels };
  return at.result(call.op('Conv', inputs, attributes));
}

/** The gradient of a convolution: input 0 states the shape of the result. */
const transposed: TensorflowMapping = (call) => {
  const target = call.integers(0);
  const at = field(call, 2);
  const stored = weightShape(call, 1, at.shape.length);
  const kernel = stored.slice(0, -2);
  const [out, depth] = stored.slice(-2) as [number, number];
  const extents = target.length === at.shape.length ? at.spatial(target) : [...target];
  if (extents.length !== kernel.length) call.refuse(`[${target.join(', ')}] is not the shape of a picture`);
  const window = padsOf(call, at, kernel, extents);
  const { strides, dilations, pads } = window;
  const outputPadding = extents.map((extent, i) => {
    const natural = strides[i]! * (at.shape[i + 2]! - 1) + dilations[i]! * (kernel[i]! - 1) + 1;
    return extent - natural + pads[i]! + pads[i + kernel.length]!;
  });
  if (outputPadding.some((p) => p < 0)) call.refuse(`it cannot have the extents [${extents.join(', ')}]`);
  const perm = [stored.length - 1, stored.length - 2, ...range(0, kernel.length)];
  const w = weights(call, 1, perm, [depth, out, ...kernel]);
  call.finish(at.result(call.op('ConvTranspose', [at.value, w], { ...window, outputPadding, group: 1 })));
};

const pool =
  (operator: 'MaxPool' | 'AveragePool'): TensorflowMapping =>
  (call) => {
    const at = field(call, 0);
    const all = call.numbers('ksize');
    const kernel = at.spatial(all);
    if (
      all.length !== at.shape.length ||
      all.reduce((p, k) => p * k, 1) !== kernel.reduce((p, k) => p * k, 1)
    )
      call.refuse(`window [${all.join(', ')}] is not over pixels`);
    const { strides, pads } = padsOf(call, at, kernel, at.shape.slice(2));
    call.finish(at.result(call.op(operator, [at.value], { kernel, strides, pads })));
  };

export const windowMappings: MappingTable = {
  Conv2D: (call) => call.finish(convolved(call)),
  DepthwiseConv2dNative: (call) => call.finish(depthwise(call)),
  Conv2DBackpropInput: transposed,
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
};
