/** ResNets (K. He et al., CVPR 2016; 50 and deeper as v1.5) and the backbones of SSD-ResNet34 and RetinaNet, as MLPerf Inference defines them. */

import { elements, type FeatureMap, type ImageSize, image, NetworkBuilder } from './builder.js';

/** Blocks and width of each of the four stages of ResNet-50. */
const stages50 = [
  [3, 64],
  [4, 128],
  [6, 256],
  [3, 512],
] as const;

/** Where a stage halves its map: in the 3 x 3 of its first block (v1.5), in the 1 x 1 before it (v1), or in its last block (TF-Slim). */
export type Strided = 'middle' | 'first' | 'last';

/** 224 x 224, 1000 classes; the stride of a stage is in its 3 x 3 convolution (v1.5). 4.1 GMAC. */
export function resnet50(size: ImageSize = 224, strided: Strided = 'middle') {
  return deep([3, 4, 6, 3], size, strided);
}

/** 23.5 GMAC at 299 x 299. */
export function resnet152(size: ImageSize = 224, strided: Strided = 'middle') {
  return deep([3, 8, 36, 3], size, strided);
}

export function resnet101(size: ImageSize = 224, strided: Strided = 'middle') {
  return deep([3, 4, 23, 3], size, strided);
}

/** 1.8 GMAC. */
export function resnet18(size: ImageSize = 224) {
  const net = new NetworkBuilder();
  let map = stem(net, image(size));
  for (const [at, [, width]] of stages50.entries())
    map = basicBlocks(net, map, { blocks: 2, width, out: width, stride: at === 0 ? 1 : 2 });
  return net.classify(map);
}

function deep(blocksOfStages: readonly number[], size: ImageSize, strided: Strided) {
  const net = new NetworkBuilder();
  let map = stem(net, image(size));
  for (const [at, [, width]] of stages50.entries()) {
    const halved = strided === 'last' ? at < 3 : at > 0;
    const stage = { blocks: blocksOfStages[at]!, width, out: 4 * width, stride: halved ? 2 : 1, strided };
    map = bottlenecks(net, map, stage).at(-1)!;
  }
  return net.classify(map);
}

/** 800 x 800, ResNeXt-50 32x4d, feature pyramid, 264 classes, nine anchors a position. 200 GMAC. */
export function retinanet() {
  const net = new NetworkBuilder();
  let map = stem(net, { height: 800, width: 800, channels: 3 });
  const stages: FeatureMap[] = [];
  for (const [at, [blocks, width]] of stages50.entries()) {
    const stage = { blocks, width: 2 * width, out: 4 * width, stride: at === 0 ? 1 : 2, groups: 32 };
    map = bottlenecks(net, map, stage).at(-1)!;
    stages.push(map);
  }
  const levels = pyramid(net, stages.slice(1));
  for (const level of levels) detectionHead(net, level);
  net.filterScores(levels.reduce((sum, { height, width }) => sum + height * width * 9 * 264, 0));
  return net.kernels;
}

function stem(net: NetworkBuilder, image: FeatureMap): FeatureMap {
  const map = net.convolution(image, 64, { kernel: 7, stride: 2 });
  net.elementwise(elements(map));
  return net.pool(map, 3, 2);
}

interface Stage {
  readonly blocks: number;
  readonly width: number;
  readonly out: number;
  readonly stride: number;
  readonly groups?: number;
  readonly strided?: Strided;
}

function bottlenecks(net: NetworkBuilder, input: FeatureMap, stage: Stage): readonly FeatureMap[] {
  const maps: FeatureMap[] = [];
  let map = input;
  for (let block = 0; block < stage.blocks; block++) {
    const halving = stage.strided === 'last' ? stage.blocks - 1 : 0;
    const stride = block === halving ? stage.stride : 1;
    const [first, second] = stage.strided === 'first' ? [stride, 1] : [1, stride];
    const narrow = relu(net, net.convolution(map, stage.width, { kernel: 1, stride: first }));
    const middle = relu(
      net,
      net.convolution(narrow, stage.width, { kernel: 3, stride: second, groups: stage.groups ?? 1 }),
    );
    if (block === 0) net.convolution(map, stage.out, { kernel: 1, stride });
    map = net.convolution(middle, stage.out, { kernel: 1 });
    net.elementwise(elements(map), 2);
    maps.push(map);
  }
  return maps;
}

function pyramid(net: NetworkBuilder, stages: readonly FeatureMap[]): readonly FeatureMap[] {
  const levels = stages.map((stage) => {
    const lateral = net.convolution(stage, 256, { kernel: 1 });
    net.elementwise(elements(lateral), 2);
    return net.convolution(lateral, 256, { kernel: 3 });
  });
  const sixth = net.convolution(levels.at(-1)!, 256, { kernel: 3, stride: 2 });
  return [...levels, sixth, net.convolution(sixth, 256, { kernel: 3, stride: 2 })];
}

function detectionHead(net: NetworkBuilder, level: FeatureMap): void {
  for (const channels of [9 * 264, 9 * 4]) {
    for (let layer = 0; layer < 4; layer++) relu(net, net.convolution(level, 256, { kernel: 3 }));
    net.elementwise(elements(net.convolution(level, channels, { kernel: 3 })));
  }
}

export function relu(net: NetworkBuilder, map: FeatureMap): FeatureMap {
  net.elementwise(elements(map));
  return map;
}

/** 1200 x 1200, the first three stages of ResNet-34 (the third at stride 1), six heads, 81 classes. 215 GMAC. */
export function ssdResnet34() {
  const net = new NetworkBuilder();
  let map = stem(net, { height: 1200, width: 1200, channels: 3 });
  for (const [blocks, width, stride] of [
    [3, 64, 1],
    [4, 128, 2],
    [6, 256, 1],
  ] as const)
    map = basicBlocks(net, map, { blocks, width, out: width, stride });
  const extras = [
    [256, 512],
    [256, 512],
    [128, 256],
    [128, 256],
    [128, 256],
  ] as const;
  const maps = [map];
  for (const [narrow, channels] of extras) {
    const middle = relu(net, net.convolution(maps.at(-1)!, narrow, { kernel: 1 }));
    maps.push(relu(net, net.convolution(middle, channels, { kernel: 3, stride: 2 })));
  }
  const anchors = [4, 6, 6, 6, 4, 4];
  const boxes = maps.map((head, at) => {
    const output = net.convolution(head, anchors[at]! * (4 + 81), { kernel: 3, stride: 3 });
    return output.height * output.width * anchors[at]!;
  });
  net.filterScores(81 * boxes.reduce((sum, count) => sum + count, 0));
  return net.kernels;
}

function basicBlocks(net: NetworkBuilder, input: FeatureMap, stage: Stage): FeatureMap {
  let map = input;
  for (let block = 0; block < stage.blocks; block++) {
    const stride = block === 0 ? stage.stride : 1;
    const middle = relu(net, net.convolution(map, stage.width, { kernel: 3, stride }));
    if (map.channels !== stage.out) net.convolution(map, stage.out, { kernel: 1, stride });
    map = net.convolution(middle, stage.out, { kernel: 3 });
    net.elementwise(elements(map), 2);
  }
  return map;
}
