/** Products of two computed tensors. */

import type { Maker, OperatorCase } from './cases.js';

const conv = (b: Maker, x: string, outputs: number, inputs: number) =>
  b.node('Conv', [x, b.floats(outputs, inputs, 1, 1)]);

/** Squeeze-and-excite as frameworks write it. */
function gated(b: Maker, x: string, channels: number): string {
  const mean = b.node('GlobalAveragePool', [x]);
  const squeezed = b.node('Relu', [conv(b, mean, 3, channels)]);
  return b.node('Mul', [b.node('Sigmoid', [conv(b, squeezed, channels, 3)]), x]);
}

export const productCases: readonly OperatorCase[] = [
  { what: 'a channel gate', shape: [1, 10, 5, 4], build: (b, x) => gated(b, conv(b, x, 10, 10), 10) },
  {
    what: 'a channel gate of two pictures',
    shape: [2, 6, 5, 3],
    build: (b, x) => gated(b, conv(b, x, 9, 6), 9),
  },
  {
    what: 'a channel gate behind HardSwish, before a convolution',
    shape: [1, 6, 4, 4],
    build: (b, x) => conv(b, gated(b, b.node('HardSwish', [conv(b, x, 8, 6)]), 8), 5, 8),
  },
  {
    what: 'a product of pictures',
    shape: [2, 6, 7, 5],
    build: (b, x) => b.node('Mul', [b.node('Tanh', [conv(b, x, 7, 6)]), conv(b, x, 7, 6)]),
  },
  {
    what: 'a product of rows, then Relu',
    shape: [5, 9],
    build: (b, x) => {
      const rows = () => b.node('MatMul', [x, b.floats(9, 6)]);
      return b.node('Relu', [b.node('Mul', [rows(), rows()])]);
    },
  },
  {
    what: 'a product of a half of the channels and the sigmoid of the other',
    shape: [1, 6, 4, 3],
    build: (b, x) => {
      const both = conv(b, x, 8, 6);
      const half = (start: number) =>
        b.node('Slice', [both], { starts: [start], ends: [start + 4], axes: [1], steps: [1] });
      return b.node('Mul', [half(0), b.node('Sigmoid', [half(4)])]);
    },
  },
];
