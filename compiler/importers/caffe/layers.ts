/** What each type of Caffe layer means, by the documentation and layer code of Caffe 1.0. */

import { elementCount, tensor } from '../../../base/index.js';
import type { LayerCall, Mapping } from './call.js';
import type { Parameter } from './net.js';
import { convolution, deconvolution, pooling } from './window.js';

const number = (parameter: Parameter, name: string): number => Number(parameter[name]);

function innerProduct(call: LayerCall): void {
  const p = call.parameter('inner_product_param');
  const axis = call.axis(number(p, 'axis'));
  const shape = call.shape();
  const inputs = elementCount(shape.slice(axis));
  const outputs = number(p, 'num_output');
  if (!(outputs > 0)) call.refuse('num_output is missing');
  if (axis !== 1) call.refuse(`inner products from axis ${axis} on are not supported, only from axis 1`);
  const flat = shape.length === 2 ? call.input : call.step('Flatten', [call.input], { axis })[0]!;
  const transposed = p.transpose === true;
  const weights = call.weights(0, 'weights', transposed ? [inputs, outputs] : [outputs, inputs], inputs);
  const bias = p.bias_term === true ? [call.weights(1, 'bias', [outputs], 0)] : [];
  call.emit('Gemm', [flat, weights, ...bias], { transB: !transposed });
}

function relu(call: LayerCall): void {
  const slope = number(call.parameter('relu_param'), 'negative_slope');
  if (slope === 0) call.emit('Relu', [call.input]);
  else call.emit('LeakyRelu', [call.input], { alpha: slope });
}

/** max(x, 0) + slope * min(x, 0), a slope a channel. */
function prelu(call: LayerCall): void {
  const shape = call.shape();
  const shared = call.parameter('prelu_param').channel_shared === true;
  const count = shared ? 1 : shape[1]!;
  const slopes = call.hasBlobs ? call.weightData(0, [count], 0) : new Float32Array(count).fill(0.25);
  const slope = call.constant('slope', tensor('float32', [count, ...shape.slice(2).map(() => 1)], slopes));
  const zero = call.constant('zero', tensor('float32', [1], Float32Array.of(0)));
  const [negative] = call.step('Min', [call.input, zero]);
  const [scaled] = call.step('Mul', [negative!, slope]);
  const [positive] = call.step('Relu', [call.input]);
  call.emit('Add', [positive!, scaled!]);
}

/** Across channels Caffe has ONNX's formula, k + alpha / n * sum over the window. */
function localResponse(call: LayerCall): void {
  const p = call.parameter('lrn_param');
  const [size, alpha, beta] = [number(p, 'local_size'), number(p, 'alpha'), number(p, 'beta')];
  if (size % 2 === 0) call.refuse(`local_size is ${size}; it must be odd`);
  if (p.norm_region === 'ACROSS_CHANNELS') {
    call.emit('LRN', [call.input], { size, alpha, beta, bias: number(p, 'k') });
    return;
  }
  // Within a channel: x * (1 + alpha * mean of squares over size x size) ^ -beta; the power as exp(-beta * log).
  const [square] = call.step('Mul', [call.input, call.input]);
  const pad = (size - 1) / 2;
  const window = { kernel: [size, size], strides: [1, 1], pads: [pad, pad, pad, pad], countIncludePad: true };
  const [mean] = call.step('AveragePool', [square!], window);
  const [scaled] = call.step('Mul', [mean!, scalar(call, 'alpha', alpha)]);
  const [base] = call.step('Add', [scaled!, scalar(call, 'one', 1)]);
  const [logarithm] = call.step('Log', [base!]);
  const [exponent] = call.step('Mul', [logarithm!, scalar(call, 'beta', -beta)]);
  call.emit('Mul', [call.input, call.step('Exp', [exponent!])[0]!]);
}

/** Stored mean and variance are sums; the third blob says of how many terms (1 / 0 in Caffe: taken as 0). */
function batchNorm(call: LayerCall): void {
  const channels = call.shape()[1]!;
  const constant = (role: string, data: Float32Array) =>
    call.constant(role, tensor('float32', [channels], data));
  const ones = new Float32Array(channels).fill(1);
  const trained = call.hasBlobs;
  const terms = trained ? call.weightData(2, [1], 0)[0]! : 1;
  const scale = terms === 0 ? 0 : 1 / terms;
  const statistic = (index: number) => call.weightData(index, [channels], 0).map((v) => v * scale);
  const [mean, variance] = trained ? [statistic(0), statistic(1)] : [new Float32Array(channels), ones];
  call.emit(
    'BatchNormalization',
    [
      call.input,
      constant('one', ones),
      constant('zero', new Float32Array(channels)),
      constant('mean', mean),
      constant('variance', variance),
    ],
    { epsilon: number(call.parameter('batch_norm_param'), 'eps') },
  );
}

