/**
 * MLPerf Inference, best result by accelerator: GPUs, each family of devices predicted with constants fitted to all other families. In: the
 * published rows. Out: seconds a sample, offline and for a single stream. Also the fit to all rows, which the project carries.
 */

import { type GpuFit, gpuFitAssumed, type gpuFitted } from '../../../models/data/index.js';
import {
  gpuCallSeconds,
  gpuSeconds,
  gpuThroughput,
  type Kernel,
  type KernelType,
} from '../../../models/devices/index.js';
import { type FitProblem, fitConstants, leaveOneOut } from '../fit.js';
import { positive, type Row, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import { bertLarge, mobilenet, resnet50, retinanet, ssdMobilenet, ssdResnet34 } from '../workloads/index.js';
import { type Accelerator, acceleratorNamed } from './mlperf-devices.js';

const path = 'published/mlperf_best_per_accelerator.json';

type Scenario = 'offline' | 'single-stream';

interface Point extends Accelerator {
  readonly label: string;
  readonly scenario: Scenario;
  readonly kernels: readonly Kernel[];
  readonly batch: number;
  readonly type: KernelType;
  /** A sample, published. */
  readonly seconds: number;
}

/** Samples dispatched together offline: where throughput has levelled off on every device in the table. */
const networks: Readonly<Record<string, { readonly kernels: readonly Kernel[]; readonly batch: number }>> = {
  resnet50: { kernels: resnet50(), batch: 256 },
  mobilenet: { kernels: mobilenet(), batch: 256 },
  'ssd-mobilenet': { kernels: ssdMobilenet(), batch: 256 },
  'ssd-resnet34': { kernels: ssdResnet34(), batch: 16 },
  retinanet: { kernels: retinanet(), batch: 16 },
};
/** Tokens of a SQuAD question with its paragraph, padding removed: mean, and nine in ten have at most so many. */
const tokens = { mean: bertLarge(178), ninetieth: bertLarge(249) };

/** Free constants: where to start, and between which limits; the starts are round and on none of the fitted values. */
const free = {
  callSeconds: [20e-6, 1e-6, 300e-6],
  kernelCycles: [1000, 100, 20000],
  computeShare: [0.85, 0.3, 1],
  sharedMemory: [0.5, 0.01, 10],
  stepCycles: [100, 1, 500],
  fillSteps: [50, 0.5, 100],
  cacheBytesPerCycle: [64, 4, 256],
  vectorShare: [0.2, 0.01, 1],
} as const satisfies Record<keyof typeof gpuFitted, readonly [start: number, least: number, most: number]>;
const names = Object.keys(free) as (keyof typeof free)[];

const problem: Omit<FitProblem<Point>, 'rows'> = {
  measured: ({ seconds }) => seconds,
  model: (constants, point) => predict(withConstants(constants), point),
  starts: [names.map((name) => free[name][0])],
  limits: names.map((name) => [free[name][1], free[name][2]]),
  iterations: 0,
  sweeps: 14,
};

function withConstants(constants: readonly number[]): GpuFit {
  const fitted = Object.fromEntries(names.map((name, at) => [name, constants[at]!]));
  return { ...gpuFitAssumed, ...(fitted as Record<keyof typeof free, number>) };
}

function predict(fit: GpuFit, { scenario, device, kernels, batch, type, slices }: Point): number {
  if (scenario === 'single-stream') return gpuCallSeconds(gpuSeconds(device, kernels, 1, type, fit), fit);
  return 1 / (slices * gpuThroughput(device, kernels, batch, type, fit));
}

/** Constants fitted to every row, by name. */
export function fitGpus(tables: Tables): Readonly<Record<keyof typeof gpuFitted, number>> {
  const constants = fitConstants({ ...problem, rows: pointsOf(tables).points });
  return Object.fromEntries(names.map((name, at) => [name, constants[at]!])) as Record<
    keyof typeof free,
    number
  >;
}

function pointsOf(tables: Tables) {
  const points: Point[] = [];
  const left = new Map<string, string>();
  for (const row of tables.json(path)) {
    const name = String(row.accelerator);
    const accelerator = acceleratorNamed(name);
    if (accelerator === undefined) left.set(name, 'no GPU of the table');
    else if (countsMoreThanRan(row))
      left.set(name, 'throughput of one slice divided by the GPUs of the system');
    else points.push(...scenariosOf(row, accelerator));
  }
  return { points, left };
}

/** A system of several GPUs with one slice of one in use: what is published is not the throughput of a slice. */
function countsMoreThanRan(row: Row): boolean {
  return /\(1x1g/.test(String(row.accelerator)) && !/\(n=1,/.test(String(row.offline_src ?? '(n=1,'));
}

function scenariosOf(row: Row, accelerator: Accelerator): readonly Point[] {
  const model = String(row.model);
  const bert = model.startsWith('bert');
  const network = networks[model];
  if (!bert && network === undefined) return [];
  const shared = { ...accelerator, type: typeOf(model, accelerator), label: `${row.accelerator}, ${model}` };
  const found: Point[] = [];
  if (row.best_offline_per_accel !== undefined) {
    const seconds = 1 / positive(path, row, 'best_offline_per_accel');
    const { kernels, batch } = bert ? { kernels: tokens.mean, batch: 256 } : network!;
    found.push({ ...shared, scenario: 'offline', kernels, batch, seconds });
  }
  if (row.best_singlestream_p90_ms !== undefined) {
    const seconds = positive(path, row, 'best_singlestream_p90_ms') * 1e-3;
    const kernels = bert ? tokens.ninetieth : network!.kernels;
    found.push({ ...shared, scenario: 'single-stream', kernels, batch: 1, seconds });
  }
  return found;
}

/** bert-99.9 keeps 99.9 % of the accuracy: half types, and on Hopper its 8-bit floating point, which is as fast as int8. */
function typeOf(model: string, { device }: Accelerator): KernelType {
  return model === 'bert-99.9' && device.architecture !== 'hopper' ? 'float16' : 'int8';
}

interface HeldOut {
  readonly points: readonly { readonly row: Point; readonly predicted: number }[];
  readonly left: ReadonlyMap<string, string>;
}
const done = new WeakMap<Tables, HeldOut>();

/** Both scenarios come from one fit a family. */
function heldOut(tables: Tables): HeldOut {
  const before = done.get(tables);
  if (before !== undefined) return before;
  const { points, left } = pointsOf(tables);
  const families = [...new Set(points.map(({ family }) => family))];
  const groups = families.map((family) => points.filter((point) => point.family === family));
  const found = { points: leaveOneOut(groups, problem), left };
  done.set(tables, found);
  return found;
}

function setOf(scenario: Scenario, target: number): TruthSet {
  return {
    name: `MLPerf Inference, GPUs, ${scenario}, leave-one-device-out`,
    unit: 'ms',
    measure: 'mean percent',
    target,
    slow: true,
    fit: 'eight constants for all devices and networks, fitted to the other families of devices; nothing by device but data sheets',
    peer: 'none publishes an error on these rows',
    find: (tables) => findings(heldOut(tables), scenario),
  };
}

export const mlperfOffline = setOf('offline', 20);
export const mlperfSingleStream = setOf('single-stream', 30);

function findings({ points, left }: HeldOut, scenario: Scenario): Findings {
  return {
    points: points
      .filter(({ row }) => row.scenario === scenario)
      .map(({ row, predicted }) => ({
        label: row.label,
        published: row.seconds * 1e3,
        predicted: predicted * 1e3,
      })),
    notes: [
      'Milliseconds a sample: offline one over the samples a second of one accelerator, single stream the 90th percentile. A family (every',
      'A100 and its slices, both TU102 boards, H100 SXM and GH200) is left out as one. BERT is priced at 178 tokens offline and 249 for the',
      'percentile (SQuAD with padding removed; recalled), bert-99.9 in half types (8-bit floats on Hopper), the rest in int8. Offline, the',
      'DLA engines of a Jetson share the networks of convolutions. Detectors filter their scores in memory.',
      'The length at the percentile (249) and the filter of the detectors were chosen with rows of this set in sight: for these networks the error is not wholly held out.',
      "Compiled engines only: frameworks are slower. Of ResNet-50 in NVIDIA's examples (MXNet, PaddlePaddle, Triton) the model takes 0.06 to 0.7.",
      '',
      'Left out:',
      ...[...byReason(left)].map(([reason, names]) => `- ${reason}: ${names.join(', ')}`),
    ],
  };
}

function byReason(left: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, string[]>();
  for (const [name, reason] of left) reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  return reasons;
}
