/** Recurrent layers of a few steps, each as a network of its own. x is [steps, samples, features]. */

import type { AttributeValue } from '../../compiler/graph/index.js';
import type { Maker, OperatorCase } from './cases.js';

type Attributes = Readonly<Record<string, AttributeValue>>;

const gates: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };

interface Recurrent {
  readonly operator: string;
  readonly shape: readonly [number, number, number];
  readonly hidden: number;
  readonly attributes?: Attributes;
}

/** Inputs of a recurrent node with seeded weights and biases. */
function layer(b: Maker, x: string, { operator, hidden, attributes = {} }: Recurrent, features: number) {
  const count = attributes.direction === 'bidirectional' ? 2 : 1;
  const rows = gates[operator]! * hidden;
  const weights = [b.floats(count, rows, features), b.floats(count, rows, hidden), b.floats(count, 2 * rows)];
  return { inputs: [x, ...weights], attributes: { hidden, ...attributes }, count };
}

/** The whole sequence of states. */
const sequence = (what: string, r: Recurrent): OperatorCase => ({
  what,
  shape: r.shape,
  build: (b, x) => {
    const { inputs, attributes } = layer(b, x, r, r.shape[2]);
    return b.several(r.operator, inputs, attributes, r.operator === 'LSTM' ? 3 : 2)[0]!;
  },
});

export const recurrentCases: readonly OperatorCase[] = [
  sequence('an RNN', { operator: 'RNN', shape: [4, 1, 5], hidden: 6 }),
  sequence('a GRU', { operator: 'GRU', shape: [4, 1, 5], hidden: 6 }),
  sequence('a GRU that resets behind the product, of two samples', {
    operator: 'GRU',
    shape: [3, 2, 5],
    hidden: 4,
    attributes: { linearBeforeReset: true },
  }),
  sequence('an LSTM', { operator: 'LSTM', shape: [4, 1, 5], hidden: 6 }),
  sequence('a backward LSTM of two samples with hard gates', {
    operator: 'LSTM',
    shape: [3, 2, 5],
    hidden: 4,
    attributes: { direction: 'reverse', hardSlope: 0.2 },
  }),
  sequence('an LSTM with other functions of new values and of the cell state', {
    operator: 'LSTM',
    shape: [3, 1, 5],
    hidden: 4,
    attributes: { newFunction: 'Softsign', outFunction: 'Relu' },
  }),
  sequence('an LSTM in both directions', {
    operator: 'LSTM',
    shape: [3, 1, 5],
    hidden: 6,
    attributes: { direction: 'bidirectional' },
  }),
  {
    what: 'the last states of an LSTM, and a product of them',
    shape: [3, 1, 5],
    build: (b, x) => {
      const { inputs, attributes } = layer(b, x, { operator: 'LSTM', shape: [3, 1, 5], hidden: 6 }, 5);
      const [, h, c] = b.several('LSTM', inputs, attributes, 3);
      const rows = b.node('Reshape', [h!], { shape: [1, 6] });
      return [b.node('MatMul', [rows, b.floats(6, 4)]), c!];
    },
  },
  {
    what: 'two layers, of which the second one begins in the last state of the first, and one step is read',
    shape: [3, 1, 5],
    build: (b, x) => {
      const first = layer(b, x, { operator: 'GRU', shape: [3, 1, 5], hidden: 6 }, 5);
      const [y, h] = b.several('GRU', first.inputs, first.attributes, 2);
      const rows = b.node('Squeeze', [y!], { axes: [1] });
      const second = layer(b, rows, { operator: 'GRU', shape: [3, 1, 6], hidden: 6 }, 6);
      const [all] = b.several('GRU', [...second.inputs, '', h!], second.attributes, 2);
      return b.node('Gather', [all!, b.position(1)], { axis: 0 });
    },
  },
  {
    what: 'a layer in both directions, a function and a product of every step',
    shape: [3, 1, 5],
    build: (b, x) => {
      const both = { direction: 'bidirectional' };
      const r: Recurrent = { operator: 'LSTM', shape: [3, 1, 5], hidden: 4, attributes: both };
      const { inputs, attributes } = layer(b, x, r, 5);
      const [y] = b.several('LSTM', inputs, attributes, 3);
      const side = b.node('Transpose', [y!], { perm: [0, 2, 1, 3] });
      const rows = b.node('Transpose', [b.node('Reshape', [side], { shape: [3, 1, 8] })], {
        perm: [1, 0, 2],
      });
      return b.node('MatMul', [b.node('Relu', [rows]), b.floats(8, 4)]);
    },
  },
];
