/** Operators that a pass makes of others. */

import type { AttributeValue } from '../../compiler/graph/index.js';
import type { Maker, OperatorCase } from './cases.js';

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Two computed tensors of a shape. */
const pair = (b: Maker, x: string, channels: number): readonly [string, string] => [
  b.node('Conv', [x, b.floats(channels, channels, 1, 1)]),
  b.node('Conv', [x, b.floats(channels, channels, 1, 1)]),
];

function transposed(
  what: string,
  shape: readonly number[],
  weights: readonly number[],
  attributes: Attributes,
): OperatorCase {
  return {
    what: `a transposed convolution ${what}`,
    shape,
    build: (b, x) =>
      b.node(
        'ConvTranspose',
        [x, b.floats(...weights), b.floats(weights[1]! * Number(attributes.group ?? 1))],
        attributes,
      ),
  };
}

function resized(
  what: string,
  shape: readonly number[],
  sizes: readonly number[],
  attributes: Attributes,
): OperatorCase {
  return {
    what: `a Resize ${what}`,
    shape,
    build: (b, x) => b.node('Resize', [x], { mode: 'linear', ...attributes, sizes: [...sizes] }),
  };
}

export const phaseCases: readonly OperatorCase[] = [
  transposed('of stride 2', [1, 5, 4, 3], [5, 6, 3, 3], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    outputPadding: [1, 1],
  }),
  transposed('of stride 2 with a kernel of 4', [2, 3, 3, 4], [3, 4, 4, 4], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  transposed('of stride 2 with a kernel of 2', [1, 5, 4, 3], [5, 3, 2, 2], { strides: [2, 2] }),
  transposed('of stride 3 with fewer taps than phases', [1, 3, 3, 3], [3, 4, 2, 2], {
    strides: [3, 3],
    outputPadding: [1, 1],
  }),
  transposed('in groups, strides apart, dilated', [1, 4, 3, 4], [4, 2, 3, 3], {
    strides: [2, 1],
    dilations: [1, 2],
    group: 2,
  }),
  transposed('that crops', [1, 3, 5, 5], [3, 3, 3, 3], { strides: [2, 2], pads: [3, 2, 4, 3] }),
  transposed('of a line', [2, 3, 5], [3, 4, 4], { strides: [2], pads: [1, 1] }),
  transposed('of stride 1', [1, 3, 4, 4], [3, 4, 3, 3], { pads: [1, 1, 1, 1] }),
  {
    what: 'a transposed convolution with its normalisation and Relu',
    shape: [1, 4, 3, 3],
    build: (b, x) => {
      const sum = b.node('ConvTranspose', [x, b.floats(4, 5, 4, 4)], { strides: [2, 2], pads: [1, 1, 1, 1] });
      const variance = b.node('Abs', [b.floats(5)]);
      return b.node('Relu', [
        b.node('BatchNormalization', [
          sum,
          b.floats(5),
          b.floats(5),
          b.floats(5),
          b.node('Add', [variance, b.node('Abs', [variance])]),
        ]),
      ]);
    },
  },
  resized('bilinear to twice the size', [1, 5, 4, 3], [1, 5, 8, 6], {}),
  resized('bilinear to twice the size, asymmetric', [1, 5, 4, 3], [1, 5, 8, 6], {
    coordinateMode: 'asymmetric',
  }),
  resized('bilinear to one and a half, and twice', [2, 3, 4, 4], [2, 3, 6, 8], {
    coordinateMode: 'pytorch_half_pixel',
  }),
  resized('bilinear to half the size', [1, 5, 8, 6], [1, 5, 4, 3], {}),
  resized('cubic to twice the size', [1, 3, 5, 6], [1, 3, 10, 12], { mode: 'cubic' }),
];

export const pairCases: readonly OperatorCase[] = [
  { what: 'Max of two', shape: [1, 6, 4, 3], build: (b, x) => b.node('Max', pair(b, x, 6)) },
  { what: 'Min of two', shape: [2, 5, 3, 3], build: (b, x) => b.node('Min', pair(b, x, 5)) },
  { what: 'a difference of two', shape: [1, 6, 4, 3], build: (b, x) => b.node('Sub', pair(b, x, 6)) },
  {
    what: 'PRelu with a slope a channel',
    shape: [1, 6, 4, 3],
    build: (b, x) => b.node('PRelu', [pair(b, x, 6)[0], b.floats(6, 1, 1)]),
  },
  {
    what: 'PRelu with one slope',
    shape: [1, 6, 4, 3],
    build: (b, x) => b.node('PRelu', [pair(b, x, 6)[0], b.floats(1)]),
  },
];

export const lineCases: readonly OperatorCase[] = [
  {
    what: 'a convolution, a normalisation and pools of lines',
    shape: [1, 3, 12],
    build: (b, x) => {
      const conv = b.node('Relu', [b.node('Conv', [x, b.floats(6, 3, 3)], { pads: [1, 1] })]);
      const most = b.node('MaxPool', [conv], { kernel: [3], strides: [2], pads: [1, 1] });
      const mean = b.node('AveragePool', [most], { kernel: [2], strides: [2] });
      return b.node('Conv', [mean, b.floats(4, 6, 1)]);
    },
  },
  {
    what: 'the mean of a line',
    shape: [2, 5, 7],
    build: (b, x) =>
      b.node('ReduceMean', [b.node('Conv', [x, b.floats(4, 5, 1)])], { axes: [2], keepDims: false }),
  },
  {
    what: 'the sum of a picture',
    shape: [1, 5, 4, 3],
    build: (b, x) => b.node('ReduceSum', [x], { axes: [2, 3], keepDims: true }),
  },
  {
    what: 'a scale a channel of rows',
    shape: [3, 6],
    build: (b, x) => b.node('Mul', [b.node('Relu', [b.node('MatMul', [x, b.floats(6, 5)])]), b.floats(5)]),
  },
  {
    what: 'the mean and the maximum of a large plane',
    shape: [1, 3, 20, 21],
    build: (b, x) => [
      b.node('GlobalAveragePool', [x]),
      b.node('GlobalMaxPool', [b.node('Conv', [x, b.floats(4, 3, 1, 1)])]),
    ],
  },
  {
    what: 'one row of a picture',
    shape: [1, 3, 5, 4],
    build: (b, x) =>
      b.node('Gather', [b.node('Conv', [x, b.floats(4, 3, 1, 1)]), b.position(-2)], { axis: 2 }),
  },
];
