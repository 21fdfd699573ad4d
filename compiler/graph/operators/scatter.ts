/** Gathers and scatters by index tensors. */

import { type ElementType, elementCount, rowMajorStrides, type Tensor } from '../../../base/index.js';
import { numberAttribute, textAttribute } from '../attributes.js';
import {
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { pick } from './copy.js';
import { normalizeIndex } from './indexing.js';
import { normalizeAxis, toNumbers } from './numeric.js';

const indexTypes: readonly ElementType[] = ['int32', 'int64'];
const axisAttribute = numberAttribute('the axis; negative counts from the end', 0);

function requireIndices(call: InferCall, index: number): readonly number[] {
  const { element, shape } = inputType(call, index);
  if (!indexTypes.includes(element)) refuse(`the indices are ${element}`);
  return shape;
}

/** For every element of an index tensor, the flat index in `shape` with the coordinate of `axis` replaced by the index. */
function alongAxis(indices: Tensor, shape: readonly number[], axis: number): (flat: number) => number {
  const [from, to] = [rowMajorStrides(indices.shape), rowMajorStrides(shape)];
  const entries = toNumbers(indices.data);
  return (flat) =>
    shape.reduce((at, extent, a) => {
      const own = Math.floor(flat / from[a]!) % indices.shape[a]!;
      return at + (a === axis ? normalizeIndex(entries[flat]!, extent) : own) * to[a]!;
    }, 0);
}

function requireAligned(data: readonly number[], indices: readonly number[], axis: number): void {
  const fits = data.length === indices.length && indices.every((e, i) => i === axis || e <= data[i]!);
  if (!fits) refuse(`indices of shape [${indices.join(', ')}] do not fit [${data.join(', ')}]`);
}

const gatherElements: OperatorSpec = {
  name: 'GatherElements',
  summary: 'element [i, ..., indices[i, ...], ...] for every position of the indices',
  attributes: { axis: axisAttribute },
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const x = inputType(call, 0);
    const shape = requireIndices(call, 1);
    requireAligned(x.shape, shape, normalizeAxis(call.attributes.number('axis'), x.shape.length));
    return [{ element: x.element, shape }];
  },
  evaluate: (call) => {
    const [x, indices] = [inputTensor(call, 0), inputTensor(call, 1)];
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    return [pick(x, indices.shape, alongAxis(indices, x.shape, axis))];
  },
};

const reduction = textAttribute('none, add, mul, max or min: how an update meets what is there', 'none');

function combined(mode: string, old: number | bigint, update: number | bigint): number | bigint {
  // Both come from tensors of one type.
  const [a, b] = [old as number, update as number];
  switch (mode) {
    case 'add':
      return a + b;
    case 'mul':
      return a * b;
    case 'max':
      return a > b ? a : b;
    case 'min':
      return a < b ? a : b;
    default:
      return b;
  }
}

function requireReduction(call: InferCall): void {
  const mode = call.attributes.text('reduction');
  if (!['none', 'add', 'mul', 'max', 'min'].includes(mode)) refuse(`reduction "${mode}" is not known`);
  const [x, updates] = [inputType(call, 0), inputType(call, 2)];
  if (x.element !== updates.element) refuse(`the data are ${x.element}, the updates ${updates.element}`);
}

const scatterElements: OperatorSpec = {
  name: 'ScatterElements',
  summary: 'the data with elements [i, ..., indices[i, ...], ...] replaced by, or combined with, the updates',
  attributes: { axis: axisAttribute, reduction },
  inputs: { min: 3, max: 3 },
  infer: (call) => {
    const [x, updates] = [inputType(call, 0), inputType(call, 2)];
    const shape = requireIndices(call, 1);
    requireAligned(x.shape, shape, normalizeAxis(call.attributes.number('axis'), x.shape.length));
    if (shape.join() !== updates.shape.join()) refuse('indices and updates differ in shape');
    requireReduction(call);
    return [x];
  },
  evaluate: (call) => {
    const [x, indices, updates] = [0, 1, 2].map((i) => inputTensor(call, i)) as [Tensor, Tensor, Tensor];
    const at = alongAxis(indices, x.shape, normalizeAxis(call.attributes.number('axis'), x.shape.length));
    const [result, mode] = [pick(x, x.shape, (i) => i), call.attributes.text('reduction')];
    for (let i = 0; i < updates.data.length; i++) {
      const to = at(i);
      result.data[to] = combined(mode, result.data[to]!, updates.data[i]!);
    }
    return [result];
  },
};

