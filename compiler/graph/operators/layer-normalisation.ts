/** Normalisations whose statistics come from the data: layer, root mean square, instance, group, mean-variance; LogSoftmax. */

import { elementCount, type Tensor } from '../../../base/index.js';
import { type AttributeTable, flagAttribute, numberAttribute, numbersAttribute } from '../attributes.js';
import {
  type EvaluateCall,
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import type { TensorType } from '../types.js';
import { broadcastIndex, broadcastShape } from './broadcast.js';
import { generate, isFloat, type Numbers, normalizeAxes, normalizeAxis, toNumbers } from './numeric.js';

const epsilon = numberAttribute('keeps the square root from zero', 1e-5);
const axisAttribute = numberAttribute('first normalised axis; negative counts from the end', -1);

function requireFloat(call: InferCall): TensorType {
  const x = inputType(call, 0);
  if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
  return x;
}

interface Statistics {
  readonly mean: number;
  readonly variance: number;
}

/** Mean and mean square distance from `centre` (default: the mean) of a contiguous line. */
function statistics(line: Numbers): Statistics {
  let mean = 0;
  for (let i = 0; i < line.length; i++) mean += line[i]!;
  mean /= line.length;
  let variance = 0;
  for (let i = 0; i < line.length; i++) variance += (line[i]! - mean) ** 2;
  return { mean, variance: variance / line.length };
}

function meanSquare(line: Numbers): number {
  let sum = 0;
  for (let i = 0; i < line.length; i++) sum += line[i]! ** 2;
  return sum / line.length;
}

/** Contiguous lines of `length` elements, each brought to mean 0 and variance 1 (or to mean square 1). */
function normalizedLines(x: Numbers, length: number, eps: number, centred: boolean): Float64Array {
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += length) {
    const line = x.subarray(start, start + length);
    const { mean, variance } = centred ? statistics(line) : { mean: 0, variance: meanSquare(line) };
    const factor = 1 / Math.sqrt(variance + eps);
    for (let i = 0; i < length; i++) y[start + i] = (line[i]! - mean) * factor;
  }
  return y;
}

/** `y * scale + bias` with both broadcast to the type's shape. */
function scaled(type: TensorType, y: Float64Array, scale: Tensor, bias: Tensor | undefined): Tensor {
  const [s, b] = [toNumbers(scale.data), bias && toNumbers(bias.data)];
  const is = broadcastIndex(scale.shape, type.shape);
  const ib = bias && broadcastIndex(bias.shape, type.shape);
  return generate(type, (i) => y[i]! * s[is[i]!]! + (b && ib ? b[ib[i]!]! : 0));
}

function trailing(name: string, summary: string, centred: boolean): OperatorSpec {
  return {
    name,
    summary,
    attributes: { axis: axisAttribute, epsilon },
    inputs: { min: 2, max: centred ? 3 : 2 },
    infer: (call) => {
      const x = requireFloat(call);
      for (const other of call.inputs.slice(1)) {
        if (other !== undefined && broadcastShape(x.shape, other.shape).join() !== x.shape.join())
          refuse(`[${other.shape.join(', ')}] does not broadcast to [${x.shape.join(', ')}]`);
      }
      const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
      const statistic = { element: 'float32', shape: x.shape.map((e, i) => (i < axis ? e : 1)) } as const;
      return centred ? [x, statistic, statistic] : [x];
    },
    evaluate: (call) => {
      const x = inputTensor(call, 0);
      const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
      const length = elementCount(x.shape.slice(axis));
      const y = normalizedLines(toNumbers(x.data), length, call.attributes.number('epsilon'), centred);
      const result = scaled(call.outputs[0]!, y, inputTensor(call, 1), call.inputs[2]);
      return [result, ...call.outputs.slice(1).map((type, i) => stated(call, type, length, i === 0))];
    },
  };
}

/** LayerNormalization's further results: the means, and the inverse standard deviations. */
function stated(call: EvaluateCall, type: TensorType, length: number, mean: boolean): Tensor {
  const data = toNumbers(inputTensor(call, 0).data);
  const eps = call.attributes.number('epsilon');
  return generate(type, (i) => {
    const found = statistics(data.subarray(i * length, (i + 1) * length));
    return mean ? found.mean : 1 / Math.sqrt(found.variance + eps);
  });
}

/** Scale and bias, one number a channel. */
function perChannel(call: InferCall): TensorType {
  const x = requireFloat(call);
  if (x.shape.length < 2) refuse(`the input has rank ${x.shape.length} and so no channels`);
  for (const index of [1, 2]) {
    const { shape } = inputType(call, index);
    if (shape.length !== 1 || shape[0] !== x.shape[1])
      refuse(`input ${index} has shape [${shape.join(', ')}], not [${x.shape[1]}]`);
  }
  return x;
}

