/** Shapes: operators that state, change or make them. All shapes are known while reading, so what computes shapes is constant. */

import { allocate, elementCount, type Tensor, type TensorData, tensor } from '../../../../base/index.js';
import { reshapedTo } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import { type MappingTable, scalarInput, type TensorflowMapping } from './mapping.js';

const reshape: TensorflowMapping = (call) =>
  call.finishReshape(0, reshapedTo(call, call.type(0).shape, call.integers(1)));

const expandDims: TensorflowMapping = (call) => {
  const { shape } = call.type(0);
  call.finishReshape(0, shape.toSpliced(call.axis(scalarInput(call, 1), shape.length + 1), 0, 1));
};

const squeeze: TensorflowMapping = (call) => {
  const { shape } = call.type(0);
  const given = call.numbers('squeeze_dims').length > 0 ? call.numbers('squeeze_dims') : call.numbers('axis');
  const axes = given.map((axis) => call.axis(axis, shape.length));
  if (axes.some((axis) => shape[axis] !== 1))
    call.refuse(`it drops an axis of [${shape.join(', ')}] that is not 1`);
  const gone = (axis: number, extent: number) => (axes.length > 0 ? axes.includes(axis) : extent === 1);
  call.finishReshape(
    0,
    shape.filter((extent, axis) => !gone(axis, extent)),
  );
};

/** A constant of integers, of the type that an attribute names (int32 where it does not). */
function integers(call: TensorflowCall, shape: readonly number[], values: readonly number[]): Tensor {
  const element = call.element('out_type', 3);
  const data = allocate(element, values.length);
  values.forEach((value, i) => {
    (data as { [i: number]: number | bigint })[i] = data instanceof BigInt64Array ? BigInt(value) : value;
  });
  return tensor(element, shape, data);
}

function finishConstant(call: TensorflowCall, value: Tensor, result = 0): void {
  call.finish({ value: call.values.constantValue(call.stem, value), form: 'last' }, result);
}

const shapeOf: TensorflowMapping = (call) =>
  call.inputs.forEach((_, i) => {
    const { shape } = call.type(i);
    finishConstant(call, integers(call, [shape.length], shape), i);
  });

/** Elements of the largest tensor that an operator makes from nothing. */
const LARGEST = 2 ** 24;

function filled(
  call: TensorflowCall,
  shape: readonly number[],
  element: Tensor['element'],
  fill: number,
): void {
  if (!(elementCount(shape) <= LARGEST)) call.refuse(`[${shape.join(', ')}] is too large for a constant`);
  const data = allocate(element, elementCount(shape)) as {
    fill(value: number | bigint): unknown;
  } & TensorData;
  data.fill(data instanceof BigInt64Array ? BigInt(fill) : fill);
  finishConstant(call, tensor(element, shape, data));
}

const likeInput =
  (fill: number): TensorflowMapping =>
  (call) =>
    filled(call, call.type(0).shape, call.type(0).element, fill);

const fill: TensorflowMapping = (call) => {
  const shape = call.integers(0);
  if (!(elementCount(shape) <= LARGEST) || shape.some((e) => e < 0))
    call.refuse(`[${shape.join(', ')}] is no shape to fill`);
  if (shape.length === 0) return call.finish({ value: call.last(1), form: 'last' });
  call.finish({ value: call.op('Expand', [call.last(1)], { shape }), form: 'last' });
};

const broadcastTo: TensorflowMapping = (call) =>
  call.finish({ value: call.op('Expand', [call.last(0)], { shape: call.integers(1) }), form: 'last' });

const rangeOf: TensorflowMapping = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => scalarInput(call, i)) as [number, number, number];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(count <= LARGEST)) call.refuse(`${start} to ${limit} by ${delta} is no range`);
  const { element } = call.type(0);
  const data = allocate(element, count);
  for (let i = 0; i < count; i++)
    (data as { [i: number]: number | bigint })[i] =
      data instanceof BigInt64Array ? BigInt(start + i * delta) : start + i * delta;
  finishConstant(call, tensor(element, [count], data));
};

const tile: TensorflowMapping = (call) =>
  call.finish({ value: call.op('Tile', [call.last(0)], { repeats: call.integers(1) }), form: 'last' });

const constant: TensorflowMapping = (call) => finishConstant(call, call.stored());

/** The importer of SavedModels gives variables the value that their checkpoint has. */
const variable: TensorflowMapping = (call) => {
  if (call.attribute('value') === undefined)
    call.refuse('its value is in a checkpoint: give the folder of the SavedModel, or freeze the graph');
  constant(call);
};

export const shapeMappings: MappingTable = {
  Const: constant,
  VarHandleOp: variable,
  VariableV2: variable,
  Variable: variable,
  Reshape: reshape,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Shape: shapeOf,
  ShapeN: shapeOf,
  Size: (call) => finishConstant(call, integers(call, [], [elementCount(call.type(0).shape)])),
  Rank: (call) => finishConstant(call, integers(call, [], [call.type(0).shape.length])),
  ZerosLike: likeInput(0),
  OnesLike: likeInput(1),
  Fill: fill,
  BroadcastTo: broadcastTo,
  Range: rangeOf,
  Tile: tile,
};
