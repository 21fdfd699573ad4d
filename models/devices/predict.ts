/**
 * A list of kernels on a device of any class: seconds of every kernel, and what the device does in all. In: a {@link Device}, kernels of one
 * sample, a batch, a type. Out: a {@link Prediction}. Pure dispatch: the laws are in the file of each class.
 */

import { assertNever } from '../../base/index.js';
import type {
  CoreRates,
  CpuModel,
  Device,
  DeviceModel,
  DpuModel,
  EdgeTpuModel,
  GpuModel,
  RooflineModel,
  TypedPeaks,
} from '../data/index.js';
import { boardPowerFit } from '../data/index.js';
import { cpuSeconds } from './cpu.js';
import { dpuLatency, dpuSeconds, dpuThroughput } from './dpu.js';
import { edgeTpuLatency, edgeTpuSeconds } from './edge-tpu.js';
import { fuseTails, gpuCallSeconds, gpuSeconds, gpuThroughput, gpuType } from './gpu.js';
import { type Kernel, type KernelSeconds, type KernelType, kernelTypeBytes } from './kernel.js';
import { coresSeconds, coresType, streamingSeconds } from './matrix-kernels.js';
import { systemPower } from './power.js';
import { rooflineKernels, widerType } from './roofline-kernels.js';

/** The straight lines that bound every kernel: operations and bytes a second at the published figures. */
export interface Roof {
  readonly operationsPerSecond: number;
  readonly bytesPerSecond: number;
}

export interface Prediction {
  /** What products are computed in. */
  readonly type: KernelType;
  /** Of every dispatched kernel, for the whole batch; a fused tail is in the entry before it. */
  readonly kernels: readonly KernelSeconds[];
  /** From the call to the answer, for the whole batch. */
  readonly latencySeconds: number;
  /** Samples a second where calls of that batch follow one another, on all that the device has. */
  readonly throughputPerSecond: number;
  readonly roof: Roof;
  /** Under that load, where the model knows; else the device's own figure holds. */
  readonly power?: { readonly watts: number; readonly scope: string };
  /** True: dispatch is unknown and left out; the latency is at least this. */
  readonly lowerBound: boolean;
  /** In words: which model, fed with what. */
  readonly basis: string;
}

/** @param batch samples dispatched together, 1 or more. @param type wished for; the next wider one where the device lacks it. */
export function predictOnDevice(
  { name, description, model, sources }: Device,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
): Prediction {
  switch (model.kind) {
    case 'cpu':
      return onCpu({ name, description, sources, ...model }, kernels, batch, type);
    case 'dpu':
      return onDpu({ name, description, sources, ...model }, kernels, batch);
    case 'edge-tpu':
      return onEdgeTpu({ name, description, sources, ...model }, kernels, batch);
    case 'gpu':
      return onGpu({ name, description, sources, ...model }, kernels, batch, type);
    case 'matrix-cores': {
      const used = coresType(model, type);
      const shared = Math.max(1, Math.ceil(batch / model.cores));
      const rows = coresSeconds(model, kernels, batch, used);
      const perCore = coresSeconds(model, kernels, shared, used);
      return {
        ...whole(rows, used, batch),
        throughputPerSecond: (model.cores * shared) / total(perCore),
        roof: roofOf(model, used),
        basis:
          'matrix-core model: folds of the arrays, scratchpad, DRAM, a fitted call; vector work at the bandwidth (assumed)',
      };
    }
    case 'streaming-core':
      return {
        ...whole(streamingSeconds(model, kernels, batch), 'int8', batch),
        roof: roofOf(model, 'int8'),
        basis: 'weight-streaming model: tiles, FIFO, blocks of columns; host and vector work excluded',
      };
    case 'roofline':
      return onRoofline(model, kernels, batch, type);
    default:
      return assertNever(model);
  }
}

