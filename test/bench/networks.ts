/** ResNet-18 and ResNet-50 at 224 x 224 in shape, int8, with random weights; and one convolution that fills a 16 x 16 array. */

import type { Graph } from '../../compiler/graph/index.js';
import { NetworkBuilder } from '../schedule/networks.js';

type Stride = readonly [number, number];
const [one, two] = [
  [1, 1],
  [2, 2],
] as const;

/** @param size pixels a side, a multiple of 32. */
export function resnet(depth: 18 | 50, size = 224, b = new NetworkBuilder(1)): Graph {
  let x = b.input('x', [1, 3, size, size]);
  x = b.conv(x, { channels: 64, kernel: [7, 7], stride: two, pads: [3, 3, 3, 3] });
  x = b.pool(x, 'IntegerMaxPool', [3, 3], two, [1, 1, 1, 1]);
  const blocks = depth === 18 ? [2, 2, 2, 2] : [3, 4, 6, 3];
  const block = depth === 18 ? basic : bottleneck;
  for (const [stage, count] of blocks.entries()) {
    for (let i = 0; i < count; i++) x = block(b, x, 64 * 2 ** stage, i === 0 && stage > 0 ? two : one);
  }
  return b.build(b.dense(b.flatten(b.pool(x, 'IntegerAveragePool', [size / 32, size / 32], one)), 1000));
}

function basic(b: NetworkBuilder, x: string, channels: number, stride: Stride): string {
  const y = b.conv(x, { channels, kernel: [3, 3], stride, pads: [1, 1, 1, 1] });
  const deep = b.conv(y, { channels, kernel: [3, 3], pads: [1, 1, 1, 1] });
  return b.add(shortcut(b, x, channels, stride), deep);
}

function bottleneck(b: NetworkBuilder, x: string, channels: number, stride: Stride): string {
  const narrow = b.conv(x, { channels, kernel: [1, 1] });
  const y = b.conv(narrow, { channels, kernel: [3, 3], stride, pads: [1, 1, 1, 1] });
  return b.add(shortcut(b, x, 4 * channels, stride), b.conv(y, { channels: 4 * channels, kernel: [1, 1] }));
}

function shortcut(b: NetworkBuilder, x: string, channels: number, stride: Stride): string {
  return b.shape(x)[1] === channels && stride[0] === 1 ? x : b.conv(x, { channels, kernel: [1, 1], stride });
}

/** 3 x 3, padded: 10 x 10 pixels, 32 channels in and out by default. */
export function convolution(
  channels = 32,
  size = 10,
): { readonly graph: Graph; readonly builder: NetworkBuilder } {
  const b = new NetworkBuilder(2);
  const x = b.input('x', [1, channels, size, size]);
  return { graph: b.build(b.conv(x, { channels, kernel: [3, 3], pads: [1, 1, 1, 1] })), builder: b };
}
