/** One row a TensorFlow operator: how it becomes operators of the graph. */

import { elementCount, type Tensor } from '../../../base/index.js';
import {
  alongAxis,
  concat,
  convolution,
  elementwise,
  flattenedRows,
  type Padding,
  pad,
  pooling,
  reduce,
  transpose,
  unary,
  type WindowSpec,
} from '../channels-last/index.js';
import type { TensorflowCall } from './call.js';

export type TensorflowMapping = (call: TensorflowCall) => void;

const binary =
  (operator: string): TensorflowMapping =>
  (call) =>
    call.finish(elementwise(call, operator, [call.input(0), call.input(1)]));
const activation =
  (operator: string, attributes: Record<string, number> = {}): TensorflowMapping =>
  (call) =>
    call.finish(unary(call, operator, call.input(0), attributes));

const identity: TensorflowMapping = (call) => {
  const x = call.input(0);
  const form = call.values.isFirst(x) ? 'first' : 'last';
  call.finish({ value: form === 'first' ? call.values.first(x) : call.values.last(x), form });
};

/** Strides and dilations are stated for all four axes. */
function windowOf(call: TensorflowCall, kernel: readonly [number, number]): WindowSpec {
  const padding = call.text('padding', '');
  if (padding !== 'SAME' && padding !== 'VALID')
    call.refuse(`padding "${padding}" is neither SAME nor VALID`);
  if (call.text('data_format', 'NHWC') !== 'NHWC') call.refuse('only the data format NHWC is supported');
  const pair = (name: string): readonly [number, number] => {
    const list = call.numbers(name);
    return list.length === 4 ? [list[1]!, list[2]!] : [1, 1];
  };
  return { kernel, strides: pair('strides'), dilations: pair('dilations'), padding: padding as Padding };
}

/** Constant weights [H, W, I, M] as a value of the graph, transposed. */
function weightsOf(
  call: TensorflowCall,
  arrange: (shape: readonly number[]) => { perm: readonly number[]; shape: readonly number[] },
) {
  const stored: Tensor = call.constant(1);
  if (stored.shape.length !== 4) call.refuse(`its weights have rank ${stored.shape.length}, not 4`);
  const { perm, shape } = arrange(stored.shape);
  const source = call.values.constantValue(`${call.stem}.weights`, stored);
  const moved = call.op('Transpose', [source], { perm });
  return call.op('Reshape', [moved], { shape });
}

const conv2d: TensorflowMapping = (call) => {
  const weights = weightsOf(call, ([h, w, i, o]) => ({ perm: [3, 2, 0, 1], shape: [o!, i!, h!, w!] }));
  const [h, w, depth] = call.constant(1).shape as [number, number, number];
  const group = call.rank(call.input(0), 4)[3]! / depth;
  call.finish(convolution(call, call.input(0), { weights, bias: undefined, group }, windowOf(call, [h, w])));
};

const depthwise: TensorflowMapping = (call) => {
  const weights = weightsOf(call, ([h, w, i, m]) => ({ perm: [2, 3, 0, 1], shape: [i! * m!, 1, h!, w!] }));
  const [h, w, group] = call.constant(1).shape as [number, number, number];
  call.finish(convolution(call, call.input(0), { weights, bias: undefined, group }, windowOf(call, [h, w])));
};

const pool =
  (operator: 'MaxPool' | 'AveragePool'): TensorflowMapping =>
  (call) => {
    const kernel = call.numbers('ksize');
    if (kernel.length !== 4 || kernel[0] !== 1 || kernel[3] !== 1)
      call.refuse(`window [${kernel.join(', ')}] is not over pixels`);
    call.finish(pooling(call, operator, call.input(0), windowOf(call, [kernel[1]!, kernel[2]!])));
  };

const matMul: TensorflowMapping = (call) => {
  const [transA, transB] = [
    call.attribute('transpose_a')?.b ?? false,
    call.attribute('transpose_b')?.b ?? false,
  ];
  call.rank(call.input(0), 2);
  const { value, order } = transA
    ? { value: call.values.last(call.input(0)), order: undefined }
    : flattenedRows(call, call.input(0));
  // Rows in another order would need the weights in it too; a picture is flattened in the file's order instead.
  const rows = order === undefined ? value : call.values.last(call.input(0));
  call.finish({
    value: call.op('Gemm', [rows, call.values.last(call.input(1))], { transA, transB }),
    form: 'last',
  });
};

