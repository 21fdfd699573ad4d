/**
 * Coral's benchmark table, Edge TPU on USB and on the development board: each network predicted with constants fitted to the others. In: the published rows.
 * Out: milliseconds of one inference. Also the fit to all rows, which the project carries.
 */

import {
  type EdgeTpuDevice,
  type EdgeTpuFit,
  edgeTpuDevices,
  type edgeTpuFitted,
} from '../../../models/data/index.js';
import { edgeTpuLatency, type Kernel } from '../../../models/devices/index.js';
import { type FitProblem, fitConstants, leaveOneOut } from '../fit.js';
import { positive, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import * as networks from '../workloads/index.js';

const path = 'published/coral_edgetpu.json';

interface Point {
  readonly label: string;
  readonly model: string;
  readonly device: EdgeTpuDevice;
  readonly kernels: readonly Kernel[];
  readonly seconds: number;
}

const models: readonly (readonly [RegExp, readonly Kernel[]])[] = [
  [/^MobileNet v1/i, networks.mobilenet()],
  [/^MobileNet v2/i, networks.mobilenetV2()],
  [/^MNASNET/i, networks.mnasnet()],
  [/^ResNet-50 V1/i, networks.resnet50(299, 'first')],
  [/^ResNet-50 V2/i, networks.resnet50(299, 'last')],
  [/^ResNet-101 V2/i, networks.resnet101(299, 'last')],
  [/^ResNet-152 V2/i, networks.resnet152(299, 'last')],
  [/^SqueezeNet/i, networks.squeezenet11(224)],
  [/^VGG16/i, networks.vgg16()],
  [/^VGG19/i, networks.vgg19()],
  [/^Inception v1/i, networks.googlenet()],
  [/^Inception v3/i, networks.inceptionV3()],
  [/^Inception v4/i, networks.inceptionV4()],
  [/^DenseNet/i, networks.densenet121()],
  [/^(MobileNet v1 SSD|SSD MobileNet v1)/i, networks.ssdMobilenet()],
];

function pointsOf(tables: Tables) {
  const points: Point[] = [];
  const left: string[] = [];
  for (const row of tables.json(path)) {
    const model = String(row.model);
    const kernels = models.find(([pattern]) => pattern.test(model))?.[1];
    if (kernels === undefined || /memory/.test(String(row.how ?? ''))) {
      left.push(model);
      continue;
    }
    for (const [at, field] of ['usb_edgetpu_ms', 'devboard_edgetpu_ms'].entries())
      if (row[field] !== undefined && row[field] !== null)
        points.push({
          label: `${model}, ${edgeTpuDevices[at]!.name}`,
          model,
          device: edgeTpuDevices[at]!,
          kernels,
          seconds: positive(path, row, field) * 1e-3,
        });
  }
  return { points, left };
}

const free = {
  productShare: [0.6, 0.05, 1],
  depthwiseShare: [0.3, 0.01, 1],
  activationBytesPerCycle: [32, 1, 512],
  linkShare: [0.8, 0.1, 1],
  cacheShare: [0.8, 0.3, 1],
  callSeconds: [0.0005, 0.00005, 0.003],
} as const satisfies Record<
  keyof typeof edgeTpuFitted,
  readonly [start: number, least: number, most: number]
>;
const names = Object.keys(free) as (keyof typeof free)[];

const problem: Omit<FitProblem<Point>, 'rows'> = {
  measured: ({ seconds }) => seconds,
  model: (constants, { device, kernels }) => edgeTpuLatency(device, kernels, withConstants(constants)),
  starts: [names.map((name) => free[name][0])],
  limits: names.map((name) => [free[name][1], free[name][2]]),
  iterations: 0,
  sweeps: 30,
};

function withConstants(constants: readonly number[]): EdgeTpuFit {
  return Object.fromEntries(names.map((name, at) => [name, constants[at]!])) as Record<
    keyof typeof free,
    number
  >;
}

/** Constants fitted to every row, by name. */
export function fitEdgeTpus(tables: Tables): EdgeTpuFit {
  return withConstants(fitConstants({ ...problem, rows: pointsOf(tables).points }));
}

export const coralEdgeTpu: TruthSet = {
  name: 'Coral Edge TPU, leave-one-network-out',
  unit: 'ms',
  measure: 'mean percent',
  target: 25,
  slow: true,
  fit: 'six constants for all networks and both boards, fitted to the other networks',
  peer: 'none publishes an error on these rows',
  find: (tables) => findings(tables),
};

function findings(tables: Tables): Findings {
  const { points, left } = pointsOf(tables);
  const groups = [...new Set(points.map(({ model }) => model))].map((model) =>
    points.filter((point) => point.model === model),
  );
  return {
    points: leaveOneOut(groups, problem).map(({ row, predicted }) => ({
      label: row.label,
      published: row.seconds * 1e3,
      predicted: predicted * 1e3,
    })),
    notes: [
      'Milliseconds of one inference. Weights that on-chip memory does not keep cross the link every time. The extent of the array is assumed, not published.',
      `Left out, from memory or of layers that are not published: ${left.join(', ')}.`,
    ],
  };
}
