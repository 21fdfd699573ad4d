/** Normalisations over channels and over axes. */

import { elementCount, rowMajorStrides, tensor } from '../../../base/index.js';
import { flagAttribute, numberAttribute } from '../attributes.js';
import {
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { generate, isFloat, type Numbers, normalizeAxis, toNumbers } from './numeric.js';

const batchNormalization: OperatorSpec = {
  name: 'BatchNormalization',
  summary: '(x - mean) / sqrt(variance + epsilon) * scale + bias, per channel (axis 1), as at inference',
  attributes: { epsilon: numberAttribute('keeps the square root from zero', 1e-5) },
  inputs: { min: 5, max: 5 },
  infer: (call) => {
    const x = inputType(call, 0);
    if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
    if (x.shape.length < 2) refuse(`the input has rank ${x.shape.length} and so no channels`);
    for (const [index, role] of ['scale', 'bias', 'mean', 'variance'].entries()) {
      const { shape } = inputType(call, index + 1);
      if (shape.length !== 1 || shape[0] !== x.shape[1])
        refuse(`the ${role} has shape [${shape.join(', ')}], not [${x.shape[1]}]`);
    }
    return [x];
  },
  evaluate: (call) => {
    const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => toNumbers(inputTensor(call, i).data));
    const { shape } = call.outputs[0]!;
    const [plane, epsilon] = [elementCount(shape.slice(2)), call.attributes.number('epsilon')];
    return [
      generate(call.outputs[0]!, (i) => {
        const c = Math.floor(i / plane) % shape[1]!;
        return ((x![i]! - mean![c]!) / Math.sqrt(variance![c]! + epsilon)) * scale![c]! + bias![c]!;
      }),
    ];
  },
};

const softmax: OperatorSpec = {
  name: 'Softmax',
  summary: 'exp(x) / sum(exp(x)) along an axis, or over all axes from it on',
  attributes: {
    axis: numberAttribute('the axis; negative counts from the end', -1),
    tail: flagAttribute('normalise over all axes from `axis` on together', false),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
    normalizeAxis(call.attributes.number('axis'), x.shape.length);
    return [x];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    const tail = call.attributes.flag('tail');
    const step = tail ? 1 : rowMajorStrides(x.shape)[axis]!;
    const extent = tail ? elementCount(x.shape.slice(axis)) : x.shape[axis]!;
    return [tensor(x.element, x.shape, softmaxLines(x.data as Float32Array | Float64Array, step, extent))];
  },
};

/** Softmax of every line of `extent` elements that lie `step` apart. */
function softmaxLines(x: Float32Array | Float64Array, step: number, extent: number): typeof x {
  const y = x.slice();
  for (let start = 0; start < x.length; start++) {
    if (Math.floor(start / step) % extent !== 0) continue;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < extent; k++) largest = Math.max(largest, x[start + k * step]!);
    let sum = 0;
    for (let k = 0; k < extent; k++) sum += Math.exp(x[start + k * step]! - largest);
    for (let k = 0; k < extent; k++) y[start + k * step] = Math.exp(x[start + k * step]! - largest) / sum;
  }
  return y;
}

const localResponse: OperatorSpec = {
  name: 'LRN',
  summary: 'x / (bias + alpha / size * sum of squares of `size` neighbouring channels) ^ beta',
  attributes: {
    size: numberAttribute('channels in the window'),
    alpha: numberAttribute('scale', 1e-4),
    beta: numberAttribute('exponent', 0.75),
    bias: numberAttribute('offset', 1),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
    if (x.shape.length < 2) refuse(`the input has rank ${x.shape.length} and so no channels`);
    return [x];
  },
  evaluate: (call) => {
    const x = toNumbers(inputTensor(call, 0).data);
    const { shape } = call.outputs[0]!;
    const [size, alpha, beta, bias] = ['size', 'alpha', 'beta', 'bias'].map((n) => call.attributes.number(n));
    const sums = neighbourSquares(x, shape, size!);
    return [generate(call.outputs[0]!, (i) => x[i]! / (bias! + (alpha! / size!) * sums[i]!) ** beta!)];
  },
};

function neighbourSquares(x: Numbers, shape: readonly number[], size: number): Float64Array {
  const [channels, plane] = [shape[1]!, elementCount(shape.slice(2))];
  const sums = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const c = Math.floor(i / plane) % channels;
    const last = Math.min(channels - 1, c + Math.ceil((size - 1) / 2));
    for (let k = Math.max(0, c - Math.floor((size - 1) / 2)); k <= last; k++)
      sums[i]! += x[i + (k - c) * plane]! ** 2;
  }
  return sums;
}

export const normalisationOperators: OperatorTable = operatorsByName(
  batchNormalization,
  softmax,
  localResponse,
);
