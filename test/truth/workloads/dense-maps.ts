/**
 * Networks whose outputs are maps, and DenseNet: YOLOv3 and YOLOv4-tiny (configurations of AlexeyAB's Darknet), U-Net (O. Ronneberger et al., MICCAI
 * 2015, padded), MobileNet-SSD for VOC (chuanqi305's prototxt), DenseNet-121 (G. Huang et al., CVPR 2017, Table 1).
 */

import { type FeatureMap, type ImageSize, image, joined, NetworkBuilder } from './builder.js';

function upsampled(net: NetworkBuilder, map: FeatureMap): FeatureMap {
  const output = { ...map, height: 2 * map.height, width: 2 * map.width };
  net.rows('movement', output.height * output.width, output.channels);
  return output;
}

/** 416 x 416, 80 classes. 3.45 GMAC, 6.06 M weights. */
export function yolov4Tiny(size = 416) {
  const net = new NetworkBuilder();
  let map = net.conv(net.conv(image(size), 32, 3, 2), 64, 3, 2);
  let wide: FeatureMap = map;
  for (const channels of [64, 128, 256]) {
    const whole = net.conv(map, channels, 3);
    const half = { ...whole, channels: channels / 2 };
    const first = net.conv(half, channels / 2, 3);
    const second = net.conv(first, channels / 2, 3);
    wide = net.conv(joined(second, first), channels, 1);
    map = net.pool(joined(whole, wide), 2, 2);
  }
  const narrow = net.conv(net.conv(map, 512, 3), 256, 1);
  net.convolution(net.conv(narrow, 512, 3), 255, { kernel: 1 });
  const up = upsampled(net, net.conv(narrow, 128, 1));
  net.convolution(net.conv(joined(up, wide), 256, 3), 255, { kernel: 1 });
  return net.kernels;
}

/** 416 x 416, 80 classes. 32.9 GMAC, 62 M weights. */
export function yolov3(size: ImageSize = 416) {
  const net = new NetworkBuilder();
  let map = net.conv(image(size), 32, 3);
  const maps: FeatureMap[] = [];
  for (const [at, repeats] of [1, 2, 8, 8, 4].entries()) {
    map = net.conv(map, 64 << at, 3, 2);
    for (let block = 0; block < repeats; block++)
      map = net.add(net.conv(net.conv(map, 32 << at, 1), 64 << at, 3));
    maps.push(map);
  }
  for (const [at, channels] of [512, 256, 128].entries()) {
    for (let layer = 0; layer < 5; layer++)
      map = layer % 2 === 0 ? net.conv(map, channels, 1) : net.conv(map, 2 * channels, 3);
    net.convolution(net.conv(map, 2 * channels, 3), 255, { kernel: 1 });
    if (at < 2) map = joined(upsampled(net, net.conv(map, channels / 2, 1)), maps[3 - at]!);
  }
  return net.kernels;
}

/** @param widths channels of the first level, doubled on each of four more. */
export function unet(size = 512, width = 64, classes = 2) {
  const net = new NetworkBuilder();
  let map: FeatureMap = { ...image(size), channels: 1 };
  const skipped: FeatureMap[] = [];
  for (let level = 0; level < 5; level++) {
    map = net.conv(net.conv(map, width << level, 3), width << level, 3);
    if (level < 4) {
      skipped.push(map);
      map = net.pool(map, 2, 2);
    }
  }
  for (let level = 3; level >= 0; level--) {
    const up = net.convolution(upsampled(net, map), width << level, { kernel: 2 });
    map = net.conv(net.conv(joined(skipped[level]!, up), width << level, 3), width << level, 3);
  }
  net.convolution(map, classes, { kernel: 1 });
  return net.kernels;
}

/** 300 x 300, 21 classes. 1.14 GMAC, 5.8 M weights. */
export function mobilenetSsdVoc(backbone: (net: NetworkBuilder) => readonly FeatureMap[]) {
  const net = new NetworkBuilder();
  const maps = backbone(net);
  const heads = [maps[10]!, maps.at(-1)!];
  for (const [narrow, channels] of [
    [256, 512],
    [128, 256],
    [128, 256],
    [64, 128],
  ] as const)
    heads.push(net.conv(net.conv(heads.at(-1)!, narrow, 1), channels, 3, 2));
  for (const [at, head] of heads.entries()) {
    const anchors = at === 0 ? 3 : 6;
    net.convolution(head, 4 * anchors, { kernel: 1 });
    const scores = net.convolution(head, 21 * anchors, { kernel: 1 });
    net.rows('softmax', scores.height * scores.width * anchors, 21);
  }
  return net.kernels;
}

/** 224 x 224. 2.83 GMAC, 8 M weights. */
export function densenet121() {
  const net = new NetworkBuilder();
  let map = net.pool(net.conv(image(224), 64, 7, 2), 3, 2);
  for (const [at, layers] of [6, 12, 24, 16].entries()) {
    for (let layer = 0; layer < layers; layer++) {
      net.rows('elementwise', map.height * map.width * map.channels, 1);
      map = joined(map, net.convolution(net.conv(map, 128, 1), 32, { kernel: 3 }));
    }
    if (at < 3) map = net.pool(net.conv(map, map.channels / 2, 1), 2, 2);
  }
  return net.classify(map);
}
