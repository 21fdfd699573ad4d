/** Random networks in which operators of the host stand anywhere, and what they take to run. */

import * as fc from 'fast-check';
import { type Tensor, tensor } from '../../base/index.js';
import { type Graph, GraphBuilder } from '../../compiler/graph/index.js';

/** What stands behind one another; `other` names an earlier picture of the same shape where an operator has two operands. */
export interface Step {
  readonly kind: (typeof kinds)[number];
  readonly other: number;
}

/** Accelerator: conv, pool, relu, add. Host: the others. */
const kinds = [
  'conv',
  'conv',
  'relu',
  'pool',
  'add',
  'softmax',
  'lrn',
  'product',
  'sine',
  'where',
  'output',
] as const;

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ kind: fc.constantFrom(...kinds), other: fc.nat(7) }),
  { minLength: 3, maxLength: 12 },
);

const CHANNELS = 4;
const SIDE = 4;

/** Random numbers between -1 and 1 of a stated seed. */
export function randomTensor(shape: readonly number[], seed: number): Tensor {
  let state = (seed + 1) * 2654435761;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state >>> 8) & 0xffff) / 32768 - 1;
  };
  const count = shape.reduce((product, extent) => product * extent, 1);
  return tensor('float32', shape, Float32Array.from({ length: count }, next));
}

/** The network of a list of steps: it starts and ends with a convolution, so that the accelerator always has work. */
export function networkOf(list: readonly Step[]): Graph {
  const b = new GraphBuilder('mixed');
  const pictures: string[] = [];
  let seed = 1;
  const conv = (x: string) => {
    const w = b.constant(`w${seed}`, randomTensor([CHANNELS, CHANNELS, 3, 3], seed));
    seed++;
    return b.node('Conv', [x, w], { attributes: { pads: [1, 1, 1, 1] } });
  };
  const x = b.input('x', { element: 'float32', shape: [1, CHANNELS, SIDE, SIDE] });
  const zero = b.constant('zero', tensor('float32', [], Float32Array.of(0)));
  pictures.push(conv(x));
  const outputs = new Set<string>();
  for (const { kind, other } of list) {
    const last = pictures.at(-1)!;
    const second = pictures[other % pictures.length]!;
    if (kind === 'output') outputs.add(last);
    else pictures.push(next(kind, last, second));
  }
  outputs.add(conv(pictures.at(-1)!));
  for (const name of outputs) b.output(name);
  return b.build();

  function next(kind: Exclude<Step['kind'], 'output'>, last: string, second: string): string {
    switch (kind) {
      case 'conv':
        return conv(last);
      case 'relu':
        return b.node('Relu', [last]);
      case 'pool':
        return b.node('MaxPool', [last], { attributes: { kernel: [3, 3], pads: [1, 1, 1, 1] } });
      case 'add':
        return b.node('Add', [last, second]);
      case 'softmax':
        return b.node('Softmax', [last], { attributes: { axis: 1 } });
      case 'lrn':
        return b.node('LRN', [last], { attributes: { size: 3 } });
      case 'product':
        return b.node('Mul', [last, second]);
      case 'sine':
        return b.node('Sin', [last]);
      case 'where':
        return b.node('Where', [b.node('Greater', [last, zero]), last, second]);
    }
  }
}

/** Inputs of a network by number. */
export function sampleOf(graph: Graph, seed: number): ReadonlyMap<string, Tensor> {
  return new Map(graph.inputs.map((name) => [name, randomTensor(graph.values.get(name)!.type.shape, seed)]));
}
