/**
 * Intel processors: OpenVINO's published benchmarks, and MLPerf Inference's systems without accelerators. Each platform is predicted with constants fitted to
 * all others. In: the published rows. Out: milliseconds a sample, for a single stream or with all cores at work. Also the fit to all rows.
 */

import { type CpuDevice, type CpuFit, cpuDevices, cpuFits } from '../../../models/data/index.js';
import { cpuSeconds, type Kernel, type KernelType } from '../../../models/devices/index.js';
import { type FitProblem, fitConstants, leaveOneOut } from '../fit.js';
import { positive, type Row, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import * as networks from '../workloads/index.js';
import { cpuConstants, cpuLimits, cpuStart, withCpuConstants } from './cpu-constants.js';

const openvinoPath = 'published/cpu_openvino_2024_3.json';
const mlperfPath = 'published/mlperf_cpu.json';

interface Point {
  readonly label: string;
  readonly device: CpuDevice;
  readonly kernels: readonly Kernel[];
  readonly type: KernelType;
  /** All cores at work, rather than one sample at a time. */
  readonly throughput: boolean;
  /** A sample. */
  readonly seconds: number;
}

/** By a part of the model's name: OpenVINO's and MLPerf's. */
const models: readonly (readonly [RegExp, readonly Kernel[]])[] = [
  [/^resnet-?50/, networks.resnet50()],
  [/^bert-base/, networks.bertBase(128)],
  [/^bert-large/, networks.bertLarge(384)],
  [/^ssd[-_]mobilenet/, networks.ssdMobilenet()],
  [/^ssd-resnet34/, networks.ssdResnet34()],
  [/^mobilenet-?v2/, networks.mobilenetV2()],
  [/^mobilenet$/, networks.mobilenet()],
  [/^retinanet/, networks.retinanet()],
  [/^yolo_?v3_?tiny/, []],
];
/** Tokens of MLPerf's question answering: OpenVINO computed the padding, the others did not. */
const bert99 = { padded: networks.bertLarge(384), unpadded: networks.bertLarge(178) };

function kernelsOf(model: string): readonly Kernel[] | undefined {
  return models.find(([pattern, kernels]) => pattern.test(model) && kernels.length > 0)?.[1];
}

/** The processor whose number is in the name; undefined for graphics, accelerators and numbers that the table of devices lacks. */
export function intelDevice(name: string): CpuDevice | undefined {
  if (/GPU|NPU/.test(name)) return undefined;
  const words = name.toLowerCase().split(/[^a-z0-9+]+/);
  return cpuDevices.find(
    (device) => /xeon|core|atom|celeron/.test(device.name) && words.includes(device.name.split('-').at(-1)!),
  );
}

function openvinoPoints(row: Row): readonly Point[] {
  const device = intelDevice(String(row.platform));
  const kernels = kernelsOf(String(row.model));
  if (device === undefined || kernels === undefined) return [];
  const sockets = positive(openvinoPath, row, 'sockets');
  const found: Point[] = [];
  const add = (field: string, type: KernelType, seconds: (value: number) => number) => {
    if (row[field] === null || row[field] === undefined) return;
    found.push({
      label: `${row.platform}, ${String(row.model).slice(0, 24)}, ${field}`,
      device: { ...device, sockets },
      kernels,
      type,
      throughput: field.startsWith('fps'),
      seconds: seconds(positive(openvinoPath, row, field)),
    });
  };
  add('fps_int8', 'int8', (fps) => 1 / fps);
  add('fps_fp32', 'float32', (fps) => 1 / fps);
  add('fps_bf16', 'bfloat16', (fps) => 1 / fps);
  add('latency_int8_ms', 'int8', (ms) => ms * 1e-3);
  add('latency_bf16_ms', 'bfloat16', (ms) => ms * 1e-3);
  return found;
}

function mlperfPoints(row: Row): readonly Point[] {
  const model = String(row.model_norm);
  const device = intelDevice(`${row.cpu ?? ''} ${String(row.system).replaceAll('_', ' ')}`);
  if (device === undefined || row.valid !== 'VALID' || /aws/.test(String(row.system))) return [];
  const padded = /openvino/i.test(String(row.framework)) ? bert99.padded : bert99.unpadded;
  const kernels = model === 'bert-99' ? padded : kernelsOf(model);
  const throughput = row.scenario === 'Offline';
  const field = throughput ? 'samples_per_s' : 'mean_latency_ms';
  if (kernels === undefined || (!throughput && row.scenario !== 'SingleStream') || row[field] == null)
    return [];
  const value = positive(mlperfPath, row, field);
  return [
    {
      label: `${device.name}, ${model}, ${row.submitter} ${row.round} ${row.scenario}`,
      device: { ...device, sockets: Number(row.n_cpu ?? 1) },
      kernels,
      type: row.weights === 'fp32' ? 'float32' : 'int8',
      throughput,
      seconds: throughput ? 1 / value : value * 1e-3,
    },
  ];
}

function pointsOf(tables: Tables): readonly Point[] {
  return [
    ...tables.json(openvinoPath).flatMap(openvinoPoints),
    ...(tables.has(mlperfPath) ? tables.json(mlperfPath).flatMap(mlperfPoints) : []),
  ];
}

const problem: Omit<FitProblem<Point>, 'rows'> = {
  measured: ({ seconds }) => seconds,
  model: (constants, point) => predict(withCpuConstants('openvino', constants, cpuFits.openvino), point),
  starts: [cpuStart('openvino')],
  limits: cpuLimits('openvino'),
  iterations: 0,
  sweeps: 24,
};

function predict(fit: CpuFit, { device, kernels, type, throughput }: Point): number {
  const cores = device.sockets * device.clusters.reduce((sum, cluster) => sum + cluster.cores, 0);
  const batch = throughput ? cores : 1;
  return (
    cpuSeconds(device, kernels, batch, type, { fit }).reduce((sum, { seconds }) => sum + seconds, 0) / batch
  );
}

/** Constants fitted to every row, by name. */
export function fitOpenvino(tables: Tables) {
  return cpuConstants('openvino', fitConstants({ ...problem, rows: pointsOf(tables) }));
}

export const openvinoIntel: TruthSet = {
  name: 'CPU, OpenVINO and MLPerf on Intel, leave-one-platform-out',
  unit: 'ms',
  measure: 'mean percent',
  target: 25,
  slow: true,
  fit: 'constants for all processors and networks, fitted to the other platforms; nothing by platform but its data sheet',
  peer: 'none publishes an error on these rows',
  find: (tables) => findings(tables),
};

function findings(tables: Tables): Findings {
  const points = pointsOf(tables);
  const names = [...new Set(points.map(({ device }) => device.name))];
  const groups = names.map((name) => points.filter(({ device }) => device.name === name));
  return {
    points: leaveOneOut(groups, problem).map(({ row, predicted }) => ({
      label: row.label,
      published: row.seconds * 1e3,
      predicted: predicted * 1e3,
    })),
    notes: [
      "Milliseconds a sample: one sample at a time on one socket, or one over the samples a second of all sockets. BERT-Base is priced at 128 tokens, MLPerf's",
      'BERT at 384 where OpenVINO computed the padding and at 178 elsewhere. Graphics, processors of the cloud sold in slices, and Arm systems (other runtimes) are left out.',
    ],
  };
}
