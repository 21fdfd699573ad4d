/**
 * Vitis AI model zoo: networks whose layers are published, each board predicted with constants fitted to the other boards. In: the published rows.
 * Out: milliseconds an image, one at a time or with all engines at work. Also the fit to all rows, which the project carries.
 */

import {
  type DpuDevice,
  type DpuFit,
  dpuArchitectures,
  dpuDevices,
  type dpuFitted,
} from '../../../models/data/index.js';
import { dpuLatency, dpuThroughput, type Kernel } from '../../../models/devices/index.js';
import { type FitProblem, fitConstants, leaveOneOut } from '../fit.js';
import { positive, type Row, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import * as networks from '../workloads/index.js';

const path = 'published/vitis_ai_dpu_zoo.json';

interface Point {
  readonly label: string;
  readonly device: DpuDevice;
  readonly board: string;
  readonly kernels: readonly Kernel[];
  readonly threads: 'one' | 'many';
  readonly seconds: number;
}

/** The zoo's names: network, image and operations; those of pruned and of unpublished networks are not here. */
const zoo: readonly (readonly [RegExp, readonly Kernel[]])[] = [
  [
    /^cf_resnet50_imagenet_224_224_7\.7G|^tf2_resnet50_imagenet_224_224_7\.76G/,
    networks.resnet50(224, 'first'),
  ],
  [/^pt_resnet50_imagenet_224_224_4\.1G|^tf_mlperf_resnet50|^torchvision_resnet50/, networks.resnet50()],
  [/^tf_resnetv1_50_imagenet|^tf_resnet50_imagenet_224_224_6\.97G/, networks.resnet50(224, 'last')],
  [/^tf_resnetv1_101_imagenet/, networks.resnet101(224, 'last')],
  [/^tf_resnetv1_152_imagenet/, networks.resnet152(224, 'last')],
  [/^tf_resnetv2_50_imagenet_299/, networks.resnet50(299, 'last')],
  [/^tf_resnetv2_101_imagenet_299/, networks.resnet101(299, 'last')],
  [/^tf_resnetv2_152_imagenet_299/, networks.resnet152(299, 'last')],
  [/^cf_resnet18_imagenet|^pt_vehicle-\w+-classification/, networks.resnet18()],
  [/^pt_personreid-res50_market1501_256_128/, networks.resnet50([256, 128])],
  [/^(cf|tf)_inceptionv1_imagenet/, networks.googlenet()],
  [/^(cf|tf|tf2|pt)_inceptionv3_imagenet_299|^torchvision_inception_v3/, networks.inceptionV3()],
  [/^(cf|tf)_inceptionv4_imagenet/, networks.inceptionV4()],
  [/^tf_vgg16_imagenet/, networks.vgg16()],
  [/^tf_vgg19_imagenet/, networks.vgg19()],
  [/^(cf|pt)_squeeze(net)?_imagenet/, networks.squeezenet11()],
  [/^tf2?_mobilenetv1(_1\.0)?_imagenet_224/, networks.mobilenet()],
  [/^tf_mobilenetv1_0\.25_imagenet_128/, networks.mobilenet(128, 0.25)],
  [/^tf_mobilenetv1_0\.5_imagenet_160/, networks.mobilenet(160, 0.5)],
  [/^(cf_mobilenetv2_imagenet_224_224_0\.59G|tf_mobilenetv2_1\.0_imagenet)/, networks.mobilenetV2()],
  [/^tf_mobilenetv2_(1\.4_)?imagenet_224_224_1\.1[67]G/, networks.mobilenetV2(224, 1.4)],
  [/^tf2_efficientnet-b0_imagenet/, networks.efficientnetB0()],
  [/^tf_mlperf_resnet34_coco_1200/, networks.ssdResnet34()],
  [/^tf_ssdmobilenetv1_coco/, networks.ssdMobilenet()],
  [/^(dk|tf)_yolov3_voc_416|^tf2_yolov3_coco_416/, networks.yolov3()],
  [/^dk_yolov3_bdd_288_512_53\.7G/, networks.yolov3([288, 512])],
];

const names: readonly (readonly [RegExp, string])[] = [
  [/^ZCU102/, 'zcu102-dpu-b4096'],
  [/^ZCU104/, 'zcu104-dpu-b4096'],
  [/KV260/, 'kv260-dpu-b4096'],
  [/^Ultra96/i, 'ultra96-dpu-b1600'],
  [/^U50 lv/, 'alveo-u50-dpu'],
  [/^U280/, 'alveo-u280-dpu'],
  [/^U55C/, 'alveo-u55c-dpu'],
];

/** The board with the engines and the clock that the row's configuration states. */
function boardOf(row: Row): DpuDevice | undefined {
  const name = names.find(([pattern]) => pattern.test(String(row.board)))?.[1];
  const known = dpuDevices.find((device) => device.name === name);
  const config = String(row.config ?? '');
  const zynq = /(\d+) \* (B\d+)F?\s+@ (\d+)MHz/.exec(config);
  const alveo = /with (\d+) DPUv3E kernels running at (\d+)Mhz/.exec(config);
  if (known === undefined) return undefined;
  if (zynq) {
    const [, engines, architecture, megahertz] = zynq;
    const parallelism = dpuArchitectures.get(architecture!);
    return parallelism && { ...known, engines: Number(engines), parallelism, hertz: Number(megahertz) * 1e6 };
  }
  if (alveo) return { ...known, engines: Number(alveo[1]), hertz: Number(alveo[2]) * 1e6 };
  return row.dpu_MHz ? { ...known, hertz: Number(row.dpu_MHz) * 1e6 } : undefined;
}

function pointsOf(tables: Tables) {
  const points: Point[] = [];
  const left = new Set<string>();
  for (const row of tables.json(path)) {
    const kernels = zoo.find(([pattern]) => pattern.test(String(row.zoo_name)))?.[1];
    const device = boardOf(row);
    if (device === undefined) left.add(String(row.board));
    if (device === undefined || kernels === undefined || /suspect/.test(String(row.flag ?? ''))) continue;
    const shared = { device, board: device.name, kernels };
    for (const [field, threads] of [
      ['fps_single_thread', 'one'],
      ['fps_multi_thread', 'many'],
    ] as const) {
      if (row[field] === undefined || row[field] === null || row[field] === 'NA') continue;
      const seconds = 1 / positive(path, row, field);
      points.push({
        ...shared,
        label: `${row.board} ${row.release}, ${row.zoo_name}, ${threads}`,
        threads,
        seconds,
      });
    }
  }
  return { points, left };
}

const free = {
  productShare: [0.8, 0.1, 1],
  depthwiseShare: [0.3, 0.01, 1],
  engineBytesPerCycle: [10, 1, 64],
  memoryShare: [0.5, 0.05, 1],
  layerCycles: [2000, 10, 50000],
  callCycles: [300000, 1000, 5e6],
  imageCycles: [5, 0.1, 100],
  scoreCycles: [20, 0.1, 1000],
} as const satisfies Record<keyof typeof dpuFitted, readonly [start: number, least: number, most: number]>;
const constantNames = Object.keys(free) as (keyof typeof free)[];

const problem: Omit<FitProblem<Point>, 'rows'> = {
  measured: ({ seconds }) => seconds,
  model: (constants, point) => predict(withConstants(constants), point),
  starts: [constantNames.map((name) => free[name][0])],
  limits: constantNames.map((name) => [free[name][1], free[name][2]]),
  iterations: 0,
  sweeps: 18,
};

function withConstants(constants: readonly number[]): DpuFit {
  return Object.fromEntries(constantNames.map((name, at) => [name, constants[at]!])) as Record<
    keyof typeof free,
    number
  >;
}

function predict(fit: DpuFit, { device, kernels, threads }: Point): number {
  return threads === 'one' ? dpuLatency(device, kernels, fit) : 1 / dpuThroughput(device, kernels, fit);
}

/** Constants fitted to every row, by name. */
export function fitDpus(tables: Tables): DpuFit {
  return withConstants(fitConstants({ ...problem, rows: pointsOf(tables).points }));
}

export const vitisDpu: TruthSet = {
  name: 'FPGA, Vitis AI DPU, leave-one-board-out',
  unit: 'ms',
  measure: 'mean percent',
  target: 20,
  slow: true,
  fit: 'eight constants for all boards and networks, fitted to the other boards; nothing by board but engines, clocks and memory',
  peer: 'none publishes an error on these rows',
  find: (tables) => findings(tables),
};

function findings(tables: Tables): Findings {
  const { points, left } = pointsOf(tables);
  const boards = [...new Set(points.map(({ board }) => board))];
  const groups = boards.map((board) => points.filter((point) => point.board === board));
  return {
    points: leaveOneOut(groups, problem).map(({ row, predicted }) => ({
      label: row.label,
      published: row.seconds * 1e3,
      predicted: predicted * 1e3,
    })),
    notes: [
      'Milliseconds an image, end to end: one thread, or one over the images a second of many threads. Networks whose layers are published and not pruned.',
      `Boards left out, for the table or its guides do not say how many engines of what kind they have: ${[...left].join(', ')}.`,
    ],
  };
}
