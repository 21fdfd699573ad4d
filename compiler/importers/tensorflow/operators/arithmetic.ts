/** Operators that work element by element. */

import type { ElementType } from '../../../../base/index.js';
import { tensor } from '../../../../base/index.js';
import { elementwise, follow, type Shaped, unary } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import {
  activation,
  asItIs,
  binary,
  chain,
  identity,
  type MappingTable,
  type TensorflowMapping,
} from './mapping.js';

const floats: readonly ElementType[] = ['float32', 'float64', 'float16', 'bfloat16'];

/** A scalar of the element type of input 0. */
export function like(call: TensorflowCall, value: number): string {
  const { element } = call.type(0);
  const data = tensor('float64', [], Float64Array.of(value));
  const name = call.values.constantValue(`${call.stem}.constant`, data);
  return call.op('Cast', [name], { to: element });
}

/** The operands of a node, in one form, with an operator over them that is not the node's result yet. */
function pair(call: TensorflowCall, operator: string): Shaped {
  return elementwise(call, operator, [call.input(0), call.input(1)]);
}

const squaredDifference: TensorflowMapping = (call) => {
  const d = pair(call, 'Sub');
  call.finish({ ...d, value: call.op('Mul', [d.value, d.value]) });
};

const notEqual: TensorflowMapping = (call) => call.finish(follow(call, 'Not', pair(call, 'Equal')));

/** Quotients towards minus infinity; integers through float64, which is exact below 2^53. */
function floored(call: TensorflowCall): Shaped {
  const { element } = call.type(0);
  if (floats.includes(element)) return follow(call, 'Floor', pair(call, 'Div'));
  const wide = [0, 1].map((i) => {
    const name = `${call.stem}.operand${i}`;
    call.values.bind(name, unary(call, 'Cast', call.input(i), { to: 'float64' }));
    return name;
  });
  return follow(call, 'Cast', follow(call, 'Floor', elementwise(call, 'Div', wide)), { to: element });
}

/** a - b * floor(a / b), which has the sign of b. */
const floorMod: TensorflowMapping = (call) => {
  const [quotient, product] = [`${call.stem}.quotient`, `${call.stem}.product`];
  call.values.bind(quotient, floored(call));
  call.values.bind(product, elementwise(call, 'Mul', [quotient, call.input(1)]));
  call.finish(elementwise(call, 'Sub', [call.input(0), product]));
};

/** 0 where the divisor is 0. */
const divNoNan: TensorflowMapping = (call) => {
  const zero = `${call.stem}.zero`;
  call.values.bind(zero, { value: like(call, 0), form: 'last' });
  const [test, quotient] = [`${call.stem}.test`, `${call.stem}.quotient`];
  call.values.bind(test, elementwise(call, 'Equal', [call.input(1), zero]));
  call.values.bind(quotient, pair(call, 'Div'));
  call.finish(elementwise(call, 'Where', [test, zero, quotient]));
};

/** Sums of any number of tensors of one shape. */
const addN: TensorflowMapping = (call) => {
  if (call.inputs.length < 2) return identity(call);
  let sum = call.input(0);
  for (let i = 1; i < call.inputs.length; i++) {
    const result = elementwise(call, 'Add', [sum, call.input(i)]);
    sum = `${call.stem}.sum${i}`;
    call.values.bind(sum, result);
  }
  const form = call.values.isFirst(sum) ? 'first' : 'last';
  call.finish({ value: form === 'first' ? call.values.first(sum) : call.values.last(sum), form });
};

const biasAdd: TensorflowMapping = (call) => {
  const rank = call.type(0).shape.length;
  if (call.text('data_format', 'NHWC') !== 'NCHW' || rank < 3) return binary('Add')(call);
  const shape = [call.type(1).shape[0]!, ...new Array<number>(rank - 2).fill(1)];
  const bias = call.op('Reshape', [call.last(1)], { shape });
  call.finish({ value: call.op('Add', [call.last(0), bias]), form: 'last' });
};

