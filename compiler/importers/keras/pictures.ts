/** Layers that crop, enlarge, transpose or normalise pictures, and convolutions in two parts or backwards. */

import { float32Tensor } from '../../../base/index.js';
import {
  commonForm,
  convolution,
  elementwise,
  inForm,
  type Shaped,
  scalar,
  transpose,
} from '../channels-last/index.js';
import { activate, inputOf } from './activations.js';
import type { LayerCall } from './call.js';
import { kernelOf, permuted, usesBias, windowOf } from './windowed.js';

/** A depthwise convolution with the layer's strides and padding, then a 1x1 one with bias. */
export function separableConv2d(call: LayerCall): void {
  const kernel = kernelOf(call);
  const channels = call.rank(call.input, 4)[3]!;
  const multiplier = call.number('depth_multiplier', 1);
  const filters = call.number('filters');
  const between = channels * multiplier;
  const rows = permuted(
    call.weight('depthwise_kernel', [kernel[0]!, kernel[1]!, channels, multiplier]),
    [2, 3, 0, 1],
  );
  const depthwise = call.constant('depthwise', { ...rows, shape: [between, 1, kernel[0]!, kernel[1]!] });
  const window = windowOf(call, kernel);
  const first = convolution(
    call,
    call.input,
    { weights: depthwise, bias: undefined, group: channels },
    window,
  );
  const weights = call.constant(
    'pointwise',
    permuted(call.weight('pointwise_kernel', [1, 1, between, filters]), [3, 2, 0, 1]),
  );
  const bias = usesBias(call) ? [call.constant('bias', call.weight('bias', [filters]))] : [];
  const value = call.op('Conv', [first.value, weights, ...bias], {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    group: 1,
  });
  call.finish(activate(call, { value, form: 'first' }));
}

/** The kernel is [h, w, out, in]; `same` makes extents times strides. */
export function conv2dTranspose(call: LayerCall): void {
  const kernel = kernelOf(call);
  const channels = call.rank(call.input, 4)[3]!;
  const filters = call.number('filters');
  const { strides, dilations, padding } = windowOf(call, kernel);
  if ((call.layer.config.output_padding ?? null) !== null) call.refuse('"output_padding" is not supported');
  if (dilations.some((d) => d !== 1)) call.refuse('a dilated transposed convolution is not supported');
  const spare = strides.map((stride, i) => kernel[i]! - stride);
  const total = spare.map((s) => (padding === 'SAME' ? Math.max(0, s) : 0));
  const before = total.map((t) => Math.floor(t / 2));
  const pads = [...before, ...total.map((t, i) => t - before[i]!)];
  const outputPadding = spare.map((s) => Math.max(0, -s));
  const stored = call.weight('kernel', [kernel[0]!, kernel[1]!, filters, channels]);
  const weights = call.constant('weights', permuted(stored, [3, 2, 0, 1]));
  const bias = usesBias(call) ? [call.constant('bias', call.weight('bias', [filters]))] : [];
  const attributes = { strides, dilations, pads, outputPadding, group: 1 };
  const value = call.op('ConvTranspose', [call.values.first(call.input), weights, ...bias], attributes);
  call.finish(activate(call, { value, form: 'first' }));
}

/** Each pixel becomes `size` pixels, or what lies between. */
export function upSampling2d(call: LayerCall): void {
  call.requireChannelsLast();
  const [n, height, width, channels] = call.rank(call.input, 4) as [number, number, number, number];
  const [down, across] = call.numbers('size', 2, [2, 2]) as [number, number];
  const kind = call.text('interpolation', 'nearest');
  if (kind !== 'nearest' && kind !== 'bilinear') call.refuse(`the interpolation "${kind}" is not supported`);
  const attributes =
    kind === 'nearest'
      ? { mode: 'nearest', coordinateMode: 'asymmetric', nearestMode: 'floor' }
      : { mode: 'linear', coordinateMode: 'half_pixel' };
  const sizes = [n, channels, height * down, width * across];
  call.finish({
    value: call.op('Resize', [call.values.first(call.input)], { ...attributes, sizes }),
    form: 'first',
  });
}

