/** Operators that rename or permute axes and leave the elements alone; they work on every element type. */

import { elementCount, rowMajorStrides } from '../../../base/index.js';
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
import { broadcastIndex, broadcastShape } from './broadcast.js';
import { copyView, pick } from './copy.js';
import { normalizeAxes, reshaped } from './numeric.js';

/** Operators whose result is their input under another shape, element for element: of tensors stored row-major, other names of the same bytes. */
export const viewOperators: ReadonlySet<string> = new Set([
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity'],
]);

/** An operator of one input whose elements keep their order. */
function renaming(
  name: string,
  summary: string,
  attributes: OperatorSpec['attributes'],
  shapeOf: (shape: readonly number[], call: InferCall) => readonly number[],
): OperatorSpec {
  return {
    name,
    summary,
    attributes,
    inputs: { min: 1, max: 1 },
    infer: (call) => {
      const { element, shape } = inputType(call, 0);
      return [{ element, shape: shapeOf(shape, call) }];
    },
    evaluate: (call) => [reshaped(inputTensor(call, 0), call.outputs[0]!.shape)],
  };
}

/** The target shape with one -1 replaced by what is left; refuses a different number of elements. */
function resolveShape(from: readonly number[], to: readonly number[]): number[] {
  const known = elementCount(to.filter((extent) => extent !== -1));
  const shape = to.map((extent) => (extent === -1 ? elementCount(from) / known : extent));
  const fits = shape.every((extent) => Number.isInteger(extent) && extent >= 0);
  if (!fits || to.filter((e) => e === -1).length > 1 || elementCount(shape) !== elementCount(from))
    refuse(`[${from.join(', ')}] cannot become [${to.join(', ')}]`);
  return shape;
}

function flattenedShape(shape: readonly number[], axis: number): number[] {
  if (!Number.isInteger(axis) || axis < -shape.length || axis > shape.length)
    refuse(`axis ${axis} is outside a tensor of rank ${shape.length}`);
  const cut = axis < 0 ? axis + shape.length : axis;
  return [elementCount(shape.slice(0, cut)), elementCount(shape.slice(cut))];
}

function squeezedShape(shape: readonly number[], axes: readonly number[]): number[] {
  const gone =
    axes.length > 0 ? normalizeAxes(axes, shape.length) : shape.flatMap((e, i) => (e === 1 ? [i] : []));
  for (const axis of gone) if (shape[axis] !== 1) refuse(`axis ${axis} has extent ${shape[axis]}, not 1`);
  return shape.filter((_, axis) => !gone.includes(axis));
}

function unsqueezedShape(shape: readonly number[], axes: readonly number[]): number[] {
  const added = normalizeAxes(axes, shape.length + axes.length);
  const rest = [...shape];
  for (const axis of added) rest.splice(axis, 0, 1);
  return rest;
}

const same = (shape: readonly number[]): readonly number[] => shape;

const transpose: OperatorSpec = {
  name: 'Transpose',
  summary: 'axis i of the result is axis perm[i] of the input',
  attributes: { perm: numbersAttribute('a permutation of the axes; absent: reversed', []) },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const perm = permutation(call.attributes.numbers('perm'), shape.length);
    return [{ element, shape: perm.map((axis) => shape[axis]!) }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const strides = rowMajorStrides(x.shape);
    const perm = permutation(call.attributes.numbers('perm'), x.shape.length);
    const { shape } = call.outputs[0]!;
    return [copyView(x, { shape, start: 0, steps: perm.map((axis) => strides[axis]!) })];
  },
};

function permutation(perm: readonly number[], rank: number): readonly number[] {
  if (perm.length === 0) return Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const sorted = [...perm].sort((a, b) => a - b);
  if (perm.length !== rank || sorted.some((axis, i) => axis !== i))
    refuse(`perm ${perm.join(', ')} is not a permutation of ${rank} axes`);
  return perm;
}

const expand: OperatorSpec = {
  name: 'Expand',
  summary: 'broadcasts the input against a shape',
  attributes: { shape: numbersAttribute('the shape to broadcast with') },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const target = call.attributes.numbers('shape');
    if (!target.every((extent) => Number.isInteger(extent) && extent >= 0))
      refuse(`[${target.join(', ')}] is not a shape`);
    return [{ element, shape: broadcastShape(shape, target) }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const { shape } = call.outputs[0]!;
    const index = broadcastIndex(x.shape, shape);
    return [pick(x, shape, (i) => index[i]!)];
  },
};

export const shapeOperators: OperatorTable = operatorsByName(
  renaming('Identity', 'the input', {}, same),
  renaming('Dropout', 'the input: nothing is dropped at inference', {}, same),
  renaming(
    'Reshape',
    'the same elements under another shape',
    { shape: numbersAttribute('the new shape; one entry may be -1') },
    (shape, { attributes }) => resolveShape(shape, attributes.numbers('shape')),
  ),
  renaming(
    'Flatten',
    'a matrix: the axes before `axis`, and the others',
    { axis: numberAttribute('first axis of the second extent; negative counts from the end', 1) },
    (shape, { attributes }) => flattenedShape(shape, attributes.number('axis')),
  ),
  renaming(
    'Squeeze',
    'without some axes of extent 1',
    { axes: numbersAttribute('the axes to drop; absent: all of extent 1', []) },
    (shape, { attributes }) => squeezedShape(shape, attributes.numbers('axes')),
  ),
  renaming(
    'Unsqueeze',
    'with axes of extent 1 inserted',
    { axes: numbersAttribute('positions of the new axes in the result') },
    (shape, { attributes }) => unsqueezedShape(shape, attributes.numbers('axes')),
  ),
  transpose,
  expand,
);