/** Number of elements behind one index tuple, and where tuple `i` points. */
function tuples(indices: Tensor, shape: readonly number[], batch: number) {
  const depth = indices.shape.at(-1)!;
  const strides = rowMajorStrides(shape);
  const entries = toNumbers(indices.data);
  const perBatch = elementCount(indices.shape.slice(batch, -1));
  const batchStep = elementCount(shape.slice(batch));
  const start = (tuple: number): number => {
    let at = Math.floor(tuple / perBatch) * batchStep;
    for (let d = 0; d < depth; d++)
      at += normalizeIndex(entries[tuple * depth + d]!, shape[batch + d]!) * strides[batch + d]!;
    return at;
  };
  return { size: elementCount(shape.slice(batch + depth)), start };
}

function requireTuples(call: InferCall, batch: number): { indices: readonly number[]; depth: number } {
  const { shape } = inputType(call, 0);
  const indices = requireIndices(call, 1);
  const depth = indices.at(-1) ?? refuse('the indices are a scalar');
  if (batch + depth > shape.length || batch >= indices.length)
    refuse(`index tuples of ${depth} do not fit a tensor of rank ${shape.length}`);
  if (!shape.slice(0, batch).every((extent, i) => extent === indices[i])) refuse('the batch axes differ');
  return { indices, depth };
}

const gatherNd: OperatorSpec = {
  name: 'GatherND',
  summary: 'slices picked by index tuples (the last axis of the indices)',
  attributes: { batchDims: numberAttribute('leading axes that data and indices share', 0) },
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const batch = call.attributes.number('batchDims');
    const { indices, depth } = requireTuples(call, batch);
    return [{ element, shape: [...indices.slice(0, -1), ...shape.slice(batch + depth)] }];
  },
  evaluate: (call) => {
    const [x, indices] = [inputTensor(call, 0), inputTensor(call, 1)];
    const { size, start } = tuples(indices, x.shape, call.attributes.number('batchDims'));
    const from = (i: number): number => start(Math.floor(i / size)) + (i % size);
    return [pick(x, call.outputs[0]!.shape, from)];
  },
};

const scatterNd: OperatorSpec = {
  name: 'ScatterND',
  summary: 'the data with slices named by index tuples replaced by, or combined with, the updates',
  attributes: { reduction },
  inputs: { min: 3, max: 3 },
  infer: (call) => {
    const [x, updates] = [inputType(call, 0), inputType(call, 2)];
    const { indices, depth } = requireTuples(call, 0);
    const expected = [...indices.slice(0, -1), ...x.shape.slice(depth)];
    if (updates.shape.join() !== expected.join())
      refuse(`the updates have shape [${updates.shape.join(', ')}], not [${expected.join(', ')}]`);
    requireReduction(call);
    return [x];
  },
  evaluate: (call) => {
    const [x, indices, updates] = [0, 1, 2].map((i) => inputTensor(call, i)) as [Tensor, Tensor, Tensor];
    const { size, start } = tuples(indices, x.shape, 0);
    const [result, mode] = [pick(x, x.shape, (i) => i), call.attributes.text('reduction')];
    for (let i = 0; i < updates.data.length; i++) {
      const to = start(Math.floor(i / size)) + (i % size);
      result.data[to] = combined(mode, result.data[to]!, updates.data[i]!);
    }
    return [result];
  },
};

export const scatterOperators: OperatorTable = operatorsByName(
  gatherElements,
  scatterElements,
  gatherNd,
  scatterNd,
);
