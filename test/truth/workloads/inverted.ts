/**
 * Networks of inverted residuals: MobileNet v2 (M. Sandler et al., CVPR 2018, Table 2), v3-Large (A. Howard et al., ICCV 2019, Table 1), MnasNet-A1 without
 * squeeze (B1; M. Tan et al., CVPR 2019) and EfficientNet-B0 (M. Tan and Q. Le, ICML 2019, Table 1).
 */

import { elements, type FeatureMap, image, NetworkBuilder } from './builder.js';

export interface Inverted {
  readonly kernel: number;
  readonly expanded: number;
  readonly channels: number;
  readonly stride: number;
  /** Channels of the squeeze; absent: none. */
  readonly squeezed?: number;
}

export function inverted(net: NetworkBuilder, input: FeatureMap, block: Inverted): FeatureMap {
  const wide = block.expanded === input.channels ? input : net.conv(input, block.expanded, 1);
  const middle = net.depthwise(wide, block.kernel, block.stride);
  if (block.squeezed !== undefined) squeeze(net, middle, block.squeezed);
  const output = net.convolution(middle, block.channels, { kernel: 1 });
  return block.stride === 1 && input.channels === block.channels ? net.add(output) : output;
}

/** Mean of each channel, two dense layers, each channel scaled. */
function squeeze(net: NetworkBuilder, map: FeatureMap, channels: number): void {
  net.pool(map, map.height, map.height, true);
  net.matmul(1, channels, map.channels);
  net.matmul(1, map.channels, channels);
  net.rows('elementwise', elements(map), 1);
}

/** Expansion, channels, repeats, stride (and kernel) of each stage. */
type Stage = readonly [expansion: number, channels: number, repeats: number, stride: number, kernel: number];

function stages(
  net: NetworkBuilder,
  input: FeatureMap,
  table: readonly Stage[],
  squeezes = false,
): FeatureMap {
  let map = input;
  for (const [expansion, channels, repeats, stride, kernel] of table)
    for (let repeat = 0; repeat < repeats; repeat++)
      map = inverted(net, map, {
        kernel,
        expanded: expansion * map.channels,
        channels,
        stride: repeat === 0 ? stride : 1,
        ...(squeezes && { squeezed: map.channels / 4 }),
      });
  return map;
}

const v2: readonly Stage[] = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 32, 3, 2, 3],
  [6, 64, 4, 2, 3],
  [6, 96, 3, 1, 3],
  [6, 160, 3, 2, 3],
  [6, 320, 1, 1, 3],
];

/** 0.30 GMAC, 3.4 M weights. */
export function mobilenetV2(size = 224, width = 1) {
  const net = new NetworkBuilder();
  const wide = (channels: number) => 8 * Math.round((channels * width) / 8);
  const table = v2.map(([expansion, channels, ...rest]): Stage => [expansion, wide(channels), ...rest]);
  const map = stages(net, net.conv(image(size), wide(32), 3, 2), table);
  return net.classify(net.conv(map, wide(1280), 1));
}

const mnas: readonly Stage[] = [
  [3, 24, 3, 2, 3],
  [3, 40, 3, 2, 5],
  [6, 80, 3, 2, 5],
  [6, 96, 2, 1, 3],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
];

/** MnasNet-B1, 0.315 GMAC, 4.4 M weights. */
export function mnasnet() {
  const net = new NetworkBuilder();
  const first = net.depthwise(net.conv(image(224), 32, 3, 2), 3);
  const map = stages(net, net.convolution(first, 16, { kernel: 1 }), mnas);
  return net.classify(net.conv(map, 1280, 1));
}

const b0: readonly Stage[] = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 40, 2, 2, 5],
  [6, 80, 3, 2, 3],
  [6, 112, 3, 1, 5],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
];

/** 0.39 GMAC, 5.3 M weights. */
export function efficientnetB0() {
  const net = new NetworkBuilder();
  const map = stages(net, net.conv(image(224), 32, 3, 2), b0, true);
  return net.classify(net.conv(map, 1280, 1));
}

/** Kernel, expansion, channels, squeeze or not, stride. */
const v3 = [
  [3, 16, 16, 0, 1],
  [3, 64, 24, 0, 2],
  [3, 72, 24, 0, 1],
  [5, 72, 40, 1, 2],
  [5, 120, 40, 1, 1],
  [5, 120, 40, 1, 1],
  [3, 240, 80, 0, 2],
  [3, 200, 80, 0, 1],
  [3, 184, 80, 0, 1],
  [3, 184, 80, 0, 1],
  [3, 480, 112, 1, 1],
  [3, 672, 112, 1, 1],
  [5, 672, 160, 1, 2],
  [5, 960, 160, 1, 1],
  [5, 960, 160, 1, 1],
] as const;

/** 0.22 GMAC, 5.4 M weights. */
export function mobilenetV3() {
  const net = new NetworkBuilder();
  let map = net.conv(image(224), 16, 3, 2);
  for (const [kernel, expanded, channels, squeezes, stride] of v3)
    map = inverted(net, map, {
      kernel,
      expanded,
      channels,
      stride,
      ...(squeezes === 1 && { squeezed: 8 * Math.round(expanded / 32) }),
    });
  map = net.conv(map, 960, 1);
  net.pool(map, map.height, map.height, true);
  net.matmul(1, 1280, 960);
  net.matmul(1, 1000, 1280);
  net.rows('softmax', 1, 1000);
  return net.kernels;
}
