/** Reductions over axes, and conversion between element types. */

import { type ElementType, elementCount, rowMajorStrides, type Tensor, tensor } from '../../../base/index.js';
import { flagAttribute, numbersAttribute, textAttribute } from '../attributes.js';
import {
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { copyView } from './copy.js';
import { generate, generateExact, isWide, type Numbers, normalizeAxes, toNumbers } from './numeric.js';

/** The axes that a reduction removes; none stated means all. */
function reducedAxes(call: InferCall): number[] {
  const { shape } = inputType(call, 0);
  const axes = call.attributes.numbers('axes');
  return axes.length > 0 ? normalizeAxes(axes, shape.length) : shape.map((_, axis) => axis);
}

function reduction(name: string, summary: string, reduce: (line: Numbers) => number): OperatorSpec {
  return {
    name,
    summary,
    attributes: {
      axes: numbersAttribute('the axes to reduce; absent: all', []),
      keepDims: flagAttribute('keep the axes with extent 1', true),
    },
    inputs: { min: 1, max: 1 },
    infer: (call) => {
      const { element, shape } = inputType(call, 0);
      if (element === 'bool' || element === 'string') refuse(`the input is ${element}, not numbers`);
      const axes = reducedAxes(call);
      const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
      if (call.attributes.flag('keepDims')) return [{ element, shape: kept }];
      return [{ element, shape: shape.filter((_, axis) => !axes.includes(axis)) }];
    },
    evaluate: (call) => {
      const x = inputTensor(call, 0);
      const lines = reducedLast(x, reducedAxes({ inputs: [x], attributes: call.attributes }));
      const length = lines.data.length / Math.max(1, elementCount(call.outputs[0]!.shape));
      const data = toNumbers(lines.data);
      const part = (i: number): Numbers => data.subarray(i * length, (i + 1) * length);
      return [generate(call.outputs[0]!, (i) => reduce(part(i)))];
    },
  };
}

/** The tensor with the reduced axes moved to the end, so that each result is one contiguous line. */
function reducedLast(x: Tensor, axes: readonly number[]): Tensor {
  const strides = rowMajorStrides(x.shape);
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const steps = order.map((axis) => strides[axis]!);
  return copyView(x, { shape: order.map((axis) => x.shape[axis]!), start: 0, steps });
}

/** Sums by a function of each element. */
function sumOf(f: (x: number) => number): (line: Numbers) => number {
  return (line) => {
    let total = 0;
    for (let i = 0; i < line.length; i++) total += f(line[i]!);
    return total;
  };
}

function product(line: Numbers): number {
  let total = 1;
  for (let i = 0; i < line.length; i++) total *= line[i]!;
  return total;
}

function smallest(line: Numbers): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < line.length; i++) best = Math.min(best, line[i]!);
  return best;
}

/** log(sum(exp(x))), the largest taken out first. */
function logSumExp(line: Numbers): number {
  const top = largest(line);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(sumOf((x) => Math.exp(x - top))(line));
}

const squares = sumOf((x) => x * x);

function sum(line: Numbers): number {
  let total = 0;
  for (let i = 0; i < line.length; i++) total += line[i]!;
  return total;
}

function largest(line: Numbers): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < line.length; i++) best = Math.max(best, line[i]!);
  return best;
}

const castable: readonly ElementType[] = [
  ...(['float32', 'float64', 'float16', 'bfloat16', 'bool'] as const),
  ...(['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const),
];

/** The element type of that name, if conversion to it is defined. */
function castTarget(name: string): ElementType {
  return castable.find((element) => element === name) ?? refuse(`conversion to ${name} is not supported`);
}

const cast: OperatorSpec = {
  name: 'Cast',
  summary: 'the elements as another type: towards zero to integers, not-zero to bool',
  attributes: { to: textAttribute('the element type') },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    castTarget(element);
    return [{ element: castTarget(call.attributes.text('to')), shape }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const { element, shape } = call.outputs[0]!;
    if (element === x.element) return [tensor(element, shape, x.data)];
    if (isWide(x.element) && isWide(element)) {
      const wide = x.data as BigInt64Array;
      return [generateExact({ element, shape }, (i) => wide[i]!)];
    }
    const data = toNumbers(x.data);
    if (element === 'bool') return [generate({ element, shape }, (i) => (data[i] === 0 ? 0 : 1))];
    return [generate({ element, shape }, (i) => data[i]!)];
  },
};

export const reductionOperators: OperatorTable = operatorsByName(
  reduction('ReduceMean', 'mean over axes', (line) => sum(line) / line.length),
  reduction('ReduceSum', 'sum over axes', sum),
  reduction('ReduceMax', 'largest element over axes', largest),
  reduction('ReduceMin', 'smallest element over axes', smallest),
  reduction('ReduceProd', 'product over axes', product),
  reduction('ReduceL1', 'sum of magnitudes over axes', sumOf(Math.abs)),
  reduction('ReduceL2', 'root of the sum of squares over axes', (line) => Math.sqrt(squares(line))),
  reduction('ReduceSumSquare', 'sum of squares over axes', squares),
  reduction('ReduceLogSum', 'logarithm of the sum over axes', (line) => Math.log(sum(line))),
  reduction('ReduceLogSumExp', 'logarithm of the sum of exponentials over axes', logSumExp),
  cast,
);
