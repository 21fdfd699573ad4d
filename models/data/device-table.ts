/** Every device of the comparison. Rows of a class that has a model of its own come from that class's table; the rest are anchored rooflines. */

import { acceleratorDevices } from './accelerator-devices.js';
import { type CpuDevice, cpuDevices } from './cpu-devices.js';
import { type CpuRuntime, cpuFitSources } from './cpu-fit.js';
import { cpuFitErrors } from './cpu-fit-values.js';
import type { Device, ModelError } from './device.js';
import { type DeviceRow, devices } from './devices.js';
import { type DpuDevice, dpuDevices } from './dpu-devices.js';
import { dpuFitSource } from './dpu-fit.js';
import { dpuFitErrors } from './dpu-fit-values.js';
import { type EdgeTpuDevice, edgeTpuDevices, edgeTpuFitSource } from './edge-tpu-devices.js';
import { edgeTpuFitErrors } from './edge-tpu-fit-values.js';
import { type GpuDevice, gpuDevices } from './gpu-devices.js';
import { gpuFitSource } from './gpu-fit.js';
import { gpuFitErrors } from './gpu-fit-values.js';
import { tpuDevices } from './tpu-devices.js';

const classes = ['cpu', 'gpu', 'tpu', 'fpga', 'asic'];

/** Of NVIDIA's with TensorRT; nobody has held the model against other makers' networks. */
function gpuError({ description }: GpuDevice): ModelError | null {
  if (!description.startsWith('NVIDIA')) return null;
  const { offline, singleStream } = gpuFitErrors;
  return {
    latencyPercent: singleStream.meanPercent,
    throughputPercent: offline.meanPercent,
    basis: `MLPerf Inference with TensorRT, families of GPUs left out: ${singleStream.rows} and ${offline.rows} rows (docs/accuracy.md)`,
  };
}

function gpu(row: GpuDevice): Device {
  const { name, description, sources, ...figures } = row;
  return {
    name,
    kind: 'gpu',
    description,
    model: { kind: 'gpu', ...figures },
    power: {
      watts: row.thermalWatts,
      level: 'device',
      scope: 'power limit of the board or module: an upper bound',
    },
    error: gpuError(row),
    sources: [...sources, gpuFitSource],
  };
}

/** Arm's cores under ncnn, the others under OpenVINO: the runtimes that the model was fitted with. */
function cpu(row: CpuDevice): Device {
  const { name, description, sources, ...figures } = row;
  const armCore = /^(cortex|neoverse|carmel|tsv|firestorm|cyclone|kryo)/;
  const runtime = armCore.test(row.clusters[0]!.core.name) ? 'ncnn' : 'openvino';
  const watts = row.thermalWatts;
  return {
    name,
    kind: 'cpu',
    description: `${row.sockets > 1 ? `${row.sockets} sockets of ` : ''}${description}`,
    model: { kind: 'cpu', runtime, ...figures },
    power:
      watts === null
        ? null
        : { watts: row.sockets * watts, level: 'device', scope: 'thermal design power of all sockets' },
    error: cpuError(runtime),
    sources: [...sources, cpuFitSources[runtime]],
  };
}

function cpuError(runtime: CpuRuntime): ModelError | null {
  const { rows, meanPercent } = cpuFitErrors[runtime];
  if (Number(rows) === 0 || Number(meanPercent) === 0) return null;
  const which = runtime === 'ncnn' ? 'ncnn on Arm cores' : 'OpenVINO and MLPerf on Intel processors';
  return {
    latencyPercent: meanPercent,
    throughputPercent: runtime === 'ncnn' ? null : meanPercent,
    basis: `${which}, each platform left out: ${rows} rows (docs/accuracy.md)`,
  };
}

function dpu(row: DpuDevice): Device {
  const { name, description, sources, ...figures } = row;
  const { rows, meanPercent } = dpuFitErrors;
  return {
    name,
    kind: 'fpga',
    description: `AMD DPU, ${description}`,
    model: { kind: 'dpu', ...figures },
    power:
      row.watts === null
        ? null
        : { watts: row.watts, level: 'device', scope: 'power limit of the board: an upper bound' },
    error:
      Number(rows) === 0
        ? null
        : {
            latencyPercent: meanPercent,
            throughputPercent: meanPercent,
            basis: `Vitis AI model zoo, each board left out: ${rows} rows (docs/accuracy.md)`,
          },
    sources: [...sources, dpuFitSource],
  };
}

function edgeTpu(row: EdgeTpuDevice): Device {
  const { name, description, sources, ...figures } = row;
  const { rows, meanPercent } = edgeTpuFitErrors;
  return {
    name,
    kind: 'tpu',
    description: `Google Edge TPU, ${description}`,
    model: { kind: 'edge-tpu', ...figures },
    power: { watts: row.watts, level: 'device', scope: 'chip at full load' },
    error:
      Number(rows) === 0
        ? null
        : {
            latencyPercent: meanPercent,
            throughputPercent: null,
            basis: `Coral's benchmarks, each network left out: ${rows} rows (docs/accuracy.md)`,
          },
    sources: [...sources, edgeTpuFitSource],
  };
}

/** A published result on one network as the share of the peak that other networks reach too. */
function anchored(row: DeviceRow): Device {
  const peak = row.peakOperationsPerSecond ?? row.attainedOperationsPerSecond;
  return {
    name: row.name,
    kind: row.kind,
    description: row.description,
    model: {
      kind: 'roofline',
      peakOperationsPerSecond: { int8: peak },
      attainedShare: row.attainedOperationsPerSecond / peak,
      memoryBytesPerSecond: row.memoryBytesPerSecond,
      weightCacheBytes: row.weightCacheBytes,
      activationsOnChip: row.activationsOnChip,
      kernelSeconds: row.overheadSecondsPerOperator,
      basis:
        row.peakOperationsPerSecond === null
          ? `${row.basis}; no peak is published: the roof is that rate`
          : row.basis,
    },
    power:
      row.powerWatts === null
        ? null
        : { watts: row.powerWatts, level: row.powerLevel, scope: row.powerScope },
    error: null,
    sources: row.sources,
  };
}

const modelled: readonly Device[] = [
  ...cpuDevices.map(cpu),
  ...gpuDevices.map(gpu),
  ...tpuDevices,
  ...edgeTpuDevices.map(edgeTpu),
  ...dpuDevices.map(dpu),
  ...acceleratorDevices,
];
const modelledNames = new Set(modelled.map(({ name }) => name));

/** Anchored rows of chips that a model of their class prices now, under the name of the chip. */
const superseded = new Set([
  'xeon-8380-2s',
  'raspberry-pi-4',
  'jetson-agx-orin',
  'kria-k26-dpu',
  'zcu102-dpu',
  'coral-edge-tpu',
]);

export const deviceTable: readonly Device[] = [
  ...devices.filter(({ name }) => !modelledNames.has(name) && !superseded.has(name)).map(anchored),
  ...modelled,
].sort((a, b) => classes.indexOf(a.kind) - classes.indexOf(b.kind));

/** What a comparison shows unless it is told: one or two of each class and size. */
export const usualDevices: readonly string[] = [
  'xeon-platinum-8380',
  'raspberry-pi-4b',
  'jetson-orin-nano-8gb',
  'jetson-agx-orin-64gb',
  'tesla-t4',
  'l4',
  'rtx-4090',
  'a100-sxm-80gb',
  'h100-sxm-80gb',
  'tpu-v1',
  'tpu-v4',
  'tpu-v5e',
  'coral-usb',
  'kv260-dpu-b4096',
  'zcu102-dpu-b4096',
  'eyeriss-v1',
];
