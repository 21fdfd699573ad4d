/** Element-wise operators, matrix products, normalisations and reductions. */

import { tensor } from '../../../../base/index.js';
import type { Mapping, MappingTable, OnnxCall } from '../call.js';

/** An operator that means the same in the graph, attributes and all (it has none). */
function same(operator: string): Mapping {
  return (call) => call.emit(operator, call.node.input);
}

/** Two operands. Before operator set 7 the second one's axes were placed by attributes, not by numpy's rule. */
function binary(operator: string): Mapping {
  return (call) => {
    if (call.opset >= 7) return call.emit(operator, call.node.input);
    const [a, b] = [call.type(0).shape, call.type(1).shape];
    const broadcast = call.attributes.flag('broadcast', false);
    const stated = call.attributes.int('axis', a.length - b.length);
    if (stated < -a.length || stated > a.length)
      call.attributes.refuse('axis', `is ${stated}, outside a tensor of rank ${a.length}`);
    const behind = a.length - b.length - (stated < 0 ? stated + a.length : stated);
    if (!broadcast || behind <= 0) return call.emit(operator, call.node.input);
    const shape = [...b, ...new Array<number>(behind).fill(1)];
    call.emit(operator, [call.input(0), call.intermediate('Reshape', [call.input(1)], { shape })]);
  };
}

/** Before operator set 7 a slope per channel had one axis. */
function prelu(call: OnnxCall): void {
  const [x, slope] = [call.type(0).shape, call.type(1).shape];
  const perChannel = call.opset < 7 && slope.length === 1 && x.length > 2;
  const shape = [slope[0] ?? 1, ...x.slice(2).map(() => 1)];
  const placed = perChannel ? call.intermediate('Reshape', [call.input(1)], { shape }) : call.input(1);
  call.emit('PRelu', [call.input(0), placed]);
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
  if (call.opset < 7) call.attributes.ignore('broadcast');
  call.emit('Gemm', call.node.input, {
    alpha: call.attributes.float('alpha', 1),
    beta: call.attributes.float('beta', 1),
    transA: call.attributes.flag('transA', false),
    transB: call.attributes.flag('transB', false),
  });
}