export function cropping2d(call: LayerCall): void {
  call.requireChannelsLast();
  const [, height, width] = call.rank(call.input, 4) as [number, number, number, number];
  const given = call.layer.config.cropping ?? 0;
  const sides = Array.isArray(given) ? given : [given, given];
  const pairs = sides.map((side): readonly [number, number] =>
    Array.isArray(side) ? [Number(side[0]), Number(side[1])] : [Number(side), Number(side)],
  );
  if (pairs.length !== 2 || !pairs.flat().every((side) => Number.isInteger(side) && side >= 0))
    call.refuse('"cropping" does not fit two axes');
  const ends = [height - pairs[0]![1], width - pairs[1]![1]];
  if (ends.some((end, i) => end <= pairs[i]![0])) call.refuse('nothing is left of the picture');
  const attributes = { starts: pairs.map((pair) => pair[0]), ends, axes: [2, 3], steps: [1, 1] };
  call.finish({ value: call.op('Slice', [call.values.first(call.input)], attributes), form: 'first' });
}

/** `dims` counts axes from 1; the batch stays in front. */
export function permute(call: LayerCall): void {
  const rank = call.shape.length;
  const dims = call.numbers('dims', rank - 1);
  if ([...dims].sort((a, b) => a - b).some((dim, i) => dim !== i + 1))
    call.refuse('"dims" is no permutation');
  call.finish(transpose(call, call.input, [0, ...dims]));
}

/** The slope has an element for each of the input's, but for the axes that share one. */
export function prelu(call: LayerCall): void {
  const { shape } = call;
  const shared = (call.layer.config.shared_axes ?? []) as readonly number[];
  const each = shape.slice(1).map((extent, i) => (shared.includes(i + 1) ? 1 : extent));
  const stored = call.weight('alpha', each);
  const form = commonForm(call, [call.input]);
  const slope = call.constant('slope', { ...stored, shape: [1, ...each] });
  const ordered = form === 'first' ? call.op('Transpose', [slope], { perm: [0, 3, 1, 2] }) : slope;
  call.finish({ value: call.op('PRelu', [inForm(call, call.input, form), ordered]), form });
}

/** Over the last axis, as it stands in the file. */
export function layerNormalization(call: LayerCall): void {
  const { shape } = call;
  const given = call.layer.config.axis ?? -1;
  const axes = Array.isArray(given) ? given.map(Number) : [Number(given)];
  if (axes.length !== 1 || call.axis(axes[0]!, shape.length) !== shape.length - 1)
    call.refuse('only the last axis is supported');
  const c = shape.at(-1)!;
  const filled = (value: number) => float32Tensor([c], new Float32Array(c).fill(value));
  const gamma = call.flag('scale', true) ? call.weight('gamma', [c]) : filled(1);
  const beta = call.flag('center', true) ? call.weight('beta', [c]) : filled(0);
  const inputs = [call.values.last(call.input), call.constant('gamma', gamma), call.constant('beta', beta)];
  const value = call.op('LayerNormalization', inputs, {
    axis: shape.length - 1,
    epsilon: call.number('epsilon', 1e-3),
  });
  call.finish({ value, form: 'last' });
}

export function subtract(call: LayerCall): void {
  if (call.inputs.length !== 2) call.refuse('it reads other than two tensors');
  call.finish(elementwise(call, 'Sub', call.inputs));
}

/** The sum of the inputs, divided by their number. */
export function average(call: LayerCall): void {
  const [first, ...rest] = call.inputs;
  if (first === undefined || rest.length === 0) call.refuse('it reads less than two tensors');
  let sum: Shaped = { value: '', form: 'last' };
  let name = first;
  for (const [i, next] of rest.entries()) {
    sum = elementwise(call, 'Add', [name, next]);
    name = `${call.output}.part${i}`;
    call.values.bind(name, sum);
  }
  call.finish(scaled(call, sum, 1 / call.inputs.length));
}

function scaled(call: LayerCall, x: Shaped, factor: number): Shaped {
  return { value: call.op('Mul', [x.value, scalar(call, factor)]), form: x.form };
}

/** x * scale + offset; one number each. */
export function rescaling(call: LayerCall): void {
  const x = scaled(call, inputOf(call), call.number('scale'));
  const offset = call.number('offset', 0);
  call.finish(offset === 0 ? x : { value: call.op('Add', [x.value, scalar(call, offset)]), form: x.form });
}
