/** Integer pooling: maximum or sum over a window whose border holds a constant, then bias and the output stage. */

import { elementArrayOf, elementCount, tensor } from '../../../base/index.js';
import { type AttributeTable, numberAttribute, numbersAttribute } from '../attributes.js';
import {
  type EvaluateCall,
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  refuse,
} from '../operator.js';
import { requireElement } from '../operators/numeric.js';
import { planes, readWindow, spatialShape, windowAttributes, windowOutput } from '../operators/window.js';
import type { TensorType } from '../types.js';
import { padded } from './pad.js';
import { integerElements, outputStage, requantizeAttributes, requireOutputStage } from './requantize.js';

const attributes: AttributeTable = {
  ...windowAttributes,
  ...requantizeAttributes,
  kernel: numbersAttribute('extents of the window'),
  padValue: numberAttribute('value outside the picture'),
  bias: numberAttribute('added to the reduced window', 0),
};

function infer(call: InferCall): readonly TensorType[] {
  const x = inputType(call, 0);
  requireElement(x, integerElements, 'the input');
  const kernel = call.attributes.numbers('kernel');
  if (x.shape.length - 2 !== kernel.length)
    refuse(`a kernel of ${kernel.length} axes does not fit rank ${x.shape.length}`);
  const [n, c, h, w] = planes(x.shape);
  requireOutputStage(call.attributes, c, x.element);
  const window = readWindow(call.attributes, kernel);
  return [
    { element: x.element, shape: [n, c, ...spatialShape(x.shape.length, windowOutput(window, [h, w]))] },
  ];
}

function evaluate(call: EvaluateCall, start: number, reduce: (a: number, b: number) => number) {
  const x = inputTensor(call, 0);
  const { shape } = call.outputs[0]!;
  const { kernel, strides, dilations, ...window } = readWindow(
    call.attributes,
    call.attributes.numbers('kernel'),
  );
  const source = padded(x, { kernel, strides, dilations, ...window }, call.attributes.number('padValue'));
  const [n, c, oh, ow] = planes(shape);
  const stage = outputStage(call.attributes);
  const bias = call.attributes.number('bias');
  const result = elementArrayOf(x.element, elementCount(shape));
  let out = 0;
  for (let plane = 0; plane < n * c; plane++) {
    for (let y = 0; y < oh; y++) {
      for (let k = 0; k < ow; k++) {
        const corner = (plane * source.height + y * strides[0]) * source.width + k * strides[1];
        let value = start;
        for (let ky = 0; ky < kernel[0]; ky++) {
          const row = corner + ky * dilations[0] * source.width;
          for (let kx = 0; kx < kernel[1]; kx++) value = reduce(value, source.data[row + kx * dilations[1]]!);
        }
        result[out++] = stage(value + bias, plane % c);
      }
    }
  }
  return [tensor(x.element, shape, result)];
}

export const integerMaxPool: OperatorSpec = {
  name: 'IntegerMaxPool',
  summary: 'maximum over a window, then bias and requantisation',
  attributes,
  inputs: { min: 1, max: 1 },
  infer,
  evaluate: (call) => evaluate(call, Number.NEGATIVE_INFINITY, (a, b) => (a > b ? a : b)),
};

export const integerAveragePool: OperatorSpec = {
  name: 'IntegerAveragePool',
  summary: 'sum over a window, bias, and a multiplier that holds one over the count',
  attributes,
  inputs: { min: 1, max: 1 },
  infer,
  evaluate: (call) => evaluate(call, 0, (a, b) => a + b),
};
