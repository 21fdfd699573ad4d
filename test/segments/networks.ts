/** Random networks in which operators of the host stand anywhere, and what they take to run. */

import * as fc from 'fast-check';
import { type Tensor, tensor } from '../../base/index.js';
import { type Graph, GraphBuilder } from '../../compiler/graph/index.js';

/** What stands behind one another; `other` names an earlier picture of the same shape where an operator has two operands. */
export interface Step {
  readonly kind: (typeof kinds)[number];
  readonly other: number;
}

/** Accelerator: conv, pool, relu, add, concat, dense. Host: the others; `row` has an integer form that no schedule takes; a `shuffle` becomes a pick of channels. */
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
  'attention',
  'gate',
  'recurrent',
  'shuffle',
  'crop',
  'index',
  'concat',
  'dense',
  'row',
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
  const conv = (x: string, channels = CHANNELS) => {
    const w = b.constant(`w${seed}`, randomTensor([CHANNELS, channels, 3, 3], seed));
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

  /** Channels 0 1 2 3 become 0 2 1 3. */
  function shuffled(x: string): string {
    const groups = b.node('Reshape', [x], { attributes: { shape: [1, 2, CHANNELS / 2, SIDE, SIDE] } });
    const moved = b.node('Transpose', [groups], { attributes: { perm: [0, 2, 1, 3, 4] } });
    return b.node('Reshape', [moved], { attributes: { shape: [1, CHANNELS, SIDE, SIDE] } });
  }

  /** An LSTM over the channels as a sequence. */
  function recurrent(x: string): string {
    const size = SIDE * SIDE;
    const constant = (shape: readonly number[]) => b.constant(`r${seed}`, randomTensor(shape, seed++));
    const sequence = b.node('Reshape', [x], { attributes: { shape: [CHANNELS, 1, size] } });
    const weights = [constant([1, 4 * size, size]), constant([1, 4 * size, size])];
    const states = b.node('LSTM', [sequence, ...weights], { attributes: { hidden: size } });
    return b.node('Reshape', [states], { attributes: { shape: [1, CHANNELS, SIDE, SIDE] } });
  }

  /** A matrix product over the picture in another shape, and back. */
  function dense(x: string, shape: readonly [number, number]): string {
    const rows = b.node('Reshape', [x], { attributes: { shape } });
    const w = b.constant(`w${seed}`, randomTensor([shape[1], shape[1]], seed));
    seed++;
    return b.node('Reshape', [b.node('MatMul', [rows, w])], {
      attributes: { shape: [1, CHANNELS, SIDE, SIDE] },
    });
  }

  function floatOf(x: string): string {
    return b.node('Cast', [x], { attributes: { to: 'float32' } });
  }

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
      case 'attention':
        return b.node('MatMul', [b.node('Softmax', [b.node('MatMul', [last, second])]), last]);
      case 'gate':
        return b.node('Mul', [last, b.node('Sigmoid', [b.node('GlobalAveragePool', [second])])]);
      case 'recurrent':
        return recurrent(last);
      case 'shuffle':
        return shuffled(last);
      case 'crop':
        return b.node('Pad', [last], { attributes: { pads: [0, 0, -1, 0, 0, 0, 1, 0] } });
      case 'index':
        return b.node('Mul', [last, floatOf(b.node('ArgMax', [second], { attributes: { axis: 1 } }))]);
      case 'concat':
        return conv(b.node('Concat', [last, second], { attributes: { axis: 1 } }), 2 * CHANNELS);
      case 'dense':
        return dense(last, [1, CHANNELS * SIDE * SIDE]);
      case 'row':
        return dense(last, [CHANNELS * SIDE, SIDE]);
      case 'where':
        return b.node('Where', [b.node('Greater', [last, zero]), last, second]);
    }
  }
}

/** Inputs of a network by number. */
export function sampleOf(graph: Graph, seed: number): ReadonlyMap<string, Tensor> {
  return new Map(graph.inputs.map((name) => [name, randomTensor(graph.values.get(name)!.type.shape, seed)]));
}
