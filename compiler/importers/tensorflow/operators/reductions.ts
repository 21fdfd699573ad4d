/** Operators that reduce or scan axes. */

import { alongAxis, reduce } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import { asItIs, identity, type MappingTable, scalarInput, type TensorflowMapping } from './mapping.js';

function axesOf(call: TensorflowCall): number[] {
  const rank = call.type(0).shape.length;
  return [...new Set(call.integers(1).map((axis) => call.axis(axis, rank)))];
}

const reduction =
  (operator: string): TensorflowMapping =>
  (call) => {
    const axes = axesOf(call);
    if (axes.length === 0)
      return operator === 'ReduceL2' ? call.refuse('it reduces no axis') : identity(call);
    call.finish(reduce(call, operator, call.input(0), { axes, keepDims: call.flag('keep_dims') }));
  };

/** All and Any: the smallest and the largest of truth values. */
const logical =
  (operator: string): TensorflowMapping =>
  (call) => {
    const axes = axesOf(call);
    if (axes.length === 0) return identity(call);
    const numbers = `${call.stem}.numbers`;
    const x = asItIs(call, 0);
    call.values.bind(numbers, { ...x, value: call.op('Cast', [x.value], { to: 'uint8' }) });
    const reduced = reduce(call, operator, numbers, { axes, keepDims: call.flag('keep_dims') });
    call.finish({ ...reduced, value: call.op('Cast', [reduced.value], { to: 'bool' }) });
  };

const extreme =
  (operator: string): TensorflowMapping =>
  (call) => {
    const x = call.input(0);
    const rank = call.type(0).shape.length;
    const axis = call.axis(scalarInput(call, 1), rank);
    const overChannels = rank === 4 && axis === 3 && call.values.isFirst(x);
    const [source, at] = overChannels ? [call.values.first(x), 1] : [call.last(0), axis];
    const found = call.op(operator, [source], { axis: at, keepDims: false });
    const element = call.element('output_type', 9);
    call.finish({
      value: element === 'int64' ? found : call.op('Cast', [found], { to: element }),
      form: 'last',
    });
  };

const cumSum: TensorflowMapping = (call) => {
  const axis = call.axis(scalarInput(call, 1), call.type(0).shape.length);
  const attributes = { axis, exclusive: call.flag('exclusive'), reverse: call.flag('reverse') };
  call.finish({ value: call.op('CumSum', [call.last(0)], attributes), form: 'last' });
};

const topK: TensorflowMapping = (call) => {
  const k = call.inputs.length > 1 ? scalarInput(call, 1) : call.integer('k');
  const [values, positions] = call.many('TopK', [call.last(0)], { k, axis: -1, largest: true }, 2);
  call.finish({ value: values!, form: 'last' });
  const element = call.element('index_type', 3);
  call.finish({ value: call.op('Cast', [positions!], { to: element }), form: 'last' }, 1);
};

export const reductionMappings: MappingTable = {
  Mean: reduction('ReduceMean'),
  Sum: reduction('ReduceSum'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  EuclideanNorm: reduction('ReduceL2'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: extreme('ArgMax'),
  ArgMin: extreme('ArgMin'),
  Cumsum: cumSum,
  TopK: topK,
  TopKV2: topK,
  Softmax: (call) => call.finish(alongAxis(call, 'Softmax', call.input(0), -1)),
  LogSoftmax: (call) => call.finish(alongAxis(call, 'LogSoftmax', call.input(0), -1)),
};
