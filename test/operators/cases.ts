/** Float nodes that the accelerator takes over, each as a network of its own. */

import { type Tensor, tensor } from '../../base/index.js';
import { type AttributeValue, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { randomTensor } from '../support/compare.js';

export interface OperatorCase {
  readonly what: string;
  readonly shape: readonly number[];
  readonly build: (b: Maker, x: string) => string | readonly string[];
}

type Attributes = Readonly<Record<string, AttributeValue>>;

/** A builder with seeded constants. */
export class Maker {
  readonly builder = new GraphBuilder('case');
  private seed = 11;

  node(operator: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.builder.node(operator, inputs, { attributes });
  }

  /** A node of several results. */
  several(
    operator: string,
    inputs: readonly string[],
    attributes: Attributes,
    count: number,
  ): readonly string[] {
    this.seed++;
    const outputs = Array.from({ length: count }, (_, i) => `${operator}${this.seed}_${i}`);
    this.builder.node(operator, inputs, { attributes, outputs });
    return outputs;
  }

  floats(...shape: readonly number[]): string {
    return this.constant(randomTensor(shape, this.seed));
  }

  indices(...values: readonly number[]): string {
    return this.constant(tensor('int64', [values.length], BigInt64Array.from(values, BigInt)));
  }

  /** An index without axes. */
  position(value: number): string {
    return this.constant(tensor('int64', [], BigInt64Array.of(BigInt(value))));
  }

  private constant(value: Tensor): string {
    this.seed++;
    return this.builder.constant(`constant${this.seed}`, value);
  }
}

const one = (
  what: string,
  shape: readonly number[],
  operator: string,
  attributes: Attributes,
): OperatorCase => ({
  what,
  shape,
  build: (b, x) => b.node(operator, [x], attributes),
});

const picture = [1, 6, 7, 5];
const slice = (starts: number[], ends: number[], axes: number[], steps: number[]) => ({
  starts,
  ends,
  axes,
  steps,
});

export const movingCases: readonly OperatorCase[] = [
  one('a Slice of rows', picture, 'Slice', slice([1], [6], [2], [2])),
  one('a Slice of aligned channels', [2, 11, 4, 3], 'Slice', slice([4], [-2], [1], [1])),
  one('a Slice of unaligned channels and columns', picture, 'Slice', slice([1, 2], [6, 5], [1, 3], [2, 1])),
  {
    what: 'a Split of channels',
    shape: picture,
    build: (b, x) =>
      b.builder.node('Split', [x], { outputs: ['left', 'right'], attributes: { axis: 1, sizes: [4, 2] } }) &&
      (['left', 'right'] as const),
  },
  {
    what: 'a Gather of channels',
    shape: picture,
    build: (b, x) => b.node('Gather', [x, b.indices(5, 0, -4, 0)], { axis: 1 }),
  },
  one('a Pad of zeros', picture, 'Pad', { pads: [0, 0, 1, 2, 0, 0, 0, 1] }),
  one('a Pad that mirrors', picture, 'Pad', { pads: [0, 0, 2, 1, 0, 0, 1, 2], mode: 'reflect' }),
  one('a Pad that repeats the edge', picture, 'Pad', { pads: [0, 0, 1, 1, 0, 0, 1, 1], mode: 'edge' }),
  one('DepthToSpace, block first', [1, 16, 3, 2], 'DepthToSpace', { blockSize: 2, mode: 'DCR' }),
  one('DepthToSpace, channel first', [1, 12, 3, 2], 'DepthToSpace', { blockSize: 2, mode: 'CRD' }),
  one('SpaceToDepth', [2, 4, 4, 6], 'SpaceToDepth', { blockSize: 2 }),
  one('a nearest Resize to twice the size', picture, 'Resize', {
    sizes: [1, 6, 14, 15],
    scales: [1, 1, 2, 3],
    coordinateMode: 'asymmetric',
    nearestMode: 'floor',
  }),
  one('a nearest Resize to half the size', [1, 6, 8, 6], 'Resize', { sizes: [1, 6, 4, 3] }),
  { what: 'a Concat of rows', shape: picture, build: (b, x) => b.node('Concat', [x, x], { axis: 2 }) },
  one('ReduceMax of the picture', picture, 'ReduceMax', { axes: [2, 3], keepDims: false }),
];

export const computingCases: readonly OperatorCase[] = [
  one('ReduceMean of the picture', picture, 'ReduceMean', { axes: [-1, -2], keepDims: true }),
  one('an AveragePool whose padding is not counted', picture, 'AveragePool', {
    kernel: [3, 3],
    strides: [1, 2],
    pads: [1, 1, 1, 1],
  }),
  one('an AveragePool with an overhanging window', [1, 6, 7, 6], 'AveragePool', {
    kernel: [3, 2],
    strides: [2, 3],
    ceilMode: true,
  }),
];

export function graphOf({ shape, build }: OperatorCase): Graph {
  const maker = new Maker();
  const x = maker.builder.input('x', { element: 'float32', shape });
  const made = build(maker, x);
  for (const name of typeof made === 'string' ? [made] : made) maker.builder.output(name);
  return maker.builder.build();
}
