/** Networks built from their papers' tables have the products and weights that were published for them. */

import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../models/devices/index.js';
import * as networks from './workloads/index.js';

/** Millions of products and of weights (products: torchvision's, timm's or the paper's count), within 2 %. */
const published: readonly (readonly [
  string,
  () => readonly Kernel[],
  macs: number,
  weights: number,
  source: string,
])[] = [
  ['alexnet', networks.alexnet, 724, 60.95, 'A. Krizhevsky 2012; Y.-H. Chen 2017, Table V'],
  ['vgg16', networks.vgg16, 15470, 138.3, 'K. Simonyan 2015, Table 2; torchvision'],
  ['resnet18', () => networks.resnet18(), 1814, 11.68, 'torchvision'],
  ['resnet50', () => networks.resnet50(), 4089, 25.5, 'torchvision'],
  ['resnet101', () => networks.resnet101(), 7801, 44.5, 'torchvision'],
  ['resnet152', () => networks.resnet152(), 11514, 60.1, 'torchvision'],
  ['vgg19', networks.vgg19, 19630, 143.6, 'K. Simonyan 2015; torchvision'],
  [
    'resnet50 v1',
    () => networks.resnet50(224, 'first'),
    3858,
    25.5,
    'Caffe ResNet-50: 7.72 billion operations',
  ],
  [
    'resnet50 of TF-Slim',
    () => networks.resnet50(224, 'last'),
    3480,
    25.5,
    'Vitis AI model zoo: 6.97 billion operations',
  ],
  ['mobilenet v2 1.4', () => networks.mobilenetV2(224, 1.4), 582, 6.06, 'M. Sandler 2018, Table 4'],
  ['squeezenet 1.0', networks.squeezenet10, 861, 1.245, 'F. Iandola 2016, Table 1; Caffe model analysis'],
  [
    'squeezenet 1.1',
    () => networks.squeezenet11(),
    389,
    1.233,
    'squeezenet 1.1 release notes (2.4 times less)',
  ],
  ['googlenet', networks.googlenet, 1583, 6.99, 'Caffe bvlc_googlenet'],
  ['inception v3', networks.inceptionV3, 5713, 23.8, 'torchvision'],
  ['inception v4', networks.inceptionV4, 12270, 42.65, 'timm'],
  ['mobilenet v1', networks.mobilenet, 569, 4.2, 'A. Howard 2017, Table 8'],
  ['mobilenet v2', () => networks.mobilenetV2(), 300, 3.47, 'M. Sandler 2018, Table 4'],
  ['mobilenet v3', networks.mobilenetV3, 217, 5.45, 'torchvision; A. Howard 2019, Table 3'],
  ['mnasnet b1', networks.mnasnet, 314, 4.35, 'torchvision'],
  ['efficientnet b0', networks.efficientnetB0, 386, 5.25, 'torchvision; M. Tan 2019, Table 2'],
  ['shufflenet v1', networks.shufflenetV1, 137, 1.87, 'X. Zhang 2018, Table 2'],
  ['shufflenet v2', networks.shufflenetV2, 146, 2.26, 'N. Ma 2018, Table 8'],
  ['densenet121', networks.densenet121, 2834, 7.9, 'torchvision'],
  ['yolov3', () => networks.yolov3(), 32930, 61.9, 'Darknet: 65.86 billion operations'],
  ['yolov4-tiny', () => networks.yolov4Tiny(), 3455, 6.05, 'Darknet: 6.91 billion operations'],
  [
    'mobilenet-ssd',
    networks.mobilenetSsd,
    1140,
    5.75,
    'chuanqi305 MobileNet-SSD; OpenVINO open model zoo 2.316 GFLOP',
  ],
  ['bert base, 128 tokens', () => networks.bertBase(128), 11175, 84.9, 'J. Devlin 2019: 12 layers of 7.08 M'],
  [
    'vit b/32, 384',
    () => networks.visionTransformer(384, 32),
    12980,
    88.2,
    'timm vit_base_patch32_384: 13.06 GMAC',
  ],
];

describe('networks as kernels', () => {
  it.each(published)('law: %s has its published products and weights', (_, build, macs, weights) => {
    const kernels = build();
    const sum = (field: 'macs' | 'weightElements') =>
      kernels.reduce((total, kernel) => total + kernel[field], 0) / 1e6;
    expect(sum('macs') / macs).toBeGreaterThan(0.98);
    expect(sum('macs') / macs).toBeLessThan(1.02);
    expect(sum('weightElements') / weights).toBeGreaterThan(0.98);
    expect(sum('weightElements') / weights).toBeLessThan(1.02);
  });
});