function groups(call: EvaluateCall, count: number): readonly Tensor[] {
  const x = inputTensor(call, 0);
  const [channels, plane] = [x.shape[1]!, elementCount(x.shape.slice(2))];
  const length = (channels / count) * plane;
  const y = normalizedLines(toNumbers(x.data), length, call.attributes.number('epsilon'), true);
  const [scale, bias] = [toNumbers(inputTensor(call, 1).data), toNumbers(inputTensor(call, 2).data)];
  const channel = (i: number): number => Math.floor(i / plane) % channels;
  return [generate(call.outputs[0]!, (i) => y[i]! * scale[channel(i)]! + bias[channel(i)]!)];
}

const instance: OperatorSpec = {
  name: 'InstanceNormalization',
  summary: 'each plane of [N, C, ...] to mean 0 and variance 1, then scale[C] and bias[C]',
  attributes: { epsilon },
  inputs: { min: 3, max: 3 },
  infer: (call) => [perChannel(call)],
  evaluate: (call) => groups(call, inputTensor(call, 0).shape[1]!),
};

const group: OperatorSpec = {
  name: 'GroupNormalization',
  summary: 'each group of channels to mean 0 and variance 1, then scale[C] and bias[C]',
  attributes: { groups: numberAttribute('groups that the channels are split into'), epsilon },
  inputs: { min: 3, max: 3 },
  infer: (call) => {
    const x = perChannel(call);
    const count = call.attributes.number('groups');
    if (!(count >= 1) || x.shape[1]! % count !== 0)
      refuse(`${x.shape[1]} channels do not split into ${count} groups`);
    return [x];
  },
  evaluate: (call) => groups(call, call.attributes.number('groups')),
};

const meanVariance: OperatorSpec = {
  name: 'MeanVarianceNormalization',
  summary: '(x - mean) / standard deviation, both over some axes',
  attributes: { axes: numbersAttribute('the axes', [0, 2, 3]), epsilon: numberAttribute('added', 1e-9) },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = requireFloat(call);
    normalizeAxes(call.attributes.numbers('axes'), x.shape.length);
    return [x];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const axes = normalizeAxes(call.attributes.numbers('axes'), x.shape.length);
    const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const index = broadcastIndex(kept, x.shape);
    const data = toNumbers(x.data);
    const count = data.length / elementCount(kept);
    const [mean, square] = [new Float64Array(elementCount(kept)), new Float64Array(elementCount(kept))];
    for (let i = 0; i < data.length; i++) mean[index[i]!]! += data[i]! / count;
    for (let i = 0; i < data.length; i++) square[index[i]!]! += (data[i]! - mean[index[i]!]!) ** 2 / count;
    const eps = call.attributes.number('epsilon');
    return [
      generate(
        call.outputs[0]!,
        (i) => (data[i]! - mean[index[i]!]!) / (Math.sqrt(square[index[i]!]!) + eps),
      ),
    ];
  },
};

const softmaxAttributes: AttributeTable = {
  axis: numberAttribute('the axis; negative counts from the end', -1),
  tail: flagAttribute('normalise over all axes from `axis` on together', false),
};

const logSoftmax: OperatorSpec = {
  name: 'LogSoftmax',
  summary: 'x - log(sum(exp(x))) along an axis, or over all axes from it on',
  attributes: softmaxAttributes,
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = requireFloat(call);
    normalizeAxis(call.attributes.number('axis'), x.shape.length);
    return [x];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    const tail = call.attributes.flag('tail');
    const step = tail ? 1 : elementCount(x.shape.slice(axis + 1));
    const extent = tail ? elementCount(x.shape.slice(axis)) : x.shape[axis]!;
    const [data, y] = [toNumbers(x.data), new Float64Array(x.data.length)];
    for (let start = 0; start < data.length; start++) {
      if (Math.floor(start / step) % extent !== 0) continue;
      let [top, sum] = [Number.NEGATIVE_INFINITY, 0];
      for (let k = 0; k < extent; k++) top = Math.max(top, data[start + k * step]!);
      for (let k = 0; k < extent; k++) sum += Math.exp(data[start + k * step]! - top);
      for (let k = 0; k < extent; k++) y[start + k * step] = data[start + k * step]! - top - Math.log(sum);
    }
    return [generate(call.outputs[0]!, (i) => y[i]!)];
  },
};

export const layerNormalisationOperators: OperatorTable = operatorsByName(
  trailing(
    'LayerNormalization',
    'the axes from `axis` on to mean 0 and variance 1, then scale and bias',
    true,
  ),
  trailing('RMSNormalization', 'the axes from `axis` on to mean square 1, then scale', false),
  instance,
  group,
  meanVariance,
  logSoftmax,
);
