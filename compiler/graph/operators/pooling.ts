/** Pooling over windows and over whole planes. */

import { allocate, type ElementType, elementCount, type Tensor, tensor } from '../../../base/index.js';
import { type Attributes, flagAttribute, numberAttribute, numbersAttribute } from '../attributes.js';
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
import { generate, isFloat, type Numbers, requireElement, toNumbers } from './numeric.js';
import { planes, readWindow, spatialShape, type Window, windowAttributes, windowOutput } from './window.js';

const kernel = numbersAttribute('extents of the window');
const orderedElements: readonly ElementType[] = ['float32', 'float64', 'int8', 'uint8'];

function pooledShape(call: InferCall, ceilMode: boolean): number[] {
  const { shape } = inputType(call, 0);
  const extents = call.attributes.numbers('kernel');
  if (shape.length - 2 !== extents.length)
    refuse(`a kernel of ${extents.length} axes does not fit an input of rank ${shape.length}`);
  const window = readWindow(call.attributes, extents);
  const [n, c, h, w] = planes(shape);
  return [n, c, ...spatialShape(shape.length, windowOutput(window, [h, w], ceilMode))];
}

/** What a pooling rule sees of one window: the elements inside the input, and how many taps lie inside the padded input. */
type Reduce = (x: Numbers, inside: Int32Array, count: number, padded: number) => number;

function pool(call: EvaluateCall, window: Window, reduce: Reduce): Tensor {
  const x = inputTensor(call, 0);
  const { element, shape } = call.outputs[0]!;
  const [n, c, height, width] = planes(x.shape);
  const [, , outHeight, outWidth] = planes(shape);
  const source = toNumbers(x.data);
  const result = toNumbers(allocate(element, elementCount(shape)));
  const inside = new Int32Array(window.kernel[0] * window.kernel[1]);
  let out = 0;
  for (let plane = 0; plane < n * c; plane++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const [count, padded] = gather(window, [height, width], [oy, ox], plane * height * width, inside);
        result[out++] = reduce(source, inside, count, padded);
      }
    }
  }
  return tensor(element, shape, result);
}

/** Fills `inside` with the flat indices of the window's elements; returns their number and that of the padded taps. */
function gather(
  { kernel: [kh, kw], strides, dilations, pads }: Window,
  [height, width]: readonly [number, number],
  [oy, ox]: readonly [number, number],
  base: number,
  inside: Int32Array,
): [number, number] {
  let count = 0;
  let padded = 0;
  for (let ky = 0; ky < kh; ky++) {
    const iy = oy * strides[0] - pads[0] + ky * dilations[0];
    if (iy >= height + pads[2]) break;
    for (let kx = 0; kx < kw; kx++) {
      const ix = ox * strides[1] - pads[1] + kx * dilations[1];
      if (ix >= width + pads[3]) break;
      padded++;
      if (iy >= 0 && iy < height && ix >= 0 && ix < width) inside[count++] = base + iy * width + ix;
    }
  }
  return [count, padded];
}

function windowOfCall(attributes: Attributes): Window {
  return readWindow(attributes, attributes.numbers('kernel'));
}

const maxPool: OperatorSpec = {
  name: 'MaxPool',
  summary: 'largest element of each window; padding never wins',
  attributes: { kernel, ...windowAttributes },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    requireElement(inputType(call, 0), orderedElements, 'the input');
    return [{ element: inputType(call, 0).element, shape: pooledShape(call, false) }];
  },
  evaluate: (call) => {
    const largest: Reduce = (x, inside, count) => {
      let best = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < count; i++) if (x[inside[i]!]! > best) best = x[inside[i]!]!;
      return best;
    };
    return [pool(call, windowOfCall(call.attributes), largest)];
  },
};

const averagePool: OperatorSpec = {
  name: 'AveragePool',
  summary: 'mean of each window, with or without the padding counted',
  attributes: {
    kernel,
    ...windowAttributes,
    countIncludePad: flagAttribute('padding counts as zeros', false),
    ceilMode: flagAttribute(
      'a last window may overhang the padded input; the overhang is never counted',
      false,
    ),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
    return [{ element: x.element, shape: pooledShape(call, call.attributes.flag('ceilMode')) }];
  },
  evaluate: (call) => {
    const includePad = call.attributes.flag('countIncludePad');
    const mean: Reduce = (x, inside, count, padded) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += x[inside[i]!]!;
      return sum / (includePad ? padded : count);
    };
    return [pool(call, windowOfCall(call.attributes), mean)];
  },
};

const lpPool: OperatorSpec = {
  name: 'LpPool',
  summary: 'p-norm of each window',
  attributes: { kernel, ...windowAttributes, p: numberAttribute('the exponent', 2) },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
    return [{ element: x.element, shape: pooledShape(call, false) }];
  },
  evaluate: (call) => {
    const p = call.attributes.number('p');
    const norm: Reduce = (x, inside, count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += Math.abs(x[inside[i]!]!) ** p;
      return sum ** (1 / p);
    };
    return [pool(call, windowOfCall(call.attributes), norm)];
  },
};

function globalPool(name: string, summary: string, reduce: (plane: Numbers) => number): OperatorSpec {
  return {
    name,
    summary,
    attributes: {},
    inputs: { min: 1, max: 1 },
    infer: (call) => {
      const { element, shape } = inputType(call, 0);
      if (!isFloat(element)) refuse(`the input is ${element}, not a float`);
      if (shape.length < 3) refuse(`the input has rank ${shape.length}; there is no plane to pool`);
      return [{ element, shape: [shape[0]!, shape[1]!, ...shape.slice(2).map(() => 1)] }];
    },
    evaluate: (call) => {
      const x = inputTensor(call, 0);
      const size = elementCount(x.shape.slice(2));
      const source = toNumbers(x.data);
      return [generate(call.outputs[0]!, (i) => reduce(source.subarray(i * size, (i + 1) * size)))];
    },
  };
}

function meanOf(plane: Numbers): number {
  let sum = 0;
  for (let i = 0; i < plane.length; i++) sum += plane[i]!;
  return sum / plane.length;
}

function largestOf(plane: Numbers): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < plane.length; i++) best = Math.max(best, plane[i]!);
  return best;
}

export const poolingOperators: OperatorTable = operatorsByName(
  maxPool,
  averagePool,
  lpPool,
  globalPool('GlobalAveragePool', 'mean of each plane', meanOf),
  globalPool('GlobalMaxPool', 'largest element of each plane', largestOf),
);
