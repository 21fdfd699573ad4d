/** Operators that work element by element: arithmetic with broadcasting and the activation functions. */

import { allocate, type ElementType, elementCount, type Tensor, tensor } from '../../../base/index.js';
import { type AttributeTable, numberAttribute } from '../attributes.js';
import {
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { broadcastIndex, broadcastShape } from './broadcast.js';
import { generate, isFloat, toNumbers } from './numeric.js';

interface Arithmetic {
  readonly number: (a: number, b: number) => number;
  readonly wide: (a: bigint, b: bigint) => bigint;
}

function arithmetic(name: string, summary: string, { number: onNumbers, wide }: Arithmetic): OperatorSpec {
  return {
    name,
    summary,
    attributes: {},
    inputs: { min: 2, max: 2 },
    infer: (call) => {
      const [a, b] = [inputType(call, 0), inputType(call, 1)];
      if (a.element !== b.element) refuse(`the operands are ${a.element} and ${b.element}`);
      return [{ element: a.element, shape: broadcastShape(a.shape, b.shape) }];
    },
    evaluate: (call) => {
      const [a, b] = [inputTensor(call, 0), inputTensor(call, 1)];
      const { element, shape } = call.outputs[0]!;
      const [ia, ib] = [broadcastIndex(a.shape, shape), broadcastIndex(b.shape, shape)];
      if (a.data instanceof BigInt64Array || a.data instanceof BigUint64Array) {
        return [combineWide(element, shape, (i) => wide(BigInt(a.data[ia[i]!]!), BigInt(b.data[ib[i]!]!)))];
      }
      const [da, db] = [toNumbers(a.data), toNumbers(b.data)];
      if (name === 'Mul' && (element === 'int32' || element === 'uint32'))
        return [generate({ element, shape }, (i) => Math.imul(da[ia[i]!]!, db[ib[i]!]!))];
      return [generate({ element, shape }, (i) => onNumbers(da[ia[i]!]!, db[ib[i]!]!))];
    },
  };
}

function combineWide(element: ElementType, shape: readonly number[], value: (i: number) => bigint): Tensor {
  const data = allocate(element, elementCount(shape)) as BigInt64Array | BigUint64Array;
  for (let i = 0; i < data.length; i++) data[i] = value(i);
  return tensor(element, shape, data);
}

type Function1 = (x: number, parameter: (name: string) => number) => number;

/** An operator of one operand, `y = f(x)`; floats only unless `integers`. */
export function unary(
  name: string,
  summary: string,
  f: Function1,
  attributes: AttributeTable = {},
  integers = false,
): OperatorSpec {
  return {
    name,
    summary,
    attributes,
    inputs: { min: 1, max: 1 },
    infer: (call) => {
      const x = inputType(call, 0);
      const fits = isFloat(x.element) || (integers && x.element !== 'bool' && x.element !== 'string');
      if (!fits) refuse(`the operand is ${x.element}, not a ${integers ? 'number' : 'float'}`);
      return [x];
    },
    evaluate: (call) => {
      const x = toNumbers(inputTensor(call, 0).data);
      const values = Object.fromEntries(Object.keys(attributes).map((k) => [k, call.attributes.number(k)]));
      return [generate(call.outputs[0]!, (i) => f(x[i]!, (key) => values[key]!))];
    },
  };
}

export const elementwiseOperators: OperatorTable = operatorsByName(
  arithmetic('Add', 'a + b with broadcasting', { number: (a, b) => a + b, wide: (a, b) => a + b }),
  arithmetic('Sub', 'a - b with broadcasting', { number: (a, b) => a - b, wide: (a, b) => a - b }),
  arithmetic('Mul', 'a * b with broadcasting', { number: (a, b) => a * b, wide: (a, b) => a * b }),
  arithmetic('Div', 'a / b with broadcasting; integers truncate towards zero', {
    number: (a, b) => a / b,
    wide: (a, b) => (b === 0n ? 0n : a / b),
  }),
  arithmetic('Max', 'the larger operand, with broadcasting', {
    number: (a, b) => Math.max(a, b),
    wide: (a, b) => larger(a, b),
  }),
  arithmetic('Min', 'the smaller operand, with broadcasting', {
    number: (a, b) => Math.min(a, b),
    wide: (a, b) => -larger(-a, -b),
  }),
  unary('Abs', 'absolute value', (x) => Math.abs(x), {}, true),
  unary('Neg', 'negative', (x) => -x, {}, true),
  unary('Sign', '-1, 0 or 1', (x) => Math.sign(x), {}, true),
  unary('Exp', 'exponential', (x) => Math.exp(x)),
  unary('Log', 'natural logarithm', (x) => Math.log(x)),
  unary('Sqrt', 'square root', (x) => Math.sqrt(x)),
  unary('Reciprocal', '1 / x', (x) => 1 / x),
  unary('Floor', 'largest integer not above x', (x) => Math.floor(x)),
  unary('Ceil', 'smallest integer not below x', (x) => Math.ceil(x)),
  unary('Elu', 'x, or alpha * (exp(x) - 1) below zero', (x, p) => (x < 0 ? p('alpha') * Math.expm1(x) : x), {
    alpha: numberAttribute('scale below zero', 1),
  }),
  unary('Relu', 'max(x, 0)', (x) => Math.max(x, 0), {}, true),
  unary('LeakyRelu', 'x, or alpha * x below zero', (x, p) => (x < 0 ? x * p('alpha') : x), {
    alpha: numberAttribute('slope below zero', 0.01),
  }),
  unary(
    'Clip',
    'x held between min and max',
    (x, p) => Math.min(Math.max(x, p('min')), p('max')),
    {
      min: numberAttribute('lower bound', Number.NEGATIVE_INFINITY),
      max: numberAttribute('upper bound', Number.POSITIVE_INFINITY),
    },
    true,
  ),
  unary('Sigmoid', '1 / (1 + exp(-x))', (x) => 1 / (1 + Math.exp(-x))),
  unary('Tanh', 'hyperbolic tangent', (x) => Math.tanh(x)),
  unary('HardSigmoid', 'clamp(alpha * x + beta, 0, 1)', (x, p) => unit(p('alpha') * x + p('beta')), {
    alpha: numberAttribute('slope', 0.2),
    beta: numberAttribute('offset', 0.5),
  }),
  unary('HardSwish', 'x * clamp(x / 6 + 0.5, 0, 1)', (x) => x * unit(x / 6 + 0.5)),
);

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

function unit(x: number): number {
  return Math.min(Math.max(x, 0), 1);
}
