/** Functions as frameworks write them out: several nodes, one function of one value. */

import { tensor } from '../../base/index.js';
import type { Maker, OperatorCase } from './cases.js';

type Body = (b: Maker, x: string, number: (value: number) => string) => string;

/** A convolution, then the function: its table belongs in the convolution's output stage. */
function written(what: string, body: Body): OperatorCase {
  return {
    what,
    shape: [1, 3, 4, 5],
    build: (b, x) => {
      let count = 0;
      const number = (value: number) =>
        b.builder.constant(`number${count++}`, tensor('float32', [], Float32Array.of(value)));
      const sum = b.node('Conv', [x, b.floats(6, 3, 1, 1)]);
      return body(b, sum, number);
    },
  };
}

export const functionCases: readonly OperatorCase[] = [
  written('SiLU', (b, x) => b.node('Mul', [b.node('Sigmoid', [x]), x])),
  written('SiLU that another node scales', (b, x, n) =>
    b.node('Mul', [b.node('Sigmoid', [b.node('Mul', [x, n(1.702)])]), x]),
  ),
  written('HardSwish by HardSigmoid', (b, x) =>
    b.node('Mul', [x, b.node('HardSigmoid', [x], { alpha: 1 / 6 })]),
  ),
  written('HardSwish by Clip', (b, x, n) =>
    b.node('Div', [b.node('Mul', [x, b.node('Clip', [b.node('Add', [x, n(3)])], { min: 0, max: 6 })]), n(6)]),
  ),
  written('HardSigmoid by Clip', (b, x, n) =>
    b.node('Div', [b.node('Clip', [b.node('Add', [x, n(3)])], { min: 0, max: 6 }), n(6)]),
  ),
  written('GELU by Erf', (b, x, n) =>
    b.node('Mul', [
      b.node('Mul', [x, b.node('Add', [b.node('Erf', [b.node('Div', [x, n(Math.SQRT2)])]), n(1)])]),
      n(0.5),
    ]),
  ),
  written('GELU by Tanh', (b, x, n) => {
    const cubic = b.node('Add', [x, b.node('Mul', [b.node('Pow', [x, n(3)]), n(0.044715)])]);
    const bend = b.node('Tanh', [b.node('Mul', [cubic, n(Math.sqrt(2 / Math.PI))])]);
    return b.node('Mul', [b.node('Mul', [n(0.5), x]), b.node('Add', [bend, n(1)])]);
  }),
  written('Mish', (b, x) => b.node('Mul', [x, b.node('Tanh', [b.node('Softplus', [x])])])),
  written('a power', (b, x, n) => b.node('Pow', [x, n(2)])),
  written('a root of what is not below zero', (b, x, n) => b.node('Sqrt', [b.node('Max', [x, n(0)])])),
  written('a root', (b, x) => b.node('Sqrt', [b.node('Relu', [x])])),
  written('a number over x', (b, x, n) => b.node('Div', [n(1), b.node('Add', [b.node('Abs', [x]), n(2)])])),
  written('an Elu with its own alpha', (b, x, n) =>
    b.node('Mul', [b.node('Elu', [x], { alpha: 0.7 }), n(2)]),
  ),
];
