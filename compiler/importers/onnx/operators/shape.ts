/** Shape operators: run-time parameters that are constant become attributes, shapes become constants. */

import { allocate, elementCount, float32Tensor, type Tensor, tensor } from '../../../../base/index.js';
import { type Mapping, type MappingTable, type OnnxCall, requireModest } from '../call.js';
import { elementOfCode } from '../tensor.js';

/** 0 copies the extent of the input unless `allowzero`; -1 is resolved by the graph's own rule. */
function reshape(call: OnnxCall): void {
  const target = call.integers(1, 'shape') ?? call.refuse('input 1 is missing');
  const { shape } = call.type(0);
  const literal = call.attributes.flag('allowzero', false);
  const copied = target.map((extent, axis) =>
    extent === 0 && !literal
      ? (shape[axis] ?? call.refuse(`axis ${axis} of the input does not exist`))
      : extent,
  );
  const known = elementCount(copied.filter((extent) => extent !== -1));
  const rest = known === 0 ? 0 : elementCount(shape) / known;
  call.emit('Reshape', [call.input(0)], { shape: copied.map((e) => (e === -1 ? rest : e)) });
}

/** Squeeze and Unsqueeze: the axes became an input at operator set 13. */
function axesOperator(operator: string): Mapping {
  return (call) => {
    const axes = call.opset < 13 ? call.attributes.ints('axes') : call.integers(1, 'axes');
    if (axes === undefined && operator === 'Unsqueeze') call.refuse('the axes are missing');
    call.emit(operator, [call.input(0)], { axes: axes ?? [] });
  };
}

function dropout(call: OnnxCall): void {
  call.attributes.ignore('ratio', 'seed');
  if (call.opset < 7 && !call.attributes.flag('is_test', false))
    call.attributes.refuse('is_test', 'is not set: export for inference');
  if (call.opset >= 12 && call.has(2) && (call.number(2, 'training_mode') ?? 0) !== 0)
    call.refuse('"training_mode" is set: export for inference');
  call.emitOutputs('Dropout', [call.input(0)], {}, 1);
  if ((call.node.output[1] ?? '') === '') return;
  // At inference nothing is dropped: the mask is all true.
  const { shape } = call.type(0);
  requireModest(call, shape);
  call.emitConstant(tensor('bool', shape, new Uint8Array(elementCount(shape)).fill(1)), 1);
}

/** Since operator set 11 the amounts are inputs, since 18 the axes too. */
function pad(call: OnnxCall): void {
  const mode = call.attributes.string('mode', 'constant');
  const early = call.opset < 11;
  const amounts = early ? call.attributes.ints('pads') : call.integers(1, 'pads');
  const value = early ? call.attributes.float('value', 0) : (call.number(2, 'constant_value') ?? 0);
  const rank = call.type(0).shape.length;
  const axes = call.integers(3, 'axes') ?? Array.from({ length: rank }, (_, axis) => axis);
  if (amounts === undefined) call.refuse('the pads are missing');
  if (amounts.length !== 2 * axes.length) call.refuse(`${amounts.length} pads for ${axes.length} axes`);
  const pads = new Array<number>(2 * rank).fill(0);
  axes.forEach((given, i) => {
    const axis = given < 0 ? given + rank : given;
    if (!(axis >= 0 && axis < rank)) call.refuse(`axis ${given} is outside a tensor of rank ${rank}`);
    pads[axis] = amounts[i]!;
    pads[axis + rank] = amounts[i + axes.length]!;
  });
  call.emit('Pad', [call.input(0)], { pads, value, mode });
}

/** Since operator set 10 the ranges are inputs. */
function slice(call: OnnxCall): void {
  const read = (index: number, name: string): readonly number[] | undefined =>
    call.opset < 10 && name !== 'steps' ? call.attributes.ints(name) : call.integers(index, name);
  const [starts, ends] = [read(1, 'starts'), read(2, 'ends')];
  if (starts === undefined || ends === undefined) call.refuse('starts or ends are missing');
  call.emit('Slice', [call.input(0)], {
    starts,
    ends,
    axes: read(3, 'axes') ?? [],
    steps: read(4, 'steps') ?? [],
  });
}

/** Equal parts, an attribute of sizes (before operator set 13) or an input of sizes. */
function split(call: OnnxCall): void {
  const { shape } = call.type(0);
  const axis = call.attributes.int('axis', 0);
  const extent = shape.at(axis) ?? call.refuse(`axis ${axis} is outside a tensor of rank ${shape.length}`);
  const parts = call.attributes.int('num_outputs', call.node.output.length);
  if (!(parts >= 1 && parts <= call.node.output.length))
    call.refuse(`${parts} parts for ${call.node.output.length} outputs`);
  const size = Math.ceil(extent / parts);
  const equal = Array.from({ length: parts }, (_, i) => Math.min(size, extent - i * size));
  const sizes = (call.opset < 13 ? call.attributes.ints('split') : call.integers(1, 'split')) ?? equal;
  call.emit('Split', [call.input(0)], { axis, sizes });
}

function cast(call: OnnxCall): void {
  call.attributes.ignore('saturate', 'round_mode');
  const code = call.attributes.int('to', 0);
  const to = elementOfCode(code) ?? call.attributes.refuse('to', `has the unknown value ${code}`);
  call.emit('Cast', [call.input(0)], { to });
}

function castLike(call: OnnxCall): void {
  call.attributes.ignore('saturate', 'round_mode');
  call.emit('Cast', [call.input(0)], { to: call.type(1).element });
}

function sizeOf(call: OnnxCall): void {
  call.emitConstant(tensor('int64', [], BigInt64Array.of(BigInt(elementCount(call.type(0).shape)))));
}