function batchNormalization(call: OnnxCall): void {
  call.attributes.ignore('momentum');
  if (call.opset < 7 && !call.attributes.flag('is_test', false))
    call.attributes.refuse('is_test', 'is not set: export for inference');
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

/** No axes at all: a reduction of single elements. */
function untouchedReduction(call: OnnxCall, operator: string): void {
  const each: Readonly<Record<string, string>> = {
    ReduceL1: 'Abs',
    ReduceL2: 'Abs',
    ReduceLogSum: 'Log',
  };
  if (operator === 'ReduceSumSquare') call.emit('Mul', [call.input(0), call.input(0)]);
  else call.emit(each[operator] ?? 'Identity', [call.input(0)]);
}

/** The axes moved from an attribute to an input, at operator set 13 for ReduceSum and 18 for the others. */
function reduce(operator: string, inputSince: number): Mapping {
  return (call) => {
    const stated = call.opset < inputSince ? call.attributes.ints('axes') : call.integers(1, 'axes');
    const keepDims = call.attributes.flag('keepdims', true);
    const untouched = call.attributes.flag('noop_with_empty_axes', false);
    if ((stated ?? []).length === 0 && untouched) return untouchedReduction(call, operator);
    call.emit(operator, [call.input(0)], { axes: stated ?? [], keepDims });
  };
}

/** Statistics are float32 whatever the input is (`stash_type` 1, the default). */
function layerNormalization(operator: string): Mapping {
  return (call) => {
    if (call.attributes.int('stash_type', 1) !== 1) call.attributes.refuse('stash_type', 'is not 1');
    const values = { axis: call.attributes.int('axis', -1), epsilon: call.attributes.float('epsilon', 1e-5) };
    call.emit(operator, call.node.input, values);
  };
}

/** Before operator set 21 scale and bias have one number a group. */
function groupNormalization(call: OnnxCall): void {
  call.attributes.ignore('stash_type');
  if (call.opset < 21) call.refuse('scales per group (before operator set 21) are not supported');
  const groups = call.attributes.int('num_groups', 0);
  call.emit('GroupNormalization', call.node.input, {
    groups,
    epsilon: call.attributes.float('epsilon', 1e-5),
  });
}

/** Mean of any number of operands. */
function mean(call: OnnxCall): void {
  const count = call.node.input.length;
  const sum = call.node.input
    .slice(1)
    .reduce((left, right) => call.intermediate('Add', [left, right]), call.input(0));
  const { element } = call.type(0);
  const divisor = tensor(
    element,
    [],
    element === 'float64' ? Float64Array.of(count) : Float32Array.of(count),
  );
  call.emit('Div', [sum, call.intermediateConstant('count', divisor)]);
}

function extremePosition(operator: string): Mapping {
  return (call) =>
    call.emit(operator, [call.input(0)], {
      axis: call.attributes.int('axis', 0),
      keepDims: call.attributes.flag('keepdims', true),
      selectLast: call.attributes.flag('select_last_index', false),
    });
}

function cumSum(call: OnnxCall): void {
  call.emit('CumSum', [call.input(0)], {
    axis: call.number(1, 'axis') ?? call.refuse('input 1 is missing'),
    exclusive: call.attributes.flag('exclusive', false),
    reverse: call.attributes.flag('reverse', false),
  });
}

/** `sorted` only matters where it is off: any order is right then. */
function topK(call: OnnxCall): void {
  call.attributes.ignore('sorted');
  const k = call.opset < 10 ? call.attributes.int('k', 0) : call.number(1, 'K');
  call.emit('TopK', [call.input(0)], {
    k: k ?? call.refuse('input 1 is missing'),
    axis: call.attributes.int('axis', -1),
    largest: call.attributes.flag('largest', true),
  });
}

function logSoftmax(call: OnnxCall): void {
  const tail = call.opset < 13;
  call.emit('LogSoftmax', [call.input(0)], { axis: call.attributes.int('axis', tail ? 1 : -1), tail });
}

export const arithmeticMappings: MappingTable = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div'),
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
  Erf: same('Erf'),
  Mish: same('Mish'),
  Softplus: same('Softplus'),
  Softsign: same('Softsign'),
  Round: same('Round'),
  Sign: same('Sign'),
  Sin: same('Sin'),
  Cos: same('Cos'),
  Pow: binary('Pow'),
  Not: same('Not'),
  And: binary('And'),
  Or: binary('Or'),
  Xor: binary('Xor'),
  IsNaN: same('IsNaN'),
  Equal: binary('Equal'),
  Less: binary('Less'),
  LessOrEqual: same('LessOrEqual'),
  Greater: binary('Greater'),
  GreaterOrEqual: same('GreaterOrEqual'),
  Where: same('Where'),
  Mean: mean,
  Gelu: (call) =>
    call.emit('Gelu', [call.input(0)], { approximate: call.attributes.string('approximate', 'none') }),
  Selu: withFloats('Selu', { alpha: 1.6732631921768188, gamma: 1.0507010221481323 }),
  Celu: withFloats('Celu', { alpha: 1 }),
  ThresholdedRelu: withFloats('ThresholdedRelu', { alpha: 1 }),
  LayerNormalization: layerNormalization('LayerNormalization'),
  RMSNormalization: layerNormalization('RMSNormalization'),
  GroupNormalization: groupNormalization,
  InstanceNormalization: withFloats('InstanceNormalization', { epsilon: 1e-5 }),
  MeanVarianceNormalization: (call) =>
    call.emit('MeanVarianceNormalization', [call.input(0)], {
      axes: call.attributes.ints('axes') ?? [0, 2, 3],
    }),
  LogSoftmax: logSoftmax,
  Einsum: (call) =>
    call.emit('Einsum', call.node.input, { equation: call.attributes.string('equation', '') }),
  ArgMax: extremePosition('ArgMax'),
  ArgMin: extremePosition('ArgMin'),
  CumSum: cumSum,
  TopK: topK,
  ReduceMin: reduce('ReduceMin', 18),
  ReduceProd: reduce('ReduceProd', 18),
  ReduceL1: reduce('ReduceL1', 18),
  ReduceL2: reduce('ReduceL2', 18),
  ReduceSumSquare: reduce('ReduceSumSquare', 18),
  ReduceLogSum: reduce('ReduceLogSum', 18),
  ReduceLogSumExp: reduce('ReduceLogSumExp', 18),
  Clip: clip,
  Gemm: gemm,
  MatMul: same('MatMul'),
  MatMulInteger: same('MatMulInteger'),
  QLinearMatMul: same('QLinearMatMul'),
  BatchNormalization: batchNormalization,
  Softmax: softmax,
  LRN: localResponse,
  ReduceMean: reduce('ReduceMean', 18),
  ReduceMax: reduce('ReduceMax', 18),
  ReduceSum: reduce('ReduceSum', 13),
};