function onGpu(
  figures: GpuModel & Pick<Device, 'name' | 'description' | 'sources'>,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
): Prediction {
  const used = gpuType(figures, type);
  const rows = gpuSeconds(figures, kernels, batch, type);
  const throughput = gpuThroughput(figures, kernels, batch, type);
  const operations = 2 * throughput * kernels.reduce((sum, { macs }) => sum + macs, 0);
  const roof = roofOf(figures, used);
  return {
    type: used,
    kernels: rows,
    latencySeconds: gpuCallSeconds(rows),
    throughputPerSecond: throughput,
    roof,
    power: boardPower(figures.thermalWatts, operations / roof.operationsPerSecond),
    lowerBound: false,
    basis: 'GPU model: tiles and waves, L2, launches, the power limit; a compiling runtime with fused tails',
  };
}

/** The accelerator's part of the wall power that its share of the peak costs; the host's part is not in it. */
function boardPower(limitWatts: number, utilisation: number): NonNullable<Prediction['power']> {
  const alone = { accelerators: 1, acceleratorWatts: limitWatts, hostWatts: 0 };
  const { idleWatts, computeWatts } = systemPower(alone, { atWork: 1, utilisation });
  const percent = (100 * utilisation).toFixed(0);
  return {
    // Near idle the wall's model says too little: a board with its clocks up takes its share of the limit.
    watts: Math.max(idleWatts + computeWatts, boardPowerFit.activeShare * limitWatts),
    scope: `board or module at ${percent} % of its peak, without host: the accelerator's part of a model of wall power`,
  };
}

type Named = Pick<Device, 'name' | 'description' | 'sources'>;

/** Latency: cores share the batch. Throughput: every core of every socket has samples of its own. */
function onCpu(
  figures: CpuModel & Named,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
): Prediction {
  const { runtime, sockets, clusters } = figures;
  const cores = sockets * clusters.reduce((sum, cluster) => sum + cluster.cores, 0);
  const busy = Math.ceil(batch / cores) * cores;
  const found = whole(cpuSeconds(figures, kernels, batch, type, { runtime }), type, batch);
  const apart = busy / total(cpuSeconds(figures, kernels, busy, type, { runtime }));
  return {
    ...found,
    throughputPerSecond: Math.max(found.throughputPerSecond, apart),
    roof: roofOf(figures, type),
    basis: `CPU model: lanes, caches, threads, dispatch; ${runtime}; throughput with every core on samples of its own`,
  };
}

/** One image at a time on an engine; throughput with all engines and the host's cores. */
function onDpu(figures: DpuModel & Named, kernels: readonly Kernel[], batch: number): Prediction {
  const rounds = Math.ceil(batch / figures.engines);
  const latency = Math.max(rounds * dpuLatency(figures, kernels), batch / dpuThroughput(figures, kernels));
  const byName = new Map(dpuSeconds(figures, kernels, rounds).map((row) => [row.name, row]));
  return {
    type: 'int8',
    // What the host computes is in the latency, not in the kernels.
    kernels: fuseTails(kernels).map(
      ({ name }) => byName.get(name) ?? { name, seconds: 0, bound: 'dispatch' as const },
    ),
    latencySeconds: latency,
    throughputPerSecond: dpuThroughput(figures, kernels),
    roof: roofOf(figures, 'int8'),
    lowerBound: false,
    basis:
      'DPU model: blocks of pixels and channels, memory, layers; the host prepares images and computes softmax and scores',
  };
}

/** One inference after another. */
function onEdgeTpu(figures: EdgeTpuModel & Named, kernels: readonly Kernel[], batch: number): Prediction {
  const latency = batch * edgeTpuLatency(figures, kernels);
  return {
    ...whole(edgeTpuSeconds(figures, kernels, batch), 'int8', batch),
    latencySeconds: latency,
    throughputPerSecond: batch / latency,
    roof: roofOf(figures, 'int8'),
    basis: 'Edge TPU model: folds of the array, weights that do not fit come over the link, a call',
  };
}

