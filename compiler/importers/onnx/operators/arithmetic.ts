/** Element-wise operators, matrix products, normalisations and reductions. */

import { float32Tensor } from '../../../../base/index.js';
import type { Mapping, MappingTable, OnnxCall } from '../call.js';

/** An operator that means the same in the graph, attributes and all (it has none). */
function same(operator: string): Mapping {
  return (call) => call.emit(operator, call.node.input);
}

/** An operator whose float attributes keep their names. */
function withFloats(operator: string, defaults: Readonly<Record<string, number>>): Mapping {
  return (call) => {
    const values = Object.entries(defaults).map(([name, value]) => [
      name,
      call.attributes.float(name, value),
    ]);
    call.emit(operator, call.node.input, Object.fromEntries(values));
  };
}

/** Before operator set 11 the bounds are attributes, since then optional inputs. */
function clip(call: OnnxCall): void {
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const bounds =
    call.opset < 11
      ? { min: call.attributes.float('min', low), max: call.attributes.float('max', high) }
      : { min: call.number(1, 'min') ?? low, max: call.number(2, 'max') ?? high };
  call.emit('Clip', [call.input(0)], bounds);
}

/** A sum (or extremum) of any number of operands becomes a chain of two-operand ones. */
function chain(operator: string): Mapping {
  return (call) => {
    const inputs = call.node.input;
    if (inputs.length === 1) return call.emit('Identity', inputs);
    const before = inputs
      .slice(1, -1)
      .reduce((left, right) => call.intermediate(operator, [left, right]), call.input(0));
    call.emit(operator, [before, inputs.at(-1)!]);
  };
}

function gemm(call: OnnxCall): void {
  call.emit('Gemm', call.node.input, {
    alpha: call.attributes.float('alpha', 1),
    beta: call.attributes.float('beta', 1),
    transA: call.attributes.flag('transA', false),
    transB: call.attributes.flag('transB', false),
  });
}

function batchNormalization(call: OnnxCall): void {
  call.attributes.ignore('momentum');
  if (call.attributes.flag('training_mode', false))
    call.attributes.refuse('training_mode', 'is set: export for inference');
  if (call.attributes.int('spatial', 1) !== 1) call.attributes.refuse('spatial', 'is 0');
  const extra = call.node.output.slice(1).filter((name) => name !== '');
  // Statistics outputs exist for training only.
  if (extra.length > 0) call.refuse('the outputs after the first are for training');
  call.emit('BatchNormalization', call.node.input, { epsilon: call.attributes.float('epsilon', 1e-5) });
}

/** Since operator set 13 along one axis (default the last); before, over all axes from `axis` (default 1) on. */
function softmax(call: OnnxCall): void {
  const tail = call.opset < 13;
  call.emit('Softmax', [call.input(0)], { axis: call.attributes.int('axis', tail ? 1 : -1), tail });
}

function localResponse(call: OnnxCall): void {
  const { attributes } = call;
  call.emit('LRN', [call.input(0)], {
    size: attributes.int('size', 0),
    alpha: attributes.float('alpha', 1e-4),
    beta: attributes.float('beta', 0.75),
    bias: attributes.float('bias', 1),
  });
}

/** The axes moved from an attribute to an input, at operator set 13 for ReduceSum and 18 for the others. */
function reduce(operator: string, inputSince: number): Mapping {
  return (call) => {
    const stated = call.opset < inputSince ? call.attributes.ints('axes') : call.integers(1, 'axes');
    const keepDims = call.attributes.flag('keepdims', true);
    const untouched = call.attributes.flag('noop_with_empty_axes', false);
    if ((stated ?? []).length === 0 && untouched) return call.emit('Identity', [call.input(0)]);
    call.emit(operator, [call.input(0)], { axes: stated ?? [], keepDims });
  };
}

/** max(x, 0) + slope * min(x, 0), for a slope that broadcasts. */
function prelu(call: OnnxCall): void {
  const zero = call.intermediateConstant('zero', float32Tensor([], [0]));
  const below = call.intermediate('Min', [call.input(0), zero]);
  const scaled = call.intermediate('Mul', [below, call.input(1)]);
  call.emit('Add', [call.intermediate('Relu', [call.input(0)]), scaled]);
}

export const arithmeticMappings: MappingTable = {
  Add: same('Add'),
  Sub: same('Sub'),
  Mul: same('Mul'),
  Div: same('Div'),
  Sum: chain('Add'),
  Max: chain('Max'),
  Min: chain('Min'),
  Relu: same('Relu'),
  Sigmoid: same('Sigmoid'),
  Tanh: same('Tanh'),
  HardSwish: same('HardSwish'),
  Abs: same('Abs'),
  Neg: same('Neg'),
  Exp: same('Exp'),
  Log: same('Log'),
  Sqrt: same('Sqrt'),
  Reciprocal: same('Reciprocal'),
  Floor: same('Floor'),
  Ceil: same('Ceil'),
  LeakyRelu: withFloats('LeakyRelu', { alpha: 0.01 }),
  HardSigmoid: withFloats('HardSigmoid', { alpha: 0.2, beta: 0.5 }),
  Elu: withFloats('Elu', { alpha: 1 }),
  PRelu: prelu,
  Clip: clip,
  Gemm: gemm,
  MatMul: same('MatMul'),
  QLinearMatMul: same('QLinearMatMul'),
  BatchNormalization: batchNormalization,
  Softmax: softmax,
  LRN: localResponse,
  ReduceMean: reduce('ReduceMean', 18),
  ReduceMax: reduce('ReduceMax', 18),
  ReduceSum: reduce('ReduceSum', 13),
};
