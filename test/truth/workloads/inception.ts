/**
 * GoogLeNet (C. Szegedy et al., CVPR 2015, Table 1), Inception v3 (CVPR 2016, Table 1 and Figures 5 to 7, as in TF-Slim) and v4
 * (AAAI 2017, Figures 3 to 9).
 */

import { type FeatureMap, image, joined, NetworkBuilder } from './builder.js';

/** Channels of a module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection; 0: the map is halved first. */
const modules = [
  [64, 96, 128, 16, 32, 32],
  [128, 128, 192, 32, 96, 64],
  0,
  [192, 96, 208, 16, 48, 64],
  [160, 112, 224, 24, 64, 64],
  [128, 128, 256, 24, 64, 64],
  [112, 144, 288, 32, 64, 64],
  [256, 160, 320, 32, 128, 128],
  0,
  [256, 160, 320, 32, 128, 128],
  [384, 192, 384, 48, 128, 128],
] as const;

/** 224 x 224. 1.58 GMAC, 7 M weights. */
export function googlenet() {
  const net = new NetworkBuilder();
  let map = net.pool(net.conv(image(224), 64, 7, 2), 3, 2);
  map = net.conv(net.conv(map, 64, 1), 192, 3);
  map = net.pool(map, 3, 2);
  for (const channels of modules) {
    if (channels === 0) map = net.pool(map, 3, 2);
    else {
      const [one, reduce3, three, reduce5, five, projected] = channels;
      map = joined(
        net.conv(map, one, 1),
        net.conv(net.conv(map, reduce3, 1), three, 3),
        net.conv(net.conv(map, reduce5, 1), five, 5),
        net.conv(net.pool(map, 3, 1), projected, 1),
      );
    }
  }
  return net.classify(map);
}

/** A convolution without padding. */
function valid(net: NetworkBuilder, map: FeatureMap, channels: number, kernel: number, stride = 1) {
  return net.activated(net.convolution(map, channels, { kernel, stride, padding: 0 }));
}

/** 299 x 299. 5.7 GMAC, 24 M weights. */
export function inceptionV3() {
  const net = new NetworkBuilder();
  let map = valid(net, valid(net, image(299), 32, 3, 2), 32, 3);
  map = net.pool(net.conv(map, 64, 3), 3, 2, true);
  map = net.pool(valid(net, net.conv(map, 80, 1), 192, 3), 3, 2, true);
  for (const projected of [32, 64, 64]) map = blockA(net, map, projected);
  const doubled = net.conv(net.conv(map, 64, 1), 96, 3);
  map = joined(valid(net, map, 384, 3, 2), valid(net, doubled, 96, 3, 2), net.pool(map, 3, 2, true));
  for (const narrow of [128, 160, 160, 192]) map = blockB(net, map, narrow);
  const seven = net.conv(net.conv(net.conv(map, 192, 1), 192, [1, 7]), 192, [7, 1]);
  map = joined(
    valid(net, net.conv(map, 192, 1), 320, 3, 2),
    valid(net, seven, 192, 3, 2),
    net.pool(map, 3, 2, true),
  );
  for (let block = 0; block < 2; block++) map = blockC(net, map);
  return net.classify(map);
}

function blockA(net: NetworkBuilder, map: FeatureMap, projected: number): FeatureMap {
  return joined(
    net.conv(map, 64, 1),
    net.conv(net.conv(map, 48, 1), 64, 5),
    net.conv(net.conv(net.conv(map, 64, 1), 96, 3), 96, 3),
    net.conv(net.pool(map, 3, 1), projected, 1),
  );
}

function blockB(net: NetworkBuilder, map: FeatureMap, narrow: number): FeatureMap {
  const once = net.conv(net.conv(net.conv(map, narrow, 1), narrow, [1, 7]), 192, [7, 1]);
  let twice = net.conv(map, narrow, 1);
  for (const kernel of [
    [7, 1],
    [1, 7],
    [7, 1],
  ] as const)
    twice = net.conv(twice, narrow, kernel);
  return joined(
    net.conv(map, 192, 1),
    once,
    net.conv(twice, 192, [1, 7]),
    net.conv(net.pool(map, 3, 1), 192, 1),
  );
}

function blockC(net: NetworkBuilder, map: FeatureMap): FeatureMap {
  const three = net.conv(map, 384, 1);
  const double = net.conv(net.conv(map, 448, 1), 384, 3);
  return joined(
    net.conv(map, 320, 1),
    net.conv(three, 384, [1, 3]),
    net.conv(three, 384, [3, 1]),
    net.conv(double, 384, [1, 3]),
    net.conv(double, 384, [3, 1]),
    net.conv(net.pool(map, 3, 1), 192, 1),
  );
}

/** 299 x 299. 12.3 GMAC, 43 M weights. */
export function inceptionV4() {
  const net = new NetworkBuilder();
  let map = stemV4(net);
  for (let block = 0; block < 4; block++)
    map = joined(
      net.conv(map, 96, 1),
      net.conv(net.conv(map, 64, 1), 96, 3),
      net.conv(net.conv(net.conv(map, 64, 1), 96, 3), 96, 3),
      net.conv(net.pool(map, 3, 1), 96, 1),
    );
  const reduced = net.conv(net.conv(map, 192, 1), 224, 3);
  map = joined(valid(net, map, 384, 3, 2), valid(net, reduced, 256, 3, 2), net.pool(map, 3, 2, true));
  for (let block = 0; block < 7; block++) map = blockBV4(net, map);
  const seven = net.conv(net.conv(net.conv(map, 256, 1), 256, [1, 7]), 320, [7, 1]);
  map = joined(
    valid(net, net.conv(map, 192, 1), 192, 3, 2),
    valid(net, seven, 320, 3, 2),
    net.pool(map, 3, 2, true),
  );
  for (let block = 0; block < 3; block++) map = blockCV4(net, map);
  return net.classify(map);
}

function stemV4(net: NetworkBuilder): FeatureMap {
  let map = net.conv(valid(net, valid(net, image(299), 32, 3, 2), 32, 3), 64, 3);
  map = joined(net.pool(map, 3, 2, true), valid(net, map, 96, 3, 2));
  const long = net.conv(net.conv(net.conv(map, 64, 1), 64, [7, 1]), 64, [1, 7]);
  map = joined(valid(net, net.conv(map, 64, 1), 96, 3), valid(net, long, 96, 3));
  return joined(valid(net, map, 192, 3, 2), net.pool(map, 3, 2, true));
}

function blockBV4(net: NetworkBuilder, map: FeatureMap): FeatureMap {
  const once = net.conv(net.conv(net.conv(map, 192, 1), 224, [1, 7]), 256, [7, 1]);
  const half = net.conv(net.conv(net.conv(map, 192, 1), 192, [1, 7]), 224, [7, 1]);
  return joined(
    net.conv(map, 384, 1),
    once,
    net.conv(net.conv(half, 224, [1, 7]), 256, [7, 1]),
    net.conv(net.pool(map, 3, 1), 128, 1),
  );
}

function blockCV4(net: NetworkBuilder, map: FeatureMap): FeatureMap {
  const three = net.conv(map, 384, 1);
  const long = net.conv(net.conv(net.conv(map, 384, 1), 448, [1, 3]), 512, [3, 1]);
  return joined(
    net.conv(map, 256, 1),
    net.conv(three, 256, [1, 3]),
    net.conv(three, 256, [3, 1]),
    net.conv(long, 256, [3, 1]),
    net.conv(long, 256, [1, 3]),
    net.conv(net.pool(map, 3, 1), 256, 1),
  );
}