const biasAdd: TensorflowMapping = (call) => {
  if (call.text('data_format', 'NHWC') !== 'NHWC') call.refuse('only the data format NHWC is supported');
  call.finish(elementwise(call, 'Add', [call.input(0), call.input(1)]));
};

const reshape: TensorflowMapping = (call) => {
  const x = call.input(0);
  const from = call.values.type(x).shape;
  const to = call.integers(1);
  const known = elementCount(to.filter((extent) => extent !== -1));
  const shape = to.map((extent) => (extent === -1 ? elementCount(from) / known : extent));
  if (
    shape.some((extent) => !Number.isInteger(extent) || extent < 0) ||
    elementCount(shape) !== elementCount(from)
  )
    call.refuse(`[${from.join(', ')}] cannot become [${to.join(', ')}]`);
  if (call.values.has(call.node.name)) call.refuse('a node of this name exists already');
  call.values.bindReshape(call.node.name, x, shape, { name: call.node.name, operator: call.node.op });
};

const expandDims: TensorflowMapping = (call) => {
  const { shape } = call.values.type(call.input(0));
  const axis = call.axis(call.integers(1)[0] ?? call.refuse('it states no axis'), shape.length + 1);
  const to = shape.toSpliced(axis, 0, 1);
  call.finish({ value: call.op('Reshape', [call.values.last(call.input(0))], { shape: to }), form: 'last' });
};

const rsqrt: TensorflowMapping = (call) => {
  const root = unary(call, 'Sqrt', call.input(0));
  call.finish({ ...root, value: call.op('Reciprocal', [root.value]) });
};

const squaredDifference: TensorflowMapping = (call) => {
  const difference = elementwise(call, 'Sub', [call.input(0), call.input(1)]);
  call.finish({ ...difference, value: call.op('Mul', [difference.value, difference.value]) });
};

const reduction =
  (operator: string): TensorflowMapping =>
  (call) => {
    const keepDims = call.attribute('keep_dims')?.b ?? false;
    call.finish(reduce(call, operator, call.input(0), { axes: call.integers(1), keepDims }));
  };

const padding: TensorflowMapping = (call) => {
  const list = call.integers(1);
  const pairs = Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!] as const);
  call.finish(pad(call, call.input(0), pairs, call.inputs.length > 2 ? Number(call.constant(2).data[0]) : 0));
};

const concatV2: TensorflowMapping = (call) => {
  const count = call.inputs.length - 1;
  const names = Array.from({ length: count }, (_, i) => call.input(i));
  call.finish(concat(call, names, call.integers(count)[0] ?? call.refuse('it states no axis')));
};

const constant: TensorflowMapping = (call) =>
  call.finish({ value: call.values.constantValue(call.stem, call.stored()), form: 'last' });

export const tensorflowMappings: Readonly<Record<string, TensorflowMapping>> = {
  Const: constant,
  Identity: identity,
  StopGradient: identity,
  Conv2D: conv2d,
  DepthwiseConv2dNative: depthwise,
  BiasAdd: biasAdd,
  MatMul: matMul,
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  Reshape: reshape,
  Mean: reduction('ReduceMean'),
  Sum: reduction('ReduceSum'),
  Max: reduction('ReduceMax'),
  Pad: padding,
  PadV2: padding,
  ConcatV2: concatV2,
  ExpandDims: expandDims,
  Rsqrt: rsqrt,
  SquaredDifference: squaredDifference,
  Transpose: (call) => call.finish(transpose(call, call.input(0), call.integers(1))),
  Softmax: (call) => call.finish(alongAxis(call, 'Softmax', call.input(0), -1)),
  Add: binary('Add'),
  AddV2: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Relu: activation('Relu'),
  Relu6: activation('Clip', { min: 0, max: 6 }),
  Elu: activation('Elu'),
  Sigmoid: activation('Sigmoid'),
  Tanh: activation('Tanh'),
  LeakyRelu: (call) =>
    call.finish(unary(call, 'LeakyRelu', call.input(0), { alpha: call.attribute('alpha')?.f ?? 0.2 })),
  Exp: activation('Exp'),
  Log: activation('Log'),
  Sqrt: activation('Sqrt'),
  Abs: activation('Abs'),
  Neg: activation('Neg'),
  Floor: activation('Floor'),
  Ceil: activation('Ceil'),
};
