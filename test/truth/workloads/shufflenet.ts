/** ShuffleNet v1 (X. Zhang et al., CVPR 2018, Table 1, three groups) and v2 (N. Ma et al., ECCV 2018, Table 5), 1x, 224 x 224. */

import { elements, type FeatureMap, image, NetworkBuilder } from './builder.js';

const repeats = [3, 7, 3] as const;

/** 0.137 GMAC, 1.9 M weights. */
export function shufflenetV1() {
  const net = new NetworkBuilder();
  const groups = 3;
  let map = net.pool(net.conv(image(224), 24, 3, 2), 3, 2);
  for (const [stage, channels] of [240, 480, 960].entries()) {
    const narrow = channels / 4;
    for (let block = 0; block <= repeats[stage]!; block++) {
      const first = stage === 0 && block === 0 ? 1 : groups;
      const squeezed = net.activated(net.convolution(map, narrow, { kernel: 1, groups: first }));
      shuffle(net, squeezed);
      const stride = block === 0 ? 2 : 1;
      const middle = net.convolution(squeezed, narrow, { kernel: 3, stride, groups: narrow });
      const added = block === 0 ? channels - map.channels : channels;
      const wide = net.convolution(middle, added, { kernel: 1, groups });
      if (block === 0) net.pool(map, 3, 2);
      else net.add(wide);
      map = { ...wide, channels };
    }
  }
  return net.classify(map);
}

/** 0.146 GMAC, 2.3 M weights. */
export function shufflenetV2() {
  const net = new NetworkBuilder();
  let map = net.pool(net.conv(image(224), 24, 3, 2), 3, 2);
  for (const [stage, channels] of [116, 232, 464].entries())
    for (let block = 0; block <= repeats[stage]!; block++) map = unit(net, map, channels, block === 0);
  return net.classify(net.conv(map, 1024, 1));
}

function unit(net: NetworkBuilder, input: FeatureMap, channels: number, down: boolean): FeatureMap {
  const half = channels / 2;
  const stride = down ? 2 : 1;
  if (down)
    net.conv(
      net.convolution(input, input.channels, { kernel: 3, stride: 2, groups: input.channels }),
      half,
      1,
    );
  const branch = down ? input : { ...input, channels: half };
  const narrow = net.conv(branch, half, 1);
  const middle = net.convolution(narrow, half, { kernel: 3, stride, groups: half });
  const output = { ...net.conv(middle, half, 1), channels };
  shuffle(net, output);
  return output;
}

function shuffle(net: NetworkBuilder, map: FeatureMap): void {
  net.rows('movement', elements(map), 1);
}