/** Throughput: calls on every unit at once, one after another. */
function onRoofline(
  model: RooflineModel,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
): Prediction {
  const units = model.units ?? 1;
  const busy = Math.ceil(batch / units) * units;
  const rows = rooflineKernels(model, kernels, batch, type);
  return {
    ...whole(rows, widerType(model.peakOperationsPerSecond, type), batch),
    throughputPerSecond: busy / total(rooflineKernels(model, kernels, busy, type)),
    roof: roofOf(model, type),
    lowerBound: model.kernelSeconds === null,
    basis: model.basis,
  };
}

function whole(rows: readonly KernelSeconds[], type: KernelType, batch: number) {
  const seconds = total(rows);
  return {
    type,
    kernels: rows,
    latencySeconds: seconds,
    throughputPerSecond: batch / seconds,
    lowerBound: false,
  };
}

function total(rows: readonly KernelSeconds[]): number {
  return rows.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The device's lines in a type that it computes in. */
export function roofOf(model: DeviceModel, type: KernelType): Roof {
  switch (model.kind) {
    case 'gpu':
    case 'roofline': {
      const peaks: TypedPeaks = model.peakOperationsPerSecond;
      return {
        operationsPerSecond: peaks[widerType(peaks, type)]!,
        bytesPerSecond: model.memoryBytesPerSecond,
      };
    }
    case 'cpu': {
      const perCycle = (core: CpuModel['clusters'][number]['core']) => coreRate(core.perCycle, type);
      const perSocket = model.clusters.reduce(
        (sum, { core, cores, boostHertz }) => sum + cores * boostHertz * perCycle(core),
        0,
      );
      return {
        operationsPerSecond: 2 * model.sockets * perSocket,
        bytesPerSecond: model.sockets * model.memoryBytesPerSecond,
      };
    }
    case 'dpu': {
      const { pixels, inputChannels, outputChannels } = model.parallelism;
      const perCycle = 2 * pixels * inputChannels * outputChannels * model.engines;
      return { operationsPerSecond: perCycle * model.hertz, bytesPerSecond: model.memoryBytesPerSecond };
    }
    case 'edge-tpu':
      return {
        operationsPerSecond: 2 * model.rows * model.columns * model.hertz,
        bytesPerSecond: model.linkBytesPerSecond,
      };
    case 'matrix-cores': {
      const cells = model.cores * model.unitsPerCore * model.rows * model.columns;
      const rate = (type === 'int8' ? model.rates.int8 : undefined) ?? model.rates.bfloat16;
      return {
        operationsPerSecond: 2 * cells * model.clockHertz * rate,
        bytesPerSecond: model.memoryBytesPerSecond,
      };
    }
    case 'streaming-core':
      return {
        operationsPerSecond: 2 * model.rows * model.columns * model.clockHertz,
        bytesPerSecond: model.memoryBytesPerSecond,
      };
    default:
      return assertNever(model);
  }
}

/** Multiply-accumulates a cycle in a type, or in the next wider one that the core has; 8 bits without dot products go through 16-bit lanes. */
function coreRate(rates: CoreRates, type: KernelType): number {
  switch (type) {
    case 'int4':
    case 'int8':
      return rates.int8 ?? rates.float16 ?? 2 * rates.float32;
    case 'float16':
      return rates.float16 ?? rates.float32;
    case 'bfloat16':
      return rates.bfloat16 ?? rates.float32;
    case 'tf32':
    case 'float32':
      return rates.float32;
  }
}

/** Operations per byte of DRAM traffic if weights are read once a batch and activations once: where a kernel stands under a roof. */
export function kernelIntensity(kernel: Kernel, batch: number, type: KernelType): number {
  const elements = kernel.weightElements + batch * (kernel.inputElements + kernel.outputElements);
  return (2 * kernel.macs * batch) / Math.max(1, elements * kernelTypeBytes(type));
}
