/** Comparisons, logic, selection and powers: element by element, with broadcasting. */

import type { ElementType, Tensor, TensorData } from '../../../base/index.js';
import {
  type EvaluateCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { broadcastIndex, broadcastShape } from './broadcast.js';
import { pick } from './copy.js';
import { generate, isFloat, isWide, toNumbers } from './numeric.js';

type Scalar = number | bigint;

/** The operands' elements at a flat index of the result; 64-bit integers stay exact. */
function operands(call: EvaluateCall): (index: number) => readonly [Scalar, Scalar] {
  const [a, b] = [inputTensor(call, 0), inputTensor(call, 1)];
  const { shape } = call.outputs[0]!;
  const [ia, ib] = [broadcastIndex(a.shape, shape), broadcastIndex(b.shape, shape)];
  return (i) => [a.data[ia[i]!]!, b.data[ib[i]!]!];
}

/** A predicate of two operands of one type. */
function comparison(
  name: string,
  summary: string,
  test: (a: Scalar, b: Scalar) => boolean,
  only?: ElementType,
): OperatorSpec {
  return {
    name,
    summary,
    attributes: {},
    inputs: { min: 2, max: 2 },
    infer: (call) => {
      const [a, b] = [inputType(call, 0), inputType(call, 1)];
      if (a.element !== b.element || (only !== undefined && a.element !== only))
        refuse(`the operands are ${a.element} and ${b.element}`);
      return [{ element: 'bool', shape: broadcastShape(a.shape, b.shape) }];
    },
    evaluate: (call) => {
      const at = operands(call);
      return [generate(call.outputs[0]!, (i) => (test(...at(i)) ? 1 : 0))];
    },
  };
}

const not: OperatorSpec = {
  name: 'Not',
  summary: 'true where the operand is false',
  attributes: {},
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    if (x.element !== 'bool') refuse(`the operand is ${x.element}, not bool`);
    return [x];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0).data;
    return [generate(call.outputs[0]!, (i) => (x[i] === 0 ? 1 : 0))];
  },
};

/** A predicate of one float. */
function test1(name: string, summary: string, test: (x: number) => boolean): OperatorSpec {
  return {
    name,
    summary,
    attributes: {},
    inputs: { min: 1, max: 1 },
    infer: (call) => {
      const { element, shape } = inputType(call, 0);
      if (!isFloat(element)) refuse(`the operand is ${element}, not a float`);
      return [{ element: 'bool', shape }];
    },
    evaluate: (call) => {
      const x = toNumbers(inputTensor(call, 0).data);
      return [generate(call.outputs[0]!, (i) => (test(x[i]!) ? 1 : 0))];
    },
  };
}

const where: OperatorSpec = {
  name: 'Where',
  summary: 'the second operand where the first is true, else the third, with broadcasting',
  attributes: {},
  inputs: { min: 3, max: 3 },
  infer: (call) => {
    const [condition, a, b] = [inputType(call, 0), inputType(call, 1), inputType(call, 2)];
    if (condition.element !== 'bool') refuse(`the condition is ${condition.element}, not bool`);
    if (a.element !== b.element) refuse(`the operands are ${a.element} and ${b.element}`);
    return [{ element: a.element, shape: broadcastShape(condition.shape, a.shape, b.shape) }];
  },
  evaluate: (call) => {
    const { shape } = call.outputs[0]!;
    const [condition, a, b] = [0, 1, 2].map((i) => inputTensor(call, i)) as [Tensor, Tensor, Tensor];
    const [ic, ia, ib] = [condition, a, b].map((t) => broadcastIndex(t.shape, shape));
    const result = pick(a, shape, (i) => ia![i]!);
    const data: TensorData = result.data;
    for (let i = 0; i < data.length; i++) if (condition.data[ic![i]!] === 0) data[i] = b.data[ib![i]!]!;
    return [result];
  },
};

const pow: OperatorSpec = {
  name: 'Pow',
  summary: 'the first operand to the power of the second, with broadcasting; the type of the first',
  attributes: {},
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const [a, b] = [inputType(call, 0), inputType(call, 1)];
    if (a.element === 'bool' || b.element === 'bool') refuse('an operand is bool');
    return [{ element: a.element, shape: broadcastShape(a.shape, b.shape) }];
  },
  evaluate: (call) => {
    const at = operands(call);
    return [generate(call.outputs[0]!, (i) => power(...at(i)))];
  },
};

/** Exact for integers as far as numbers are. */
function power(a: Scalar, b: Scalar): number {
  if (typeof a === 'bigint' && Number(b) >= 0) return Number(BigInt.asIntN(64, a ** BigInt(b)));
  return Number(a) ** Number(b);
}

const prelu: OperatorSpec = {
  name: 'PRelu',
  summary: 'x, or slope * x below zero; the slope broadcasts to x',
  attributes: {},
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const [x, slope] = [inputType(call, 0), inputType(call, 1)];
    if (!isFloat(x.element) || isWide(x.element) || slope.element !== x.element)
      refuse(`the operands are ${x.element} and ${slope.element}, not one float type`);
    if (broadcastShape(x.shape, slope.shape).join() !== x.shape.join())
      refuse(`a slope of shape [${slope.shape.join(', ')}] does not broadcast to [${x.shape.join(', ')}]`);
    return [x];
  },
  evaluate: (call) => {
    const at = operands(call);
    return [
      generate(call.outputs[0]!, (i) => {
        const [x, slope] = at(i) as readonly [number, number];
        return x < 0 ? slope * x : x;
      }),
    ];
  },
};

export const logicOperators: OperatorTable = operatorsByName(
  comparison('Equal', 'a = b', (a, b) => a === b),
  comparison('Less', 'a < b', (a, b) => a < b),
  comparison('LessOrEqual', 'a <= b', (a, b) => a <= b),
  comparison('Greater', 'a > b', (a, b) => a > b),
  comparison('GreaterOrEqual', 'a >= b', (a, b) => a >= b),
  comparison('And', 'both', (a, b) => a !== 0 && b !== 0, 'bool'),
  comparison('Or', 'either', (a, b) => a !== 0 || b !== 0, 'bool'),
  comparison('Xor', 'one of both', (a, b) => (a !== 0) !== (b !== 0), 'bool'),
  not,
  test1('IsNaN', 'true where x is no number', Number.isNaN),
  where,
  pow,
  prelu,
);
