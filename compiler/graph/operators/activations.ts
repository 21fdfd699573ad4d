/** Functions of one variable beyond arithmetic: the activation functions of newer networks. */

import { roundHalfEven } from '../../../base/index.js';
import { numberAttribute, textAttribute } from '../attributes.js';
import { inputTensor, type OperatorSpec, type OperatorTable, operatorsByName, refuse } from '../operator.js';
import { unary } from './elementwise.js';
import { generate, toNumbers } from './numeric.js';

/**
 * The error function, to about 1e-15: its Taylor series near zero, the continued fraction of erfc beyond.
 */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (z > 6) return Math.sign(x);
  return Math.sign(x) * (z < 2.5 ? erfSeries(z) : 1 - erfcFraction(z));
}

function erfSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; Math.abs(term) > 1e-17 * sum && n < 200; n++) {
    term *= (-z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function erfcFraction(z: number): number {
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (z + fraction);
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function gelu(x: number, approximate: boolean): number {
  if (!approximate) return 0.5 * x * (1 + erf(x * Math.SQRT1_2));
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

const exact = unary('Gelu', 'x times the normal distribution function of x', (x) => gelu(x, false));

const geluOperator: OperatorSpec = {
  ...exact,
  attributes: { approximate: textAttribute('none, or tanh for the approximation by tanh', 'none') },
  infer: (call) => {
    const mode = call.attributes.text('approximate');
    if (mode !== 'none' && mode !== 'tanh') refuse(`approximate is "${mode}", not none or tanh`);
    return exact.infer(call);
  },
  evaluate: (call) => {
    const x = toNumbers(inputTensor(call, 0).data);
    const approximate = call.attributes.text('approximate') === 'tanh';
    return [generate(call.outputs[0]!, (i) => gelu(x[i]!, approximate))];
  },
};

const plain: readonly OperatorSpec[] = [
  unary('Erf', 'the error function', erf),
  unary('Silu', 'x * sigmoid(x)', (x) => x / (1 + Math.exp(-x))),
  unary('Mish', 'x * tanh(softplus(x))', (x) => x * Math.tanh(softplus(x))),
  unary('Softplus', 'log(1 + exp(x))', softplus),
  unary('Softsign', 'x / (1 + |x|)', (x) => x / (1 + Math.abs(x))),
  unary('Round', 'nearest integer, ties to even', roundHalfEven),
  unary('Sin', 'sine', Math.sin),
  unary('Cos', 'cosine', Math.cos),
];

const shaped: readonly OperatorSpec[] = [
  unary(
    'Selu',
    'gamma * x, or gamma * alpha * (exp(x) - 1) below zero',
    (x, p) => p('gamma') * (x > 0 ? x : p('alpha') * Math.expm1(x)),
    {
      alpha: numberAttribute('scale below zero', 1.6732631921768188),
      gamma: numberAttribute('scale of all', 1.0507010221481323),
    },
  ),
  unary(
    'Celu',
    'x, or alpha * (exp(x / alpha) - 1) below zero',
    (x, p) => Math.max(0, x) + Math.min(0, p('alpha') * Math.expm1(x / p('alpha'))),
    { alpha: numberAttribute('scale below zero', 1) },
  ),
  unary('ThresholdedRelu', 'x above alpha, else 0', (x, p) => (x > p('alpha') ? x : 0), {
    alpha: numberAttribute('threshold', 1),
  }),
];

export const activationOperators: OperatorTable = operatorsByName(...plain, ...shaped, geluOperator);
