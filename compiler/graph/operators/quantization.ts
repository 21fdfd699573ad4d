/** Quantisation as ONNX states it: scales in float32, rounding half to even, saturation to the element type. */

import {
  clamp,
  type ElementType,
  elementCount,
  integerRange,
  roundHalfEven,
  rowMajorStrides,
  type Tensor,
} from '../../../base/index.js';
import { numberAttribute } from '../attributes.js';
import {
  type EvaluateCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import type { TensorType } from '../types.js';
import {
  addPerChannel,
  convolutionAttributes,
  convolutionOf,
  convolutionShape,
  requireBias,
} from './convolution.js';
import { convolve } from './convolve.js';
import { matmulShape, matmulSums } from './matmul.js';
import { generate, type Numbers, normalizeAxis, requireElement, toNumbers } from './numeric.js';

const bytes: readonly ElementType[] = ['int8', 'uint8'];
const axis = numberAttribute('axis of per-axis scales; negative counts from the end', 1);

/** Smallest and largest value of an integer element type that quantisation produces. */
function rangeOf(element: ElementType): { readonly min: number; readonly max: number } {
  const bits = Number(element.replace(/^u?int/, ''));
  return element.startsWith('u') ? { min: 0, max: 2 ** bits - 1 } : integerRange(bits);
}

/** Refuses scales that are neither one number nor one per index of the axis. */
function requireScale(x: TensorType, scale: TensorType, zero: TensorType | undefined, at: number): void {
  requireElement(scale, ['float32'], 'the scale');
  const count = elementCount(scale.shape);
  const extent = count === 1 ? 1 : x.shape[normalizeAxis(at, x.shape.length)];
  if (scale.shape.length > 1 || count !== extent)
    refuse(`a scale of shape [${scale.shape.join(', ')}] does not fit axis ${at} of [${x.shape.join(', ')}]`);
  if (zero !== undefined && elementCount(zero.shape) !== count)
    refuse(`${count} scales, but ${elementCount(zero.shape)} zero points`);
}

/** For a flat index, which scale applies to it. */
function scaleIndex(shape: readonly number[], count: number, at: number): (flat: number) => number {
  if (count === 1) return () => 0;
  const step = rowMajorStrides(shape)[normalizeAxis(at, shape.length)]!;
  return (flat) => Math.floor(flat / step) % count;
}

function zeroPoints(zero: Tensor | undefined, count: number): Numbers {
  return zero === undefined ? new Float64Array(count) : toNumbers(zero.data);
}

const quantizeLinear: OperatorSpec = {
  name: 'QuantizeLinear',
  summary: 'saturate(round(x / scale) + zero point)',
  attributes: { axis },
  inputs: { min: 2, max: 3 },
  infer: (call) => {
    const [x, scale, zero] = [inputType(call, 0), inputType(call, 1), call.inputs[2]];
    requireElement(x, ['float32', 'int32'], 'the input');
    if (zero !== undefined) requireElement(zero, [...bytes, 'int4', 'int16', 'uint16'], 'the zero point');
    requireScale(x, scale, zero, call.attributes.number('axis'));
    return [{ element: zero?.element ?? 'uint8', shape: x.shape }];
  },
  evaluate: (call) => {
    const [x, scale] = [toNumbers(inputTensor(call, 0).data), toNumbers(inputTensor(call, 1).data)];
    const zero = zeroPoints(call.inputs[2], scale.length);
    const { element, shape } = call.outputs[0]!;
    const { min, max } = rangeOf(element);
    const index = scaleIndex(shape, scale.length, call.attributes.number('axis'));
    const quantized = (i: number): number => {
      const s = index(i);
      return clamp(roundHalfEven(Math.fround(x[i]! / scale[s]!)) + zero[s]!, min, max);
    };
    return [generate({ element, shape }, quantized)];
  },
};

const dequantizeLinear: OperatorSpec = {
  name: 'DequantizeLinear',
  summary: '(x - zero point) * scale',
  attributes: { axis },
  inputs: { min: 2, max: 3 },
  infer: (call) => {
    const [x, scale, zero] = [inputType(call, 0), inputType(call, 1), call.inputs[2]];
    requireElement(x, [...bytes, 'int4', 'int16', 'uint16', 'int32', 'int64'], 'the input');
    if (zero !== undefined && zero.element !== x.element)
      refuse(`the input is ${x.element}, its zero point ${zero.element}`);
    requireScale(x, scale, zero, call.attributes.number('axis'));
    return [{ element: 'float32', shape: x.shape }];
  },
  evaluate: (call) => {
    const [x, scale] = [toNumbers(inputTensor(call, 0).data), toNumbers(inputTensor(call, 1).data)];
    const zero = zeroPoints(call.inputs[2], scale.length);
    const index = scaleIndex(call.outputs[0]!.shape, scale.length, call.attributes.number('axis'));
    return [generate(call.outputs[0]!, (i) => (x[i]! - zero[index(i)]!) * scale[index(i)]!)];
  },
};

/** Input `index`, less its zero points, as exact numbers. `along` is the axis of per-axis zero points. */
function centred(call: EvaluateCall, index: number, zeroIndex: number, along: number): Float64Array {
  const [x, zero] = [inputTensor(call, index), toNumbers(inputTensor(call, zeroIndex).data)];
  const which = scaleIndex(x.shape, zero.length, along);
  const data = toNumbers(x.data);
  return Float64Array.from(data, (value, i) => value - zero[which(i)]!);
}

/** `saturate(round(sum * scale) + zero)`, all in float32 as onnxruntime computes it. */
function requantized(
  type: TensorType,
  sums: Float64Array,
  zero: number,
  scaleOf: (flat: number) => number,
): Tensor {
  const { min, max } = rangeOf(type.element);
  return generate(type, (i) => {
    const scaled = Math.fround(Math.fround(sums[i]!) * Math.fround(scaleOf(i)));
    return clamp(roundHalfEven(scaled) + zero, min, max);
  });
}

const qLinearConv: OperatorSpec = {
  name: 'QLinearConv',
  summary: 'convolution of quantised operands; per-channel weights allowed',
  attributes: convolutionAttributes,
  inputs: { min: 8, max: 9 },
  infer: (call) => {
    const [x, w, bias] = [inputType(call, 0), inputType(call, 3), call.inputs[8]];
    requireElement(x, bytes, 'the input');
    requireElement(w, bytes, 'the weights');
    for (const i of [1, 6])
      if (elementCount(inputType(call, i).shape) !== 1) refuse(`input ${i} is not a scalar`);
    requireScale(w, inputType(call, 4), inputType(call, 5), 0);
    const shape = convolutionShape(x.shape, w.shape, call.attributes);
    if (bias !== undefined) requireElement(bias, ['int32'], 'the bias');
    requireBias(bias, w.shape[0]!);
    return [{ element: inputType(call, 7).element, shape }];
  },
  evaluate: (call) => {
    const [x, w, bias] = [inputTensor(call, 0), inputTensor(call, 3), call.inputs[8]];
    const type = call.outputs[0]!;
    const geometry = convolutionOf(x.shape, w.shape, type.shape, call.attributes);
    const sums = convolve(centred(call, 0, 2, 1), centred(call, 3, 5, 0), geometry);
    if (bias !== undefined) addPerChannel(sums, toNumbers(bias.data), type.shape);
    const [xs, ws, ys] = [1, 4, 6].map((i) => toNumbers(inputTensor(call, i).data));
    const scales = Float32Array.from(ws!, (scale) => Math.fround(xs![0]! * scale) / ys![0]!);
    const index = scaleIndex(type.shape, scales.length, 1);
    const zero = toNumbers(inputTensor(call, 7).data)[0]!;
    return [requantized(type, sums, zero, (i) => scales[index(i)]!)];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * elementCount(inputs[3]!.shape.slice(1)),
};

const qLinearMatMul: OperatorSpec = {
  name: 'QLinearMatMul',
  summary: 'matrix product of quantised operands; one scale per column of B allowed',
  attributes: {},
  inputs: { min: 8, max: 8 },
  infer: (call) => {
    const [a, b] = [inputType(call, 0), inputType(call, 3)];
    requireElement(a, bytes, 'A');
    requireElement(b, bytes, 'B');
    for (const i of [1, 2, 6, 7])
      if (elementCount(inputType(call, i).shape) !== 1) refuse(`input ${i} is not a scalar`);
    requireScale(b, inputType(call, 4), inputType(call, 5), -1);
    return [{ element: inputType(call, 7).element, shape: matmulShape(a.shape, b.shape) }];
  },
  evaluate: (call) => {
    const [a, b] = [inputTensor(call, 0), inputTensor(call, 3)];
    const type = call.outputs[0]!;
    const sums = matmulSums(
      { shape: a.shape, data: centred(call, 0, 2, -1) },
      { shape: b.shape, data: centred(call, 3, 5, -1) },
    );
    const [as, bs, ys] = [1, 4, 6].map((i) => toNumbers(inputTensor(call, i).data));
    const scales = Float32Array.from(bs!, (scale) => Math.fround(as![0]! * scale) / ys![0]!);
    const zero = toNumbers(inputTensor(call, 7).data)[0]!;
    return [requantized(type, sums, zero, (i) => scales[i % scales.length]!)];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * inputs[0]!.shape.at(-1)!,
};

const dynamicQuantizeLinear: OperatorSpec = {
  name: 'DynamicQuantizeLinear',
  summary: 'uint8 over the range of the data (zero included): integers, scale, zero point',
  attributes: {},
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    requireElement(x, ['float32'], 'the input');
    const scalar = { element: 'float32', shape: [] } as const;
    return [{ element: 'uint8', shape: x.shape }, scalar, { element: 'uint8', shape: [] }];
  },
  evaluate: (call) => {
    const x = toNumbers(inputTensor(call, 0).data);
    let [low, high] = [0, 0];
    for (const value of x) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const scale = Math.fround((high - low) / 255) || 1;
    const zero = clamp(roundHalfEven(Math.fround(-low / scale)), 0, 255);
    const { shape } = call.outputs[0]!;
    return [
      generate({ element: 'uint8', shape }, (i) =>
        clamp(roundHalfEven(Math.fround(x[i]! / scale)) + zero, 0, 255),
      ),
      generate({ element: 'float32', shape: [] }, () => scale),
      generate({ element: 'uint8', shape: [] }, () => zero),
    ];
  },
};

const matMulInteger: OperatorSpec = {
  name: 'MatMulInteger',
  summary: 'int32 matrix product of bytes, their zero points taken off',
  attributes: {},
  inputs: { min: 2, max: 4 },
  infer: (call) => {
    const [a, b] = [inputType(call, 0), inputType(call, 1)];
    requireElement(a, bytes, 'A');
    requireElement(b, bytes, 'B');
    for (const zero of call.inputs.slice(2))
      if (zero !== undefined && elementCount(zero.shape) !== 1) refuse('a zero point is no scalar');
    return [{ element: 'int32', shape: matmulShape(a.shape, b.shape) }];
  },
  evaluate: (call) => {
    const [a, b] = [0, 1].map((i) => {
      const [x, zero] = [inputTensor(call, i), call.inputs[i + 2]];
      const off = zero === undefined ? 0 : Number(zero.data[0]);
      return { shape: x.shape, data: Float64Array.from(toNumbers(x.data), (v) => v - off) };
    });
    const sums = matmulSums(a!, b!);
    return [generate(call.outputs[0]!, (i) => sums[i]!)];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * inputs[0]!.shape.at(-1)!,
};

/** Input `index`, less its optional zero points. */
function lessZero(call: EvaluateCall, index: number, zeroIndex: number, along: number): Float64Array {
  if (call.inputs[zeroIndex] !== undefined) return centred(call, index, zeroIndex, along);
  return Float64Array.from(toNumbers(inputTensor(call, index).data));
}

const convInteger: OperatorSpec = {
  name: 'ConvInteger',
  summary: 'int32 convolution of bytes, their zero points taken off; padding is the zero point',
  attributes: convolutionAttributes,
  inputs: { min: 2, max: 4 },
  infer: (call) => {
    const [x, w] = [inputType(call, 0), inputType(call, 1)];
    const [xZero, wZero] = [call.inputs[2], call.inputs[3]];
    requireElement(x, bytes, 'the input');
    requireElement(w, bytes, 'the weights');
    const shape = convolutionShape(x.shape, w.shape, call.attributes);
    if (xZero !== undefined && elementCount(xZero.shape) !== 1) refuse('the zero point of x is no scalar');
    if (wZero !== undefined && ![1, w.shape[0]].includes(elementCount(wZero.shape)))
      refuse(`${elementCount(wZero.shape)} zero points of w, not 1 or ${w.shape[0]}`);
    return [{ element: 'int32', shape }];
  },
  evaluate: (call) => {
    const [x, w, type] = [inputTensor(call, 0), inputTensor(call, 1), call.outputs[0]!];
    const geometry = convolutionOf(x.shape, w.shape, type.shape, call.attributes);
    const sums = convolve(lessZero(call, 0, 2, 0), lessZero(call, 1, 3, 0), geometry);
    return [generate(type, (i) => sums[i]!)];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * elementCount(inputs[1]!.shape.slice(1)),
};

export const quantizationOperators: OperatorTable = operatorsByName(
  quantizeLinear,
  dequantizeLinear,
  qLinearConv,
  qLinearMatMul,
  dynamicQuantizeLinear,
  matMulInteger,
  convInteger,
);
