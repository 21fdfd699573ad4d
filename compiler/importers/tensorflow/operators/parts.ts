/** Operators that cut, join, pick and scatter parts of tensors. */

import { tensor } from '../../../../base/index.js';
import { axisIn, commonForm, concat, inForm, type Shaped } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import { like } from './arithmetic.js';
import { type MappingTable, scalarInput, type TensorflowMapping } from './mapping.js';

const concatV2: TensorflowMapping = (call) => {
  const count = call.inputs.length - 1;
  const names = Array.from({ length: count }, (_, i) => call.input(i));
  call.finish(concat(call, names, scalarInput(call, count)));
};

/** The first version has its axis in front. */
const concatV1: TensorflowMapping = (call) => {
  const names = Array.from({ length: call.inputs.length - 1 }, (_, i) => call.input(i + 1));
  call.finish(concat(call, names, scalarInput(call, 0)));
};

/** Parts of input `x` along an axis; slices where it is constant, so that they fold. */
function parts(call: TensorflowCall, x: string, axis: number, sizes: readonly number[]): Shaped[] {
  const form = commonForm(call, [x]);
  const [source, at] = [inForm(call, x, form), axisIn(form, axis)];
  if (call.values.constant(x) === undefined)
    return call.many('Split', [source], { axis: at, sizes }, sizes.length).map((value) => ({ value, form }));
  let start = 0;
  return sizes.map((size) => {
    const attributes = { starts: [start], ends: [start + size], axes: [at] };
    start += size;
    return { value: call.op('Slice', [source], attributes), form };
  });
}

/** Equal parts: `Split(axis, value)`. */
const split: TensorflowMapping = (call) => {
  const { shape } = call.type(1);
  const axis = call.axis(scalarInput(call, 0), shape.length);
  const count = call.integer('num_split');
  const size = shape[axis]! / count;
  if (!Number.isInteger(size) || count < 1 || count > 4096)
    call.refuse(`${shape[axis]} does not split into ${count} parts`);
  parts(call, call.input(1), axis, new Array<number>(count).fill(size)).forEach((p, i) => {
    call.finish(p, i);
  });
};

/** Stated parts, one of which may be -1: `SplitV(value, sizes, axis)`. */
const splitV: TensorflowMapping = (call) => {
  const { shape } = call.type(0);
  const axis = call.axis(scalarInput(call, 2), shape.length);
  const given = call.integers(1);
  const known = given.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  const sizes = given.map((size) => (size === -1 ? shape[axis]! - known : size));
  parts(call, call.input(0), axis, sizes).forEach((p, i) => {
    call.finish(p, i);
  });
};

const unpack: TensorflowMapping = (call) => {
  const { shape } = call.type(0);
  const axis = call.axis(call.integer('axis'), shape.length);
  if (shape[axis]! > 4096) call.refuse(`${shape[axis]} results are too many`);
  // The file's layout: each part loses an axis, and with it the form of a picture.
  const source = call.last(0);
  const sizes = new Array<number>(shape[axis]!).fill(1);
  const rest = shape.toSpliced(axis, 1);
  const constant = call.values.constant(call.input(0)) !== undefined;
  const cut = constant
    ? sizes.map((_, i) => call.op('Slice', [source], { starts: [i], ends: [i + 1], axes: [axis] }))
    : call.many('Split', [source], { axis, sizes }, sizes.length);
  cut.forEach((value, i) => {
    call.finish({ value: call.op('Reshape', [value], { shape: rest }), form: 'last' }, i);
  });
};

const pack: TensorflowMapping = (call) => {
  const { shape } = call.type(0);
  const axis = call.axis(call.integer('axis'), shape.length + 1);
  const wide = shape.toSpliced(axis, 0, 1);
  const inputs = call.inputs.map((_, i) => {
    if (call.type(i).shape.join() !== shape.join()) call.refuse('its inputs differ in shape');
    return call.op('Reshape', [call.last(i)], { shape: wide });
  });
  call.finish({ value: call.op('Concat', inputs, { axis }), form: 'last' });
};