const select: TensorflowMapping = (call) => {
  const [condition, x] = [call.type(0).shape, call.type(1).shape];
  const names = [0, 1, 2].map((i) => call.input(i));
  // The first version lets a vector choose whole rows.
  if (call.node.op === 'Select' && condition.length === 1 && x.length > 1) {
    names[0] = `${call.stem}.rows`;
    const shape = [condition[0]!, ...x.slice(1).map(() => 1)];
    call.values.bind(names[0], { value: call.op('Reshape', [call.last(0)], { shape }), form: 'last' });
  }
  call.finish(elementwise(call, 'Where', names));
};

const cast: TensorflowMapping = (call) =>
  call.finish(unary(call, 'Cast', call.input(0), { to: call.element('DstT') }));

const log1p: TensorflowMapping = (call) => {
  const x = asItIs(call, 0);
  call.finish({ ...x, value: call.op('Log', [call.op('Add', [x.value, like(call, 1)])]) });
};

const expm1: TensorflowMapping = (call) => {
  const x = asItIs(call, 0);
  call.finish({ ...x, value: call.op('Sub', [call.op('Exp', [x.value]), like(call, 1)]) });
};

const square: TensorflowMapping = (call) => {
  const x = asItIs(call, 0);
  call.finish({ ...x, value: call.op('Mul', [x.value, x.value]) });
};

const clipByValue: TensorflowMapping = (call) => {
  const low = `${call.stem}.low`;
  call.values.bind(low, elementwise(call, 'Max', [call.input(0), call.input(1)]));
  call.finish(elementwise(call, 'Min', [low, call.input(2)]));
};

const leakyRelu: TensorflowMapping = (call) =>
  call.finish(unary(call, 'LeakyRelu', call.input(0), { alpha: call.float('alpha', 0.2) }));

/** Whole quotients: TensorFlow's `Div` is `truncated` on integers. */
const truncateDiv: TensorflowMapping = binary('Div');

const functions: MappingTable = Object.fromEntries(
  [
    ...['Relu', 'Elu', 'Selu', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg'],
    ...['Sign', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Erf', 'Reciprocal'],
  ].map((name) => [name, activation(name)]),
);

const pairs: MappingTable = Object.fromEntries(
  ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Equal', 'Less', 'Greater'].map((name) => [name, binary(name)]),
);

export const arithmeticMappings: MappingTable = {
  ...functions,
  ...pairs,
  Relu6: activation('Clip', { min: 0, max: 6 }),
  LeakyRelu: leakyRelu,
  Prelu: binary('PRelu'),
  Rint: activation('Round'),
  Inv: activation('Reciprocal'),
  Rsqrt: chain('Sqrt', 'Reciprocal'),
  LogicalNot: activation('Not'),
  IsNan: activation('IsNaN'),
  Log1p: log1p,
  Expm1: expm1,
  Erfc: (call) => {
    const erf = unary(call, 'Erf', call.input(0));
    call.finish({ ...erf, value: call.op('Sub', [like(call, 1), erf.value]) });
  },
  Square: square,
  AddV2: binary('Add'),
  RealDiv: binary('Div'),
  TruncateDiv: truncateDiv,
  FloorDiv: (call) => call.finish(floored(call)),
  FloorMod: floorMod,
  DivNoNan: divNoNan,
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  LessEqual: binary('LessOrEqual'),
  GreaterEqual: binary('GreaterOrEqual'),
  NotEqual: notEqual,
  LogicalAnd: binary('And'),
  LogicalOr: binary('Or'),
  SquaredDifference: squaredDifference,
  ClipByValue: clipByValue,
  BiasAdd: biasAdd,
  BiasAddV1: binary('Add'),
  AddN: addN,
  Select: select,
  SelectV2: select,
  Cast: cast,
};
