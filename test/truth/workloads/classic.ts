/**
 * AlexNet (A. Krizhevsky et al., NIPS 2012, two groups as in Caffe's), VGG-16 (K. Simonyan and A. Zisserman, ICLR 2015) and SqueezeNet
 * (F. Iandola et al., 2016; 1.1 from the authors' repository), from their papers' tables.
 */

import { type FeatureMap, image, joined, NetworkBuilder } from './builder.js';

/** 227 x 227. 0.72 GMAC, 61 M weights. */
export function alexnet() {
  const net = new NetworkBuilder();
  let map = net.activated(net.convolution(image(227), 96, { kernel: 11, stride: 4, padding: 0 }));
  net.rows('normalisation', map.height * map.width, map.channels);
  map = net.pool(map, 3, 2, true);
  map = net.activated(net.convolution(map, 256, { kernel: 5, groups: 2 }));
  net.rows('normalisation', map.height * map.width, map.channels);
  map = net.pool(map, 3, 2, true);
  map = net.conv(map, 384, 3);
  map = net.activated(net.convolution(map, 384, { kernel: 3, groups: 2 }));
  map = net.activated(net.convolution(map, 256, { kernel: 3, groups: 2 }));
  return denseTail(net, net.pool(map, 3, 2, true));
}

/** 224 x 224. 15.5 GMAC, 138 M weights. */
export function vgg16() {
  const net = new NetworkBuilder();
  return denseTail(net, vggFeatures(net, image(224)).at(-1)!);
}

/** 224 x 224. 19.6 GMAC, 144 M weights. */
export function vgg19() {
  const net = new NetworkBuilder();
  return denseTail(net, vggFeatures(net, image(224), 4).at(-1)!);
}

/** The map after each of the five stages' pooling. */
export function vggFeatures(net: NetworkBuilder, input: FeatureMap, deep = 3): readonly FeatureMap[] {
  let map = input;
  return (
    [
      [2, 64],
      [2, 128],
      [deep, 256],
      [deep, 512],
      [deep, 512],
    ] as const
  ).map(([layers, channels]) => {
    for (let layer = 0; layer < layers; layer++) map = net.conv(map, channels, 3);
    map = net.pool(map, 2, 2);
    return map;
  });
}

function denseTail(net: NetworkBuilder, map: FeatureMap) {
  for (const [to, from] of [
    [4096, map.height * map.width * map.channels],
    [4096, 4096],
    [1000, 4096],
  ] as const)
    net.matmul(1, to, from);
  net.rows('softmax', 1, 1000);
  return net.kernels;
}

/** Squeezed and expanded channels of the eight fire modules. */
const fires = [
  [16, 64],
  [16, 64],
  [32, 128],
  [32, 128],
  [48, 192],
  [48, 192],
  [64, 256],
  [64, 256],
] as const;

/** 227 x 227. 0.86 GMAC, 1.2 M weights. */
export function squeezenet10() {
  const net = new NetworkBuilder();
  const first = net.activated(net.convolution(image(227), 96, { kernel: 7, stride: 2, padding: 0 }));
  return squeezed(net, net.pool(first, 3, 2, true), [2, 6]);
}

/** 227 x 227. 0.39 GMAC, 1.2 M weights. */
export function squeezenet11(size = 227) {
  const net = new NetworkBuilder();
  const first = net.activated(net.convolution(image(size), 64, { kernel: 3, stride: 2, padding: 0 }));
  return squeezed(net, net.pool(first, 3, 2, true), [1, 3]);
}

function squeezed(net: NetworkBuilder, input: FeatureMap, pooledAfter: readonly number[]) {
  let map = input;
  for (const [at, [narrow, wide]] of fires.entries()) {
    const squeeze = net.conv(map, narrow, 1);
    map = joined(net.conv(squeeze, wide, 1), net.conv(squeeze, wide, 3));
    if (pooledAfter.includes(at)) map = net.pool(map, 3, 2);
  }
  map = net.conv(map, 1000, 1);
  net.pool(map, map.height, map.height, true);
  net.rows('softmax', 1, 1000);
  return net.kernels;
}
