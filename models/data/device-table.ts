/** Every device of the comparison. Rows of a class that has a model of its own come from that class's table; the rest are anchored rooflines. */

import { acceleratorDevices } from './accelerator-devices.js';
import type { Device, ModelError } from './device.js';
import { type DeviceRow, devices } from './devices.js';
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

const modelled: readonly Device[] = [...gpuDevices.map(gpu), ...tpuDevices, ...acceleratorDevices];
const modelledNames = new Set(modelled.map(({ name }) => name));

export const deviceTable: readonly Device[] = [
  ...devices.filter(({ name }) => !modelledNames.has(name)).map(anchored),
  ...modelled,
].sort((a, b) => classes.indexOf(a.kind) - classes.indexOf(b.kind));

/** What a comparison shows unless it is told: one or two of each class and size. */
export const usualDevices: readonly string[] = [
  'xeon-8380-2s',
  'raspberry-pi-4',
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
  'coral-edge-tpu',
  'kria-k26-dpu',
  'zcu102-dpu',
  'eyeriss-v1',
];
