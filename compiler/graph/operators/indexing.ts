/** Operators that cut, join and pick elements along axes. */

import { elementCount, rowMajorStrides, type Tensor } from '../../../base/index.js';
import { numberAttribute, numbersAttribute } from '../attributes.js';
import {
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { copyView, pick } from './copy.js';
import { normalizeAxis, requireIntegers, toNumbers } from './numeric.js';

const concat: OperatorSpec = {
  name: 'Concat',
  summary: 'the inputs joined along an axis',
  attributes: { axis: numberAttribute('the axis; negative counts from the end') },
  inputs: { min: 1, max: Number.POSITIVE_INFINITY },
  infer: (call) => {
    const types = call.inputs.map((_, i) => inputType(call, i));
    const { element, shape } = types[0]!;
    const axis = normalizeAxis(call.attributes.number('axis'), shape.length);
    for (const other of types) {
      const agrees =
        other.shape.length === shape.length && shape.every((e, i) => i === axis || e === other.shape[i]);
      if (other.element !== element) refuse(`the inputs are ${element} and ${other.element}`);
      if (!agrees)
        refuse(`[${shape.join(', ')}] and [${other.shape.join(', ')}] do not join along axis ${axis}`);
    }
    const extent = types.reduce((sum, type) => sum + type.shape[axis]!, 0);
    return [{ element, shape: shape.map((e, i) => (i === axis ? extent : e)) }];
  },
  evaluate: (call) => {
    const { shape } = call.outputs[0]!;
    const axis = normalizeAxis(call.attributes.number('axis'), shape.length);
    const result = pick(inputTensor(call, 0), shape, () => -1);
    const row = elementCount(shape.slice(axis));
    let offset = 0;
    for (const part of call.inputs) {
      if (part === undefined) continue;
      copyBlocks(part, elementCount(part.shape.slice(axis)), result, row, offset);
      offset += elementCount(part.shape.slice(axis));
    }
    return [result];
  },
};

/** Copies `part`, `block` elements at a time, to every `row` elements of `whole` from `offset`. */
function copyBlocks(part: Tensor, block: number, whole: Tensor, row: number, offset: number): void {
  const [from, to] = [part.data, whole.data];
  for (let i = 0; i < from.length; i++) to[Math.floor(i / block) * row + offset + (i % block)] = from[i]!;
}

const split: OperatorSpec = {
  name: 'Split',
  summary: 'the input cut along an axis',
  attributes: {
    axis: numberAttribute('the axis; negative counts from the end', 0),
    sizes: numbersAttribute('extent of each part'),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const axis = normalizeAxis(call.attributes.number('axis'), shape.length);
    const sizes = call.attributes.numbers('sizes');
    requireIntegers('sizes', sizes);
    if (sizes.reduce((sum, size) => sum + size, 0) !== shape[axis] || sizes.some((size) => size < 0))
      refuse(`parts of ${sizes.join(', ')} do not make up an extent of ${shape[axis]}`);
    return sizes.map((size) => ({ element, shape: shape.map((e, i) => (i === axis ? size : e)) }));
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    const steps = rowMajorStrides(x.shape);
    let start = 0;
    return call.outputs.map(({ shape }) => {
      const part = copyView(x, { shape, start, steps });
      start += shape[axis]! * steps[axis]!;
      return part;
    });
  },
};

/** Start, step and extent of a slice along every axis, ONNX's clamping applied. */
function sliceRanges(call: InferCall): { start: number; step: number; extent: number }[] {
  const { shape } = inputType(call, 0);
  const { attributes } = call;
  const [starts, ends] = [attributes.numbers('starts'), attributes.numbers('ends')];
  const axes = attributes.numbers('axes').length > 0 ? attributes.numbers('axes') : starts.map((_, i) => i);
  const steps = attributes.numbers('steps').length > 0 ? attributes.numbers('steps') : starts.map(() => 1);
  requireIntegers('starts, ends and steps', [...starts, ...ends, ...steps]);
  if (new Set([starts.length, ends.length, axes.length, steps.length]).size > 1)
    refuse('starts, ends, axes and steps differ in length');
  const ranges = shape.map((extent) => ({ start: 0, step: 1, extent }));
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, shape.length);
    ranges[axis] = sliceRange(shape[axis]!, starts[i]!, ends[i]!, steps[i]!);
  });
  return ranges;
}

function sliceRange(extent: number, start: number, end: number, step: number) {
  if (step === 0) refuse('a step of 0');
  const low = step > 0 ? 0 : -1;
  const bound = (at: number, min: number, max: number): number =>
    Math.min(Math.max(at < 0 ? at + extent : at, min), max);
  const from = step > 0 ? bound(start, 0, extent) : bound(start, 0, extent - 1);
  const to = step > 0 ? bound(end, 0, extent) : bound(end, low, extent - 1);
  return { start: from, step, extent: Math.max(0, Math.ceil((to - from) / step)) };
}

const slice: OperatorSpec = {
  name: 'Slice',
  summary: 'elements start, start + step, ... before end, along some axes',
  attributes: {
    starts: numbersAttribute('first index; negative counts from the end'),
    ends: numbersAttribute('index to stop before; clamped to the extent'),
    axes: numbersAttribute('the axes; absent: the first ones', []),
    steps: numbersAttribute('steps, not 0; absent: 1', []),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => [{ element: inputType(call, 0).element, shape: sliceRanges(call).map((r) => r.extent) }],
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const strides = rowMajorStrides(x.shape);
    const ranges = sliceRanges({ inputs: [x], attributes: call.attributes });
    const start = ranges.reduce((sum, r, axis) => sum + r.start * strides[axis]!, 0);
    const steps = ranges.map((r, axis) => r.step * strides[axis]!);
    return [copyView(x, { shape: call.outputs[0]!.shape, start, steps })];
  },
};

const gather: OperatorSpec = {
  name: 'Gather',
  summary: 'entries of an axis picked by an index tensor',
  attributes: { axis: numberAttribute('the axis; negative counts from the end', 0) },
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const [x, indices] = [inputType(call, 0), inputType(call, 1)];
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    if (indices.element !== 'int64' && indices.element !== 'int32')
      refuse(`the indices are ${indices.element}`);
    return [
      {
        element: x.element,
        shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
      },
    ];
  },
  evaluate: (call) => {
    const [x, indices] = [inputTensor(call, 0), toNumbers(inputTensor(call, 1).data)];
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    const [extent, inner] = [x.shape[axis]!, elementCount(x.shape.slice(axis + 1))];
    return [
      pick(x, call.outputs[0]!.shape, (i) => {
        const entry = normalizeIndex(indices[Math.floor(i / inner) % indices.length]!, extent);
        return (Math.floor(i / (inner * indices.length)) * extent + entry) * inner + (i % inner);
      }),
    ];
  },
};

/** An index counted from the front; refuses one outside the axis. */
export function normalizeIndex(index: number, extent: number): number {
  if (!(index >= -extent && index < extent)) refuse(`index ${index} is outside an axis of extent ${extent}`);
  return index < 0 ? index + extent : index;
}

export const indexingOperators: OperatorTable = operatorsByName(concat, split, slice, gather);