/** `Slice(x, begin, size)`; a size of -1 reaches the end. */
const slice: TensorflowMapping = (call) => {
  const x = call.input(0);
  const { shape } = call.type(0);
  const [starts, sizes] = [call.integers(1), call.integers(2)];
  const ends = starts.map((start, i) => (sizes[i] === -1 ? shape[i]! : start + (sizes[i] ?? Number.NaN)));
  if (starts.length !== shape.length || ends.some((end, i) => !(starts[i]! >= 0 && end <= shape[i]!)))
    call.refuse(
      `begin [${starts.join(', ')}] and size [${sizes.join(', ')}] do not fit [${shape.join(', ')}]`,
    );
  const form = commonForm(call, [x]);
  const axes = starts.map((_, axis) => axisIn(form, axis));
  call.finish({ value: call.op('Slice', [inForm(call, x, form)], { starts, ends, axes }), form });
};

const gather: TensorflowMapping = (call) => {
  const rank = call.type(0).shape.length;
  const axis = call.inputs.length > 2 ? call.axis(scalarInput(call, 2), rank) : 0;
  if (call.integer('batch_dims') !== 0) call.refuse('batch dimensions are not supported');
  call.finish({ value: call.op('Gather', [call.last(0), call.last(1)], { axis }), form: 'last' });
};

const gatherNd: TensorflowMapping = (call) =>
  call.finish({ value: call.op('GatherND', [call.last(0), call.last(1)]), form: 'last' });

/** An index tensor as the tuples that ScatterND reads. */
function tuples(call: TensorflowCall, index: number): string {
  const { shape } = call.type(index);
  return call.op('Reshape', [call.last(index)], { shape: [...shape, 1] });
}

/** Rows of the first operand named by the second, replaced by or combined with the third; a scalar stands for every row. */
const scatter =
  (reduction: string, prepare?: string): TensorflowMapping =>
  (call) => {
    const data = call.type(0).shape;
    const shape = [...call.type(1).shape, ...data.slice(1)];
    const given = prepare === undefined ? call.last(2) : call.op(prepare, [call.last(2)]);
    const updates =
      call.type(2).shape.join() === shape.join() ? given : call.op('Expand', [given], { shape });
    const value = call.op('ScatterND', [call.last(0), tuples(call, 1), updates], { reduction });
    call.finish({ value, form: 'last' });
  };

/** `OneHot(indices, depth, on, off)`: on where the index is the position. */
const oneHot: TensorflowMapping = (call) => {
  const { shape, element } = call.type(0);
  const depth = scalarInput(call, 1);
  if (!(depth >= 0 && depth <= 2 ** 16)) call.refuse(`a depth of ${depth}`);
  const axis = call.integer('axis', -1);
  const at = axis === -1 ? shape.length : call.axis(axis, shape.length + 1);
  const positions = Int32Array.from({ length: depth }, (_, i) => i);
  const line = tensor('int32', [depth, ...shape.slice(at).map(() => 1)], positions);
  const index = call.op('Cast', [call.values.constantValue(`${call.stem}.positions`, line)], { to: element });
  const wide = call.op('Reshape', [call.last(0)], { shape: shape.toSpliced(at, 0, 1) });
  const value = call.op('Where', [call.op('Equal', [wide, index]), call.last(2), call.last(3)]);
  call.finish({ value, form: 'last' });
};

/** Sums of updates on zeros: `ScatterNd(indices, updates, shape)`. */
const scatterNd: TensorflowMapping = (call) => {
  const shape = call.integers(2);
  const zero = call.op('Cast', [call.op('Mul', [like(call, 0), like(call, 0)])], {
    to: call.type(1).element,
  });
  const zeros = call.op('Expand', [zero], { shape });
  const value = call.op('ScatterND', [zeros, call.last(0), call.last(1)], { reduction: 'add' });
  call.finish({ value, form: 'last' });
};

export const partMappings: MappingTable = {
  Concat: concatV1,
  ConcatV2: concatV2,
  Split: split,
  SplitV: splitV,
  Unpack: unpack,
  Pack: pack,
  Slice: slice,
  Gather: gather,
  GatherV2: gather,
  ResourceGather: gather,
  GatherNd: gatherNd,
  OneHot: oneHot,
  ScatterNd: scatterNd,
  TensorScatterUpdate: (call) =>
    call.finish({
      value: call.op('ScatterND', [call.last(0), call.last(1), call.last(2)], { reduction: 'none' }),
      form: 'last',
    }),
  ScatterAdd: scatter('add'),
  ScatterSub: scatter('add', 'Neg'),
  ScatterMul: scatter('mul'),
  ScatterDiv: scatter('mul', 'Reciprocal'),
  ScatterMin: scatter('min'),
  ScatterMax: scatter('max'),
  ScatterUpdate: scatter('none'),
};
