/** MobileNetV2 at 224 x 224 and the four MLPerf Tiny networks in shape, int8, with random weights. */

import type { Graph } from '../../compiler/graph/index.js';
import { NetworkBuilder } from '../schedule/networks.js';

type Pair = readonly [number, number];
type Pads = readonly [number, number, number, number];

/** M. Sandler et al., CVPR 2018, Table 2: expansion, channels, repeats, first stride. */
const inverted = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** @param size pixels a side, a multiple of 32. */
export function mobilenetV2(size = 224, b = new NetworkBuilder(1)): Graph {
  let x = b.conv(b.input('x', [1, 3, size, size]), {
    channels: 32,
    kernel: [3, 3],
    stride: [2, 2],
    pads: [1, 1, 1, 1],
  });
  for (const [expansion, channels, repeats, first] of inverted) {
    for (let i = 0; i < repeats; i++)
      x = bottleneck(b, x, { expansion, channels, stride: i === 0 ? first : 1 });
  }
  x = b.conv(x, { channels: 1280, kernel: [1, 1] });
  return b.build(b.dense(b.flatten(b.pool(x, 'IntegerAveragePool', [size / 32, size / 32], [1, 1])), 1000));
}

function bottleneck(
  b: NetworkBuilder,
  x: string,
  {
    expansion,
    channels,
    stride,
  }: { readonly expansion: number; readonly channels: number; readonly stride: number },
): string {
  const inputs = b.shape(x)[1]!;
  const wide = expansion === 1 ? x : b.conv(x, { channels: expansion * inputs, kernel: [1, 1] });
  const deep = depthwise(b, wide, [3, 3], [stride, stride], [1, 1, 1, 1]);
  const narrow = b.conv(deep, { channels, kernel: [1, 1] });
  return stride === 1 && inputs === channels ? b.add(x, narrow) : narrow;
}

function depthwise(b: NetworkBuilder, x: string, kernel: Pair, stride: Pair, pads: Pads): string {
  const channels = b.shape(x)[1]!;
  return b.conv(x, { channels, kernel, stride, pads, group: channels });
}

/** Image classification: ResNet-8 at 32 x 32. */
export function tinyResnet(b = new NetworkBuilder(1)): Graph {
  let x = b.conv(b.input('x', [1, 3, 32, 32]), { channels: 16, kernel: [3, 3], pads: [1, 1, 1, 1] });
  for (const channels of [16, 32, 64]) {
    const stride: Pair = channels === 16 ? [1, 1] : [2, 2];
    const pads: Pads = channels === 16 ? [1, 1, 1, 1] : [0, 0, 1, 1];
    const y = b.conv(x, { channels, kernel: [3, 3], stride, pads });
    const deep = b.conv(y, { channels, kernel: [3, 3], pads: [1, 1, 1, 1] });
    x = b.add(channels === 16 ? x : b.conv(x, { channels, kernel: [1, 1], stride }), deep);
  }
  return b.build(b.dense(b.flatten(b.pool(x, 'IntegerAveragePool', [8, 8], [1, 1])), 10));
}

/** Keyword spotting: DS-CNN over 49 x 10 features. */
export function tinyKeywords(b = new NetworkBuilder(1)): Graph {
  let x = b.conv(b.input('x', [1, 1, 49, 10]), {
    channels: 64,
    kernel: [10, 4],
    stride: [2, 2],
    pads: [4, 1, 5, 1],
  });
  for (let i = 0; i < 4; i++) {
    x = b.conv(depthwise(b, x, [3, 3], [1, 1], [1, 1, 1, 1]), { channels: 64, kernel: [1, 1] });
  }
  const [, , height, width] = b.shape(x);
  return b.build(b.dense(b.flatten(b.pool(x, 'IntegerAveragePool', [height!, width!], [1, 1])), 12));
}

/** Anomaly detection: a dense autoencoder over 640 features. */
export function tinyAnomaly(b = new NetworkBuilder(1)): Graph {
  let x = b.input('x', [1, 640]);
  for (const width of [128, 128, 128, 128, 8, 128, 128, 128, 128, 640]) x = b.dense(x, width);
  return b.build(x);
}

/** Visual wake words: MobileNetV1 at 96 x 96, a quarter as wide. */
export function tinyWakeWords(b = new NetworkBuilder(1)): Graph {
  let x = b.conv(b.input('x', [1, 3, 96, 96]), {
    channels: 8,
    kernel: [3, 3],
    stride: [2, 2],
    pads: [0, 0, 1, 1],
  });
  const layers = [
    [16, 1],
    [32, 2],
    [32, 1],
    [64, 2],
    [64, 1],
    [128, 2],
    [128, 1],
    [128, 1],
    [128, 1],
    [128, 1],
    [128, 1],
    [256, 2],
    [256, 1],
  ] as const;
  for (const [channels, stride] of layers) {
    const pads: Pads = stride === 1 ? [1, 1, 1, 1] : [0, 0, 1, 1];
    x = b.conv(depthwise(b, x, [3, 3], [stride, stride], pads), { channels, kernel: [1, 1] });
  }
  return b.build(b.dense(b.flatten(b.pool(x, 'IntegerAveragePool', [3, 3], [1, 1])), 2));
}
