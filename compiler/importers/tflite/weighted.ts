/** Operators with a window or weights: convolutions, pooling, dense layers. */

import { elementCount, type Tensor, tensor } from '../../../base/index.js';
import { evaluateNode } from '../../graph/index.js';
import { convolution, flattenedRows, pooling, type WindowSpec } from '../channels-last/index.js';
import type { FlatTable } from '../wire/index.js';
import type { TfliteCall } from './call.js';

/** [O, H, W, I] to [O, I, H, W]; depthwise weights [1, H, W, C] to [C, 1, H, W]. */
function permuted(stored: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((axis) => stored.shape[axis]!);
  const node = {
    ...{ name: 'weights', operator: 'Transpose', inputs: ['x'], outputs: ['y'], attributes: { perm } },
    origin: { name: 'weights', operator: 'Transpose' },
  };
  return evaluateNode('weights', node, [stored], [{ element: stored.element, shape }])[0]!;
}

/** Options of both convolutions begin alike; the dilations lie behind what each has of its own. */
function windowOf(
  call: TfliteCall,
  options: FlatTable,
  kernel: readonly [number, number],
  dilationAt: number,
): WindowSpec {
  const padding = options.uint8(0);
  if (padding > 1) call.refuse(`padding ${padding} is neither SAME nor VALID`);
  return {
    kernel,
    strides: [options.int32(2), options.int32(1)],
    dilations: dilationAt < 0 ? [1, 1] : [options.int32(dilationAt + 1, 1), options.int32(dilationAt, 1)],
    padding: padding === 0 ? 'SAME' : 'VALID',
  };
}

/** Shape of the weights, which must have rank 4. */
function weightShape(call: TfliteCall): readonly [number, number, number, number] {
  const { shape } = call.tensor(1);
  if (shape.length !== 4) call.refuse(`its weights have rank ${shape.length}, not 4`);
  return shape as unknown as readonly [number, number, number, number];
}

export function convolution2d(call: TfliteCall): void {
  const { options } = call;
  const [, height, width, depth] = weightShape(call);
  const x = call.input(0);
  const group = call.rank(x, 4)[3]! / depth;
  const weights = call.weights(1, 'oihw', (stored) => permuted(stored, [0, 3, 1, 2]), 0);
  const operands = { weights, bias: call.bias(2), group };
  call.finish(convolution(call, x, operands, windowOf(call, options, [height, width], 4)), options.uint8(3));
}

export function depthwise2d(call: TfliteCall): void {
  const { options } = call;
  const [, height, width] = weightShape(call);
  const x = call.input(0);
  const group = call.rank(x, 4)[3]!;
  const weights = call.weights(1, 'oihw', (stored) => permuted(stored, [3, 0, 1, 2]), 0);
  const operands = { weights, bias: call.bias(2), group };
  call.finish(convolution(call, x, operands, windowOf(call, options, [height, width], 5)), options.uint8(4));
}

/** Input 0 states the shape of the result, 1 the weights [O, H, W, I], 2 the picture; a bias is added behind. */
export function transposedConvolution2d(call: TfliteCall): void {
  const { options } = call;
  const [, height, width] = weightShape(call);
  const kernel = [height, width] as const;
  const x = call.input(2);
  const from = call.rank(x, 4);
  const target = call.outputTensor().shape;
  const padding = options.uint8(0);
  if (padding > 1) call.refuse(`padding ${padding} is neither SAME nor VALID`);
  const strides = [options.int32(2), options.int32(1)] as const;
  const around = [0, 1].map((axis) => {
    const natural = strides[axis]! * (from[axis + 1]! - 1) + kernel[axis]!;
    const excess = Math.max(0, natural - (target[axis + 1] ?? 0));
    const before = padding === 0 ? Math.floor(excess / 2) : 0;
    const behind = padding === 0 ? excess - before : 0;
    return { before, behind, more: (target[axis + 1] ?? 0) - natural + before + behind };
  });
  if (around.some(({ more }) => more < 0)) call.refuse(`it cannot have the shape [${target.join(', ')}]`);
  const weights = call.weights(1, 'iohw', (stored) => permuted(stored, [3, 0, 1, 2]), 1);
  const bias = call.bias(3);
  const inputs = [call.values.first(x), weights, ...(bias === undefined ? [] : [bias])];
  const attributes = {
    ...{ strides, dilations: [1, 1], group: 1, outputPadding: around.map(({ more }) => more) },
    pads: [...around.map(({ before }) => before), ...around.map(({ behind }) => behind)],
  };
  call.finish({ value: call.op('ConvTranspose', inputs, attributes), form: 'first' }, options.uint8(3));
}

export const pool2d =
  (operator: 'MaxPool' | 'AveragePool') =>
  (call: TfliteCall): void => {
    const { options } = call;
    const window = windowOf(call, options, [options.int32(4), options.int32(3)], -1);
    call.finish(pooling(call, operator, call.input(0), window), options.uint8(5));
  };

/** Weights [N, K]. The input's axes but the last are rows, unless it keeps its rank. */
export function fullyConnected(call: TfliteCall): void {
  const options = call.operator.options;
  if ((options?.uint8(1) ?? 0) !== 0) call.refuse('shuffled weights are not supported');
  const { shape } = call.tensor(1);
  if (shape.length !== 2) call.refuse(`its weights have rank ${shape.length}, not 2`);
  const [n, k] = shape as [number, number];
  const x = call.input(0);
  const { rows, order } = rowsOf(call, x, k);
  const weights = call.weights(1, 'rows', (stored) => reordered(stored, order), 0);
  const bias = call.bias(2);
  const inputs = [rows, weights, ...(bias === undefined ? [] : [bias])];
  const product = call.op('Gemm', inputs, { transB: true });
  const keeps = (options?.uint8(2) ?? 0) !== 0;
  const kept = [...call.values.type(x).shape.slice(0, -1), n];
  const value = keeps && kept.length !== 2 ? call.op('Reshape', [product], { shape: kept }) : product;
  call.finish({ value, form: 'last' }, options?.uint8(0) ?? 0);
}

function rowsOf(
  call: TfliteCall,
  x: string,
  k: number,
): { rows: string; order: readonly number[] | undefined } {
  const { shape } = call.values.type(x);
  if (shape.length === 2 && shape[1] === k) {
    const { value, order } = flattenedRows(call, x);
    return { rows: value, order };
  }
  const count = elementCount(shape) / k;
  if (!Number.isInteger(count)) call.refuse(`[${shape.join(', ')}] does not fit weights of ${k} columns`);
  return { rows: call.op('Reshape', [call.values.last(x)], { shape: [count, k] }), order: undefined };
}

/** The columns of [N, K] in another order. */
function reordered(stored: Tensor, order: readonly number[] | undefined): Tensor {
  if (order === undefined) return stored;
  const data = stored.data.slice();
  const k = order.length;
  for (let i = 0; i < data.length; i++) data[i] = stored.data[i - (i % k) + order[i % k]!]!;
  return tensor(stored.element, stored.shape, data);
}