/** start, start + delta, ... before limit. */
function range(call: OnnxCall): void {
  call.attributes.ignore('stash_type');
  const [start, limit, delta] = ['start', 'limit', 'delta'].map(
    (role, index) => call.number(index, role) ?? call.refuse(`input ${index} is missing`),
  ) as [number, number, number];
  if (delta === 0) call.refuse('the step is 0');
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  requireModest(call, [count]);
  const { element } = call.type(0);
  const data = allocate(element, count);
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (let i = 0; i < count; i++) {
    const value = start + i * delta;
    data[i] = wide ? BigInt(value) : value;
  }
  call.emitConstant(tensor(element, [count], data));
}

function eyeLike(call: OnnxCall): void {
  const { element, shape } = call.type(0);
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined)
    call.refuse('the input is no matrix');
  const code = call.attributes.int('dtype', 0);
  const type = code === 0 ? element : elementOfCode(code);
  if (type === undefined || type === 'string') call.attributes.refuse('dtype', `has the value ${code}`);
  requireModest(call, shape);
  const [data, k] = [allocate(type, elementCount(shape)), call.attributes.int('k', 0)];
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (let row = 0; row < rows; row++)
    if (row + k >= 0 && row + k < columns) data[row * columns + row + k] = wide ? 1n : 1;
  call.emitConstant(tensor(type, shape, data));
}

/** Shapes are concrete here, so the shape of anything is a constant. */
function shapeOf(call: OnnxCall): void {
  const { shape } = call.type(0);
  const start = call.attributes.int('start', 0);
  const extents = shape.slice(start, call.attributes.has('end') ? call.attributes.int('end', 0) : undefined);
  call.emitConstant(tensor('int64', [extents.length], BigInt64Array.from(extents, BigInt)));
}

function constantOfShape(call: OnnxCall): void {
  const shape = call.integers(0, 'shape') ?? call.refuse('input 0 is missing');
  if (shape.some((extent) => !(extent >= 0))) call.refuse(`[${shape.join(', ')}] is not a shape`);
  requireModest(call, shape);
  const value = call.attributes.tensor('value') ?? float32Tensor([1], [0]);
  if (value.data.length !== 1) call.attributes.refuse('value', 'is not one element');
  const data = new (value.data.constructor as new (count: number) => Tensor['data'])(elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = value.data[0]!;
  call.emitConstant(tensor(value.element, shape, data));
}

function constant(call: OnnxCall): void {
  const { attributes } = call;
  const integers = (values: readonly number[], shape: readonly number[]): Tensor =>
    tensor(
      'int64',
      shape,
      BigInt64Array.from(values, (v) => BigInt(v)),
    );
  const found =
    attributes.tensor('value') ??
    (attributes.has('value_float') ? float32Tensor([], [attributes.float('value_float', 0)]) : undefined) ??
    (attributes.has('value_int') ? integers([attributes.int('value_int', 0)], []) : undefined);
  const [floats, ints] = [attributes.floats('value_floats'), attributes.ints('value_ints')];
  attributes.finish();
  if (found !== undefined) call.emitConstant(found);
  else if (floats !== undefined) call.emitConstant(float32Tensor([floats.length], floats));
  else if (ints !== undefined) call.emitConstant(integers(ints, [ints.length]));
  else call.refuse('no value is given');
}

export const shapeMappings: MappingTable = {
  Reshape: reshape,
  Flatten: (call) => call.emit('Flatten', [call.input(0)], { axis: call.attributes.int('axis', 1) }),
  Squeeze: axesOperator('Squeeze'),
  Unsqueeze: axesOperator('Unsqueeze'),
  Transpose: (call) => call.emit('Transpose', [call.input(0)], { perm: call.attributes.ints('perm') ?? [] }),
  Expand: (call) =>
    call.emit('Expand', [call.input(0)], {
      shape: call.integers(1, 'shape') ?? call.refuse('input 1 is missing'),
    }),
  Concat: (call) => call.emit('Concat', call.node.input, { axis: call.attributes.int('axis', 1) }),
  Tile: (call) =>
    call.emit('Tile', [call.input(0)], {
      repeats: call.integers(1, 'repeats') ?? call.refuse('input 1 is missing'),
    }),
  SpaceToDepth: (call) =>
    call.emit('SpaceToDepth', [call.input(0)], { blockSize: call.attributes.int('blocksize', 0) }),
  DepthToSpace: (call) =>
    call.emit('DepthToSpace', [call.input(0)], {
      blockSize: call.attributes.int('blocksize', 0),
      mode: call.attributes.string('mode', 'DCR'),
    }),
  GatherElements: (call) =>
    call.emit('GatherElements', call.node.input, { axis: call.attributes.int('axis', 0) }),
  GatherND: (call) =>
    call.emit('GatherND', call.node.input, { batchDims: call.attributes.int('batch_dims', 0) }),
  ScatterElements: (call) =>
    call.emit('ScatterElements', call.node.input, {
      axis: call.attributes.int('axis', 0),
      reduction: call.attributes.string('reduction', 'none'),
    }),
  ScatterND: (call) =>
    call.emit('ScatterND', call.node.input, { reduction: call.attributes.string('reduction', 'none') }),
  CastLike: castLike,
  Size: sizeOf,
  Range: range,
  EyeLike: eyeLike,
  Gather: (call) => call.emit('Gather', call.node.input, { axis: call.attributes.int('axis', 0) }),
  Identity: (call) => call.emit('Identity', [call.input(0)]),
  Dropout: dropout,
  Pad: pad,
  Slice: slice,
  Split: split,
  Cast: cast,
  Shape: shapeOf,
  ConstantOfShape: constantOfShape,
  Constant: constant,
};