/** A factor and an offset a channel: a normalisation with mean 0 and variance 1, so that passes fold it into a convolution. */
function perChannel(call: LayerCall, kind: string, scales: boolean, shifts: boolean): void {
  const p = call.parameter(kind);
  if (call.layer.bottoms.length !== 1)
    call.refuse('two bottoms are not supported: the second must be learnt');
  if (call.axis(number(p, 'axis')) !== 1 || number(p, 'num_axes') !== 1)
    call.refuse('only axis 1 is supported');
  const channels = call.shape()[1]!;
  const constant = (role: string, data: Float32Array) =>
    call.constant(role, tensor('float32', [channels], data));
  const filled = (value: number) => new Float32Array(channels).fill(value);
  const learnt = (index: number, fill: number) =>
    call.hasBlobs ? call.weightData(index, [channels], 0) : filled(fill);
  const scale = constant('scale', scales ? learnt(0, 1) : filled(1));
  const shift = constant('shift', shifts ? learnt(scales ? 1 : 0, 0) : filled(0));
  call.emit(
    'BatchNormalization',
    [call.input, scale, shift, constant('zero', filled(0)), constant('one', filled(1))],
    { epsilon: 0 },
  );
}

function concat(call: LayerCall): void {
  const p = call.parameter('concat_param');
  const stated = number(p, 'concat_dim') !== 1 ? number(p, 'concat_dim') : number(p, 'axis');
  call.emit('Concat', call.inputs, { axis: call.axis(stated) });
}

function slice(call: LayerCall): void {
  const p = call.parameter('slice_param');
  const axis = call.axis(number(p, 'slice_dim') !== 1 ? number(p, 'slice_dim') : number(p, 'axis'));
  const extent = call.shape()[axis]!;
  const count = call.layer.tops.length;
  const points = p.slice_point as readonly number[];
  if (points.length > 0 && points.length !== count - 1)
    call.refuse(`${count} tops need ${count - 1} slice points, not ${points.length}`);
  if (points.length === 0 && extent % count !== 0)
    call.refuse(`${extent} does not divide into ${count} parts`);
  const ends =
    points.length > 0
      ? [...points, extent]
      : Array.from({ length: count }, (_, i) => ((i + 1) * extent) / count);
  const sizes = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  if (sizes.some((size) => size < 1))
    call.refuse(`slice points ${points.join(', ')} do not rise within ${extent}`);
  call.answer(call.step('Split', [call.input], { axis, sizes }, count));
}

function eltwise(call: LayerCall): void {
  const p = call.parameter('eltwise_param');
  const coefficients = p.coeff as readonly number[];
  if (coefficients.length > 0 && (p.operation !== 'SUM' || coefficients.length !== call.inputs.length))
    call.refuse(
      `${coefficients.length} coefficients do not fit ${p.operation} of ${call.inputs.length} bottoms`,
    );
  const terms = call.inputs.map((input, i) =>
    (coefficients[i] ?? 1) === 1
      ? input
      : call.step('Mul', [input, scalar(call, 'coefficient', coefficients[i]!)])[0]!,
  );
  if (terms.length < 2) call.refuse('fewer than two bottoms');
  const operator = { SUM: 'Add', PROD: 'Mul', MAX: 'Max' }[String(p.operation)]!;
  const all = terms.slice(1, -1).reduce((sum, term) => call.step(operator, [sum, term])[0]!, terms[0]!);
  call.emit(operator, [all, terms.at(-1)!]);
}

function scalar(call: LayerCall, role: string, value: number): string {
  return call.constant(role, tensor('float32', [1], Float32Array.of(value)));
}

/** shift + scale * x; the input itself where that is x. */
function affine(call: LayerCall, p: Parameter): string {
  const [scale, shift] = [number(p, 'scale'), number(p, 'shift')];
  const scaled = scale === 1 ? call.input : call.step('Mul', [call.input, scalar(call, 'scale', scale)])[0]!;
  return shift === 0 ? scaled : call.step('Add', [scaled, scalar(call, 'shift', shift)])[0]!;
}

/** (shift + scale * x) ^ power. */
function power(call: LayerCall): void {
  const p = call.parameter('power_param');
  const base = affine(call, p);
  const exponent = number(p, 'power');
  if (exponent === 1) call.emit('Identity', [base]);
  else if (exponent === 2) call.emit('Mul', [base, base]);
  else if (exponent === 0.5) call.emit('Sqrt', [base]);
  else if (exponent === -1) call.emit('Reciprocal', [base]);
  else call.emit('Pow', [base, scalar(call, 'power', exponent)]);
}

function exponential(call: LayerCall): void {
  const p = call.parameter('exp_param');
  if (number(p, 'base') !== -1) call.refuse('only the base e is supported');
  call.emit('Exp', [affine(call, p)]);
}

function logarithm(call: LayerCall): void {
  const p = call.parameter('log_param');
  if (number(p, 'base') !== -1) call.refuse('only the base e is supported');
  call.emit('Log', [affine(call, p)]);
}

