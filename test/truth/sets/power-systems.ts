/**
 * Power of MLPerf's measured systems at the wall, each kind of accelerator predicted with constants fitted to the others. In: published rows. Out: watts.
 * Also the fit to all rows.
 */

import {
  hostWatts,
  inferenceCards,
  type SystemPowerFit,
  type systemPowerFitted,
} from '../../../models/data/index.js';
import { type Kernel, type PoweredSystem, systemPower } from '../../../models/devices/index.js';
import { type FitProblem, fitConstants, leaveOneOut } from '../fit.js';
import { positive, type Row, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import * as networks from '../workloads/index.js';
import { acceleratorNamed } from './mlperf-devices.js';

const mlperfPath = 'published/mlperf_power.json';

interface SystemPoint {
  readonly label: string;
  readonly kind: string;
  readonly system: PoweredSystem;
  readonly atWork: number;
  readonly utilisation: number;
  readonly watts: number;
}

const macs = (kernels: readonly Kernel[]) => kernels.reduce((sum, kernel) => sum + kernel.macs, 0);
const operations: Readonly<Record<string, number>> = {
  resnet50: 2 * macs(networks.resnet50()),
  'ssd-mobilenet': 2 * macs(networks.ssdMobilenet()),
  'ssd-resnet34': 2 * macs(networks.ssdResnet34()),
  retinanet: 2 * macs(networks.retinanet()),
  'bert-99': 2 * macs(networks.bertLarge(178)),
  'bert-99.9': 2 * macs(networks.bertLarge(178)),
};

/** Cards by name; the first that matches. */
const cards: readonly (readonly [RegExp, string])[] = [
  [/AI 100 DM\.2e/, 'cloud-ai-100-dm2e'],
  [/AI 100 DM\.2/, 'cloud-ai-100-dm2'],
  [/AI 100 .*Lite/, 'cloud-ai-100-lite'],
  [/AI 100 .*Pro/, 'cloud-ai-100-pro'],
  [/AI 100 PCIe/, 'cloud-ai-100-standard'],
];

interface Powered {
  readonly kind: string;
  readonly watts: number;
  readonly int8: number;
  readonly float16: number;
  readonly module: boolean;
}

function acceleratorOf(name: string): Powered | undefined {
  const card = inferenceCards.find((row) => row.name === cards.find(([pattern]) => pattern.test(name))?.[1]);
  if (card)
    return {
      kind: card.name,
      watts: card.thermalWatts,
      int8: card.int8,
      float16: card.float16,
      module: false,
    };
  const plain = name.replace(/ \(.*\)$/, '').replace(/A100-PCIe$/, 'A100-PCIe-40GB');
  const gpu = acceleratorNamed(plain);
  if (gpu === undefined) return undefined;
  const { int8, float16, float32 } = gpu.device.peakOperationsPerSecond;
  const half = float16 ?? float32;
  const module = /xavier|orin/.test(gpu.device.name);
  return { kind: gpu.family, watts: gpu.device.thermalWatts, int8: int8 ?? half, float16: half, module };
}

/** Samples a second that the scenario ran at. */
function rateOf(row: Row): number | undefined {
  if (row.scenario === 'Offline' && row.samples_per_s) return positive(mlperfPath, row, 'samples_per_s');
  if (row.scenario === 'Server' && row.server_qps) return positive(mlperfPath, row, 'server_qps');
  if (!/Stream/.test(String(row.scenario)) || !row.mean_latency_ms) return undefined;
  return (
    (1e3 * positive(mlperfPath, row, 'samples_per_query')) / positive(mlperfPath, row, 'mean_latency_ms')
  );
}

function systemPoint(row: Row): SystemPoint | string {
  const name = String(row.accelerator);
  const accelerator = acceleratorOf(name);
  if (accelerator === undefined) return name;
  const words = String(row.cpu)
    .toLowerCase()
    .split(/[^a-z0-9+-]+/);
  const host = words.map((word) => hostWatts.get(word)).find((watts) => watts !== undefined);
  const rate = rateOf(row);
  const work = operations[String(row.model_norm)];
  if (!accelerator.module && host === undefined) return String(row.cpu);
  if (rate === undefined || work === undefined) return `${row.model_norm} ${row.scenario} without a rate`;
  const accelerators = positive(mlperfPath, row, 'n_accel');
  const many = row.scenario === 'Offline' || row.scenario === 'Server';
  const atWork = many ? accelerators : 1;
  const peak = row.model_norm === 'bert-99.9' ? accelerator.float16 : accelerator.int8;
  return {
    label: `${row.system} ${row.round}, ${row.model}, ${row.scenario}`,
    kind: accelerator.kind,
    system: {
      accelerators,
      acceleratorWatts: accelerator.watts,
      hostWatts: accelerator.module ? 0 : host! * positive(mlperfPath, row, 'n_cpu'),
    },
    atWork,
    utilisation: (rate * work) / (atWork * peak),
    watts: positive(mlperfPath, row, 'avg_system_watts'),
  };
}

function systemPoints(tables: Tables) {
  const points: SystemPoint[] = [];
  const left = new Set<string>();
  for (const row of tables.json(mlperfPath)) {
    const point = systemPoint(row);
    if (typeof point === 'string') left.add(point);
    else points.push(point);
  }
  return { points, left };
}

const freeSystem = {
  idleShare: [0.2, 0.01, 1],
  workShare: [0.7, 0.1, 2],
  utilisationPower: [0.4, 0.05, 1.5],
  hostShare: [0.3, 0.01, 1],
  hostWorkShare: [0.2, 0.01, 2],
  serverWatts: [60, 1, 500],
  boardWatts: [4, 0.1, 30],
} as const satisfies Record<
  keyof typeof systemPowerFitted,
  readonly [start: number, least: number, most: number]
>;
const systemNames = Object.keys(freeSystem) as (keyof typeof freeSystem)[];

function withSystem(constants: readonly number[]): SystemPowerFit {
  return Object.fromEntries(systemNames.map((name, at) => [name, constants[at]!])) as Record<
    keyof typeof freeSystem,
    number
  >;
}

const systemProblem: Omit<FitProblem<SystemPoint>, 'rows'> = {
  measured: ({ watts }) => watts,
  model: (constants, { system, atWork, utilisation }) =>
    systemPower(system, { atWork, utilisation }, withSystem(constants)).watts,
  starts: [systemNames.map((name) => freeSystem[name][0])],
  limits: systemNames.map((name) => [freeSystem[name][1], freeSystem[name][2]]),
  iterations: 20,
  sweeps: 40,
};

/** Constants fitted to every row, by name. */
export function fitSystemPower(tables: Tables): SystemPowerFit {
  return withSystem(fitConstants({ ...systemProblem, rows: systemPoints(tables).points }));
}

export const mlperfPower: TruthSet = {
  name: 'power, MLPerf systems at the wall, leave-one-accelerator-out',
  unit: 'W',
  measure: 'mean percent',
  target: 15,
  slow: true,
  fit: 'seven constants for all systems, fitted to the other kinds of accelerators; nothing by system but power limits, counts and its own rate',
  peer: 'none publishes an error on these rows',
  find: (tables) => systemFindings(tables),
};

function systemFindings(tables: Tables): Findings {
  const { points, left } = systemPoints(tables);
  const groups = [...new Set(points.map(({ kind }) => kind))].map((kind) =>
    points.filter((point) => point.kind === kind),
  );
  return {
    points: leaveOneOut(groups, systemProblem).map(({ row, predicted }) => ({
      label: row.label,
      published: row.watts,
      predicted,
    })),
    notes: [
      'Watts of the whole system at the wall (system level). The samples a second that a system reached are given to the model: how fast a device is, other sets judge.',
      "Systems named MaxQ ran at limits that the table does not state; the model knows the boards' limits alone.",
      `Left out, figures not in the project's tables: ${[...left].join('; ')}.`,
    ],
  };
}
