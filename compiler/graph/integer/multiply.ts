/** Integer convolution and matrix product: exact sums of products, then the output stage. */

import { elementArrayOf, elementCount, type Tensor, tensor } from '../../../base/index.js';
import { numberAttribute } from '../attributes.js';
import { inputTensor, inputType, type OperatorSpec, refuse } from '../operator.js';
import { convolutionAttributes, convolutionOf, convolutionShape } from '../operators/convolution.js';
import { convolve } from '../operators/convolve.js';
import { requireElement, toNumbers } from '../operators/numeric.js';
import { planes, readWindow } from '../operators/window.js';
import type { TensorType } from '../types.js';
import { padded } from './pad.js';
import { integerElements, outputStage, requantizeAttributes, requireOutputStage } from './requantize.js';

function requireOperands(x: TensorType, w: TensorType, b: TensorType, channels: number): void {
  requireElement(x, integerElements, 'the input');
  requireElement(w, integerElements, 'the weights');
  requireElement(b, ['int32'], 'the bias');
  if (elementCount(b.shape) !== channels)
    refuse(`the bias has shape [${b.shape.join(', ')}], not [${channels}]`);
}

export const integerConv: OperatorSpec = {
  name: 'IntegerConv',
  summary: 'convolution of integers with a constant outside the picture, int32 bias, requantised',
  attributes: {
    ...convolutionAttributes,
    ...requantizeAttributes,
    padValue: numberAttribute('value of the input outside the picture: its zero point'),
  },
  inputs: { min: 3, max: 3 },
  infer: (call) => {
    const [x, w, b] = [inputType(call, 0), inputType(call, 1), inputType(call, 2)];
    const shape = convolutionShape(x.shape, w.shape, call.attributes);
    requireOperands(x, w, b, w.shape[0]!);
    requireOutputStage(call.attributes, w.shape[0]!, x.element);
    return [{ element: x.element, shape }];
  },
  evaluate: (call) => {
    const [x, w, b] = [inputTensor(call, 0), inputTensor(call, 1), inputTensor(call, 2)];
    const { shape } = call.outputs[0]!;
    const window = readWindow(call.attributes, w.shape.slice(2));
    const source = padded(x, window, call.attributes.number('padValue'));
    const geometry = convolutionOf(x.shape, w.shape, shape, call.attributes);
    const [n, c] = planes(x.shape);
    const sums = convolve(source.data, toNumbers(w.data), {
      ...geometry,
      window: { ...window, pads: [0, 0, 0, 0] },
      input: [n, c, source.height, source.width],
    });
    return [
      requantizePlanes(sums, { element: x.element, shape }, toNumbers(b.data), outputStage(call.attributes)),
    ];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * elementCount(inputs[1]!.shape.slice(1)),
};

function requantizePlanes(
  sums: Float64Array,
  { element, shape }: TensorType,
  bias: ArrayLike<number>,
  stage: (accumulator: number, channel: number) => number,
): Tensor {
  const result = elementArrayOf(element, sums.length);
  const plane = elementCount(shape.slice(2));
  for (let i = 0, channel = 0; i < sums.length; i += plane, channel = (channel + 1) % shape[1]!) {
    for (let k = i; k < i + plane; k++) result[k] = stage(sums[k]! + bias[channel]!, channel);
  }
  return tensor(element, shape, result);
}

export const integerMatMul: OperatorSpec = {
  name: 'IntegerMatMul',
  summary: 'rows of integers times a constant matrix, int32 bias, requantised per column',
  attributes: requantizeAttributes,
  inputs: { min: 3, max: 3 },
  infer: (call) => {
    const [x, w, b] = [inputType(call, 0), inputType(call, 1), inputType(call, 2)];
    if (w.shape.length !== 2) refuse(`the weights have rank ${w.shape.length}, not 2`);
    const [k, n] = w.shape as [number, number];
    if (x.shape.at(-1) !== k) refuse(`rows of ${x.shape.at(-1)} do not fit weights [${k}, ${n}]`);
    requireOperands(x, w, b, n);
    requireOutputStage(call.attributes, n, x.element);
    return [{ element: x.element, shape: [...x.shape.slice(0, -1), n] }];
  },
  evaluate: (call) => {
    const [x, w, b] = [inputTensor(call, 0), inputTensor(call, 1), inputTensor(call, 2)].map((t) =>
      toNumbers(t.data),
    );
    const [k, n] = inputTensor(call, 1).shape as [number, number];
    const { shape } = call.outputs[0]!;
    const stage = outputStage(call.attributes);
    const { element } = inputType(call, 0);
    const result = elementArrayOf(element, elementCount(shape));
    const sums = new Float64Array(n);
    for (let row = 0; row < result.length / n; row++) {
      sums.set(b!);
      for (let i = 0; i < k; i++) {
        const value = x![row * k + i]!;
        if (value !== 0) for (let c = 0; c < n; c++) sums[c]! += value * w![i * n + c]!;
      }
      for (let c = 0; c < n; c++) result[row * n + c] = stage(sums[c]!, c);
    }
    return [tensor(element, shape, result)];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * inputs[1]!.shape[0]!,
};