function flatten(call: LayerCall): void {
  const p = call.parameter('flatten_param');
  const shape = call.shape();
  const [from, to] = [call.axis(number(p, 'axis')), call.axis(number(p, 'end_axis'))];
  const flat = elementCount(shape.slice(from, to + 1));
  call.emit('Reshape', [call.input], { shape: [...shape.slice(0, from), flat, ...shape.slice(to + 1)] });
}

/** 0 copies an extent, -1 takes what is left. */
function reshape(call: LayerCall): void {
  const p = call.parameter('reshape_param');
  const before = call.shape();
  const start = number(p, 'axis') < 0 ? before.length + 1 + number(p, 'axis') : number(p, 'axis');
  const end = number(p, 'num_axes') === -1 ? before.length : start + number(p, 'num_axes');
  const stated = (call.layer.shapes[0] ?? call.refuse('reshape_param has no shape')).map((dim, i) =>
    dim === 0
      ? (before[start + i] ?? call.refuse(`shape copies axis ${start + i}, which does not exist`))
      : dim,
  );
  call.emit('Reshape', [call.input], { shape: [...before.slice(0, start), ...stated, ...before.slice(end)] });
}

/** The first bottom, from `axis` on as large as the second; one offset for all axes, or one each. */
function crop(call: LayerCall): void {
  const p = call.parameter('crop_param');
  const [before, like] = [call.shape(), call.shape(call.inputs[1] ?? call.refuse('fewer than two bottoms'))];
  const first = call.axis(number(p, 'axis'));
  const offsets = p.offset as readonly number[];
  const axes = before.map((_, axis) => axis).slice(first);
  if (like.length !== before.length)
    call.refuse(`its bottoms have ranks ${before.length} and ${like.length}`);
  if (offsets.length > 1 && offsets.length !== axes.length)
    call.refuse(`${offsets.length} offsets do not fit ${axes.length} axes`);
  const starts = axes.map((_, i) => (offsets.length > 1 ? offsets[i]! : (offsets[0] ?? 0)));
  const ends = axes.map((axis, i) => starts[i]! + like[axis]!);
  if (ends.some((end, i) => end > before[axes[i]!]!))
    call.refuse(
      `[${like.join(', ')}] from ${starts.join(', ')} on does not lie within [${before.join(', ')}]`,
    );
  call.emit('Slice', [call.input], { starts, ends, axes, steps: axes.map(() => 1) });
}

/** Tops that are the bottom itself. */
function alias(call: LayerCall): void {
  call.answer(call.layer.tops.map(() => call.input));
}

const softmax: Mapping = (call) =>
  call.emit('Softmax', [call.input], { axis: call.axis(number(call.parameter('softmax_param'), 'axis')) });

const unary =
  (operator: string): Mapping =>
  (call) =>
    call.emit(operator, [call.input]);

export const caffeMappings: Readonly<Record<string, Mapping>> = {
  Convolution: convolution,
  Deconvolution: deconvolution,
  Crop: crop,
  Pooling: pooling,
  InnerProduct: innerProduct,
  ReLU: relu,
  PReLU: prelu,
  ELU: (call) => call.emit('Elu', [call.input], { alpha: number(call.parameter('elu_param'), 'alpha') }),
  Sigmoid: unary('Sigmoid'),
  TanH: unary('Tanh'),
  AbsVal: unary('Abs'),
  Exp: exponential,
  Log: logarithm,
  Power: power,
  LRN: localResponse,
  BatchNorm: batchNorm,
  Scale: (call) => perChannel(call, 'scale_param', true, call.parameter('scale_param').bias_term === true),
  Bias: (call) => perChannel(call, 'bias_param', false, true),
  Softmax: softmax,
  // What the loss is computed from is what a classifier answers.
  SoftmaxWithLoss: softmax,
  SigmoidCrossEntropyLoss: unary('Sigmoid'),
  Concat: concat,
  Slice: slice,
  Eltwise: eltwise,
  Flatten: flatten,
  Reshape: reshape,
  Dropout: alias,
  Split: alias,
};

export const lookupMapping = (type: string): Mapping | undefined =>
  Object.hasOwn(caffeMappings, type) ? caffeMappings[type] : undefined;

/** Types of layers that bring data: their tops are inputs of the network. */
export const dataTypes: ReadonlySet<string> = new Set([
  ...['Input', 'Data', 'ImageData', 'MemoryData', 'HDF5Data', 'DummyData', 'WindowData'],
]);

/** Types of layers that only training or scoring needs. */
export const trainingTypes: ReadonlySet<string> = new Set([
  ...['Accuracy', 'EuclideanLoss', 'ContrastiveLoss', 'HingeLoss', 'InfogainLoss', 'MultinomialLogisticLoss'],
  ...['Silence', 'HDF5Output'],
]);
