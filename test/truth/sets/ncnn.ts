/**
 * ncnn's benchmark table, Arm processors: each chip predicted with constants fitted to all other chips. In: the published rows. Out: milliseconds of one
 * sample. Also the fit to all rows, which the project carries.
 */

import { type CpuDevice, type CpuFit, cpuFits } from '../../../models/data/index.js';
import { cpuSeconds, type Kernel, type KernelType } from '../../../models/devices/index.js';
import { type FitProblem, fitConstants, leaveOneOut } from '../fit.js';
import { positive, type Row, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import * as networks from '../workloads/index.js';
import { cpuConstants, cpuLimits, cpuStart, withCpuConstants } from './cpu-constants.js';
import { ncnnPlatform, poweredClusters } from './ncnn-platforms.js';

const path = 'published/arm_edge_ncnn.json';

/** Chips are left out by eighths, three or four at a time. */
const FOLDS = 8;

interface Point {
  readonly label: string;
  readonly chip: string;
  readonly device: CpuDevice;
  readonly threads: number;
  readonly kernels: readonly Kernel[];
  readonly type: KernelType;
  readonly seconds: number;
}

/** benchncnn's networks at its sizes. */
const models: Readonly<Record<string, readonly Kernel[]>> = {
  squeezenet: networks.squeezenet11(),
  mobilenet: networks.mobilenet(),
  mobilenet_v2: networks.mobilenetV2(),
  mobilenet_v3: networks.mobilenetV3(),
  shufflenet: networks.shufflenetV1(),
  shufflenet_v2: networks.shufflenetV2(),
  mnasnet: networks.mnasnet(),
  efficientnet_b0: networks.efficientnetB0(),
  googlenet: networks.googlenet(),
  resnet18: networks.resnet18(),
  alexnet: networks.alexnet(),
  vgg16: networks.vgg16(),
  resnet50: networks.resnet50(),
  mobilenet_ssd: networks.mobilenetSsd(),
  'yolov4-tiny': networks.yolov4Tiny(),
  vision_transformer: networks.visionTransformer(384, 32),
};

const problem: Omit<FitProblem<Point>, 'rows'> = {
  measured: ({ seconds }) => seconds,
  model: (constants, point) => predict(withCpuConstants('ncnn', constants, cpuFits.ncnn), point),
  starts: [cpuStart('ncnn')],
  limits: cpuLimits('ncnn'),
  iterations: 0,
  sweeps: 12,
};

function predict(fit: CpuFit, { device, kernels, type, threads }: Point): number {
  return cpuSeconds(device, kernels, 1, type, { fit, threads }).reduce(
    (sum, { seconds }) => sum + seconds,
    0,
  );
}

/** Constants fitted to every row, by name. */
export function fitNcnn(tables: Tables) {
  return cpuConstants('ncnn', fitConstants({ ...problem, rows: pointsOf(tables).points }));
}

function pointsOf(tables: Tables) {
  const points: Point[] = [];
  const left = new Set<string>();
  for (const row of tables.json(path)) {
    if (Number(row.gpu_device) >= 0) continue;
    const found = ncnnPlatform(String(row.platform));
    const point = found && pointOf(row, found.chip, found.device);
    if (point !== undefined) points.push(point);
    else if (found === undefined) left.add(String(row.platform));
  }
  return { points, left };
}

function pointOf(row: Row, chip: string, whole: CpuDevice): Point | undefined {
  const model = String(row.model);
  const quantized = model.endsWith('_int8');
  const kernels = models[model.replace(/_int8$/, '')];
  if (kernels === undefined) return undefined;
  const device = poweredClusters(whole, Number(row.powersave));
  const half = device.clusters[0]!.core.perCycle.float16 !== undefined;
  const threads = positive(path, row, 'threads');
  return {
    label: `${row.platform}, ${model}, ${threads} threads`,
    chip,
    device,
    threads,
    kernels,
    type: quantized ? 'int8' : half ? 'float16' : 'float32',
    seconds: positive(path, row, 'min_ms') * 1e-3,
  };
}

export const ncnnArm: TruthSet = {
  name: 'CPU, ncnn on Arm, leave-one-platform-out',
  unit: 'ms',
  measure: 'mean percent',
  target: 25,
  slow: true,
  fit: 'eighteen constants for all cores and networks, fitted to the other chips; nothing by platform but its cores and clocks',
  peer: 'none publishes an error on these rows',
  find: (tables) => findings(tables),
};

function findings(tables: Tables): Findings {
  const { points, left } = pointsOf(tables);
  const chips = [...new Set(points.map(({ chip }) => chip))];
  const groups = Array.from({ length: FOLDS }, (_, fold) =>
    points.filter(({ chip }) => chips.indexOf(chip) % FOLDS === fold),
  ).filter((group) => group.length > 0);
  return {
    points: leaveOneOut(groups, problem).map(({ row, predicted }) => ({
      label: row.label,
      published: row.seconds * 1e3,
      predicted: predicted * 1e3,
    })),
    notes: [
      "Milliseconds of one sample, the table's minimum. All boards with a chip are left out together, and an eighth of the chips at a time. Cores with half types compute networks that are not",
      "quantised in them, as benchncnn does by default. Of a platform the model knows cores and clocks; ncnn's version, which the table does not state and",
      'which changed speeds several times over the years, cooling and the operating system are left in the error.',
      '',
      'Short of the target. Tried: decode width and SIMD lanes for the speed of products and of bytes, the transforms of Winograd, half types, widening, requantisation,',
      'caches and their misses, the slowest core of mixed clusters, barriers as trees instead of chains (49 to 39 %). What is left lies in chips, not in networks: with a factor for each',
      "chip, known in hindsight, every third row would be some 22 % off, with one for each network 33 %. Azure's Cobalt 100 is predicted 1.9 times too slow on one thread already, and makes 11 of",
      'the 39 points; 12 threads on 8 cores (CIX P1) are predicted eight times too quick, for threads beyond cores are not modelled. Different versions of ncnn and boards that slow down when warm',
      'may be in it too; the table states neither.',
      '',
      `Left out, no Arm cores that are known or spelled out: ${[...left].join('; ')}.`,
    ],
  };
}
