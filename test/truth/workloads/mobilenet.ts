/** MobileNet v1 and SSD-MobileNet v1, as MLPerf Inference defines them. */

import { type FeatureMap, NetworkBuilder } from './builder.js';
import { mobilenetSsdVoc } from './dense-maps.js';
import { relu } from './resnet.js';

/** Output channels and stride of the thirteen separable blocks. */
const blocks = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/** 1000 classes. 0.57 GMAC at 224 x 224 and full width. */
export function mobilenet(size = 224, width = 1) {
  const net = new NetworkBuilder();
  const last = mobilenetBackbone(net, size, width).at(-1)!;
  net.pool(last, last.height, last.height);
  net.matmul(1, 1000, last.channels);
  net.rows('softmax', 1, 1000);
  return net.kernels;
}

/** 300 x 300, six heads, 91 classes. 1.2 GMAC. */
export function ssdMobilenet() {
  const net = new NetworkBuilder();
  const maps = mobilenetBackbone(net, 300);
  const heads = [maps[10]!, maps.at(-1)!];
  for (const [narrow, channels] of [
    [256, 512],
    [128, 256],
    [128, 256],
    [64, 128],
  ] as const) {
    const middle = relu(net, net.convolution(heads.at(-1)!, narrow, { kernel: 1 }));
    heads.push(relu(net, net.convolution(middle, channels, { kernel: 3, stride: 2 })));
  }
  let scores = 0;
  for (const [at, head] of heads.entries()) {
    const anchors = at === 0 ? 3 : 6;
    net.convolution(head, 4 * anchors, { kernel: 1 });
    net.convolution(head, 91 * anchors, { kernel: 1 });
    scores += 91 * anchors * head.height * head.width;
  }
  net.filterScores(scores);
  return net.kernels;
}

/** SSD-MobileNet v1 for the 20 classes of VOC, as ncnn measures it. */
export function mobilenetSsd() {
  return mobilenetSsdVoc((net) => mobilenetBackbone(net, 300));
}

/** The thirteen blocks' maps. */
export function mobilenetBackbone(net: NetworkBuilder, size: number, width = 1): readonly FeatureMap[] {
  let map = relu(
    net,
    net.convolution({ height: size, width: size, channels: 3 }, 32 * width, { kernel: 3, stride: 2 }),
  );
  return blocks.map(([channels, stride]) => {
    const depthwise = { kernel: 3, stride, groups: map.channels };
    const middle = relu(net, net.convolution(map, map.channels, depthwise));
    map = relu(net, net.convolution(middle, channels * width, { kernel: 1 }));
    return map;
  });
}
