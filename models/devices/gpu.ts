/**
 * Time of a list of kernels on a GPU under a compiling runtime (TensorRT's class: fused tails, one launch a kernel). In: the published
 * figures of the device, the kernels, a batch and a type. Out: seconds of every dispatched kernel, for the whole batch, and what holds it.
 *
 * A kernel computes in tiles that go to the multiprocessors in waves, moves what its part of L2 does not keep, and costs a launch. The
 * list as a whole cannot draw more than the board's power: where it would, everything slows down alike.
 */

import { type GpuDevice, type GpuFit, gpuFit } from '../data/index.js';
import { type Kernel, type KernelSeconds, type KernelType, kernelTypeBytes } from './kernel.js';
import { pNorm } from './p-norm.js';

/** The type itself, or the next wider one that the device computes faster than or as fast as float32. */
export function gpuType(figures: GpuDevice, type: KernelType): KernelType {
  const wider: readonly KernelType[] = ['int4', 'int8', 'float16', 'float32'];
  if (figures.peakOperationsPerSecond[type] !== undefined) return type;
  if (type === 'bfloat16' || type === 'tf32') return 'float32';
  return wider.slice(wider.indexOf(type)).find((t) => figures.peakOperationsPerSecond[t] !== undefined)!;
}

/**
 * One entry a dispatched kernel, in order; a fused tail is in the entry of the kernel before it.
 * @param batch samples dispatched together, 1 or more; seconds are of all of them
 * @param type what matrix products and activations are in; a type that the device lacks becomes the next wider one
 */
export function gpuSeconds(
  figures: GpuDevice,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
  fit: GpuFit = gpuFit,
): readonly KernelSeconds[] {
  const device = new GpuPricing(figures, gpuType(figures, type), fit, weightBytes(kernels, type));
  const dispatched = fuseTails(kernels);
  const rows = dispatched.map((kernel) => device.price(kernel, batch));
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const joules = dispatched.reduce((sum, kernel) => sum + device.joules(kernel, batch), 0);
  const slower = pNorm([seconds, joules / (fit.powerShare * figures.thermalWatts)], fit.overlap) / seconds;
  return rows.map((row) => ({ ...row, seconds: row.seconds * slower }));
}

/** Seconds of a call: every kernel and what the call itself takes. */
export function gpuCallSeconds(rows: readonly KernelSeconds[], fit: GpuFit = gpuFit): number {
  return rows.reduce((sum, { seconds }) => sum + seconds, fit.callSeconds);
}

/**
 * Samples a second where calls of `batch` samples follow one another. Fixed-function engines beside the GPU take their share of a network
 * of convolutions, at the rate that the GPU reaches of its own peak.
 */
export function gpuThroughput(
  figures: GpuDevice,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
  fit: GpuFit = gpuFit,
): number {
  const alone = batch / gpuCallSeconds(gpuSeconds(figures, kernels, batch, type, fit), fit);
  const beside = figures.companionOperationsPerSecond ?? 0;
  const convolutional = kernels.some(({ kind }) => kind === 'convolution');
  if (type !== 'int8' || beside === 0 || !convolutional) return alone;
  return alone * (1 + beside / figures.peakOperationsPerSecond.int8!);
}

function weightBytes(kernels: readonly Kernel[], type: KernelType): number {
  return kernelTypeBytes(type) * kernels.reduce((sum, { weightElements }) => sum + weightElements, 0);
}

/** Fusable tails join the kernel before them: what they read beyond its output is still read. */
export function fuseTails(kernels: readonly Kernel[]): readonly Kernel[] {
  const fused: Kernel[] = [];
  for (const kernel of kernels) {
    const before = fused.at(-1);
    if (!kernel.fusable || before === undefined) fused.push(kernel);
    else {
      const others = Math.max(0, kernel.inputElements - kernel.outputElements);
      fused[fused.length - 1] = { ...before, inputElements: before.inputElements + others };
    }
  }
  return fused;
}

/** Tiles of the result that a multiprocessor works on. */
const tiles = [
  [256, 128],
  [128, 256],
  [128, 128],
  [128, 64],
  [64, 128],
  [64, 64],
  [64, 32],
  [32, 64],
  [32, 32],
] as const;
/** Ways of cutting k among multiprocessors. */
const splits = [1, 2, 4, 8] as const;
/** Bytes that a multiprocessor's shared memory delivers in a cycle, on every generation in the table. */
const SHARED_BYTES_PER_CYCLE = 128;
/** Bytes of k that a matrix instruction takes at once. */
const STEP_BYTES = 32;

class GpuPricing {
  private readonly bytes: number;
  private readonly multiprocessorRate: number;
  private readonly weightsKept: number;

  constructor(
    private readonly figures: GpuDevice,
    type: KernelType,
    private readonly fit: GpuFit,
    networkWeightBytes: number,
  ) {
    this.bytes = kernelTypeBytes(type);
    this.multiprocessorRate = figures.peakOperationsPerSecond[type]! / figures.multiprocessors;
    this.weightsKept = Math.min(1, (fit.cacheShare * figures.l2Bytes) / Math.max(1, networkWeightBytes));
  }

  price(kernel: Kernel, batch: number): KernelSeconds {
    const compute = this.computeSeconds(kernel, batch);
    const memory = this.memorySeconds(kernel, batch);
    const work = pNorm([compute, memory], this.fit.overlap);
    const launch = this.fit.kernelCycles / this.figures.boostHertz;
    const bound = launch > work ? 'dispatch' : compute > memory ? 'compute' : 'memory';
    return { name: kernel.name, seconds: launch + work, bound };
  }

  /** Dynamic energy: products by the width of their operands and the process, and bytes from memory. */
  joules(kernel: Kernel, batch: number): number {
    const operations = 2 * kernel.macs * batch;
    const perOperation = this.fit.joulesPerOperation * this.bytes * this.figures.processNanometres;
    return operations * perOperation + this.memoryBytes(kernel, batch) * this.fit.joulesPerByte;
  }

  private computeSeconds(kernel: Kernel, batch: number): number {
    switch (kernel.kind) {
      case 'matmul':
      case 'convolution':
        return this.productSeconds(kernel, batch);
      case 'depthwise':
        return (2 * kernel.macs * batch) / this.vectorRate();
      case 'movement':
        return 0;
      default:
        return (this.fit.vectorOperations * batch * kernel.inputElements) / this.vectorRate();
    }
  }

  /** Float32 lanes; half types go twice as fast where there are matrix units of them. */
  private vectorRate(): number {
    const { peakOperationsPerSecond: peak } = this.figures;
    const wide = this.bytes < 4 && peak.float16 !== undefined ? 2 : 1;
    return this.fit.vectorShare * wide * peak.float32;
  }

  private productSeconds(kernel: Kernel, batch: number): number {
    const { m, n, k, groups } = packGroups(kernel, batch);
    const steps = Math.ceil((k * this.bytes) / STEP_BYTES);
    let best = Number.POSITIVE_INFINITY;
    for (const [rows, columns] of tiles) {
      const blocks = Math.ceil(m / rows) * Math.ceil(n / columns) * groups;
      const stepSeconds = this.stepSeconds(rows, columns);
      for (const split of splits) {
        if (split > 1 && (blocks * split) / 2 >= this.figures.multiprocessors) break;
        const waves = Math.ceil((blocks * split) / this.figures.multiprocessors);
        best = Math.min(best, (waves * Math.ceil(steps / split) + this.fit.fillSteps) * stepSeconds);
      }
    }
    return best;
  }

  /** One step of k in a tile: its products, or where the tile is small the latency of shared memory and matrix units. */
  private stepSeconds(rows: number, columns: number): number {
    const operations = (2 * rows * columns * STEP_BYTES) / this.bytes;
    const rate = this.multiprocessorRate * this.tileShare(rows, columns);
    return Math.max(operations / rate, this.fit.stepCycles / this.figures.boostHertz);
  }

  /** Share of the peak in a tile: the less it reuses, the longer its operands take out of shared memory. */
  private tileShare(rows: number, columns: number): number {
    const perCycle = this.multiprocessorRate / this.figures.boostHertz;
    const operandBytes = (perCycle * this.bytes * (rows + columns)) / (2 * rows * columns);
    return this.fit.computeShare / (1 + (this.fit.sharedMemory * operandBytes) / SHARED_BYTES_PER_CYCLE);
  }

  private memorySeconds(kernel: Kernel, batch: number): number {
    const { figures, fit } = this;
    const all = this.bytes * (kernel.weightElements + batch * (kernel.inputElements + kernel.outputElements));
    const cache = fit.cacheBytesPerCycle * figures.multiprocessors * figures.boostHertz;
    const moved =
      this.memoryBytes(kernel, batch) / (figures.attainedMemoryShare * figures.memoryBytesPerSecond);
    return moved + all / cache;
  }

  /** What L2 does not keep from the kernel before, or from the call before. */
  private memoryBytes(kernel: Kernel, batch: number): number {
    const activations = this.bytes * batch * (kernel.inputElements + kernel.outputElements);
    const kept = Math.min(1, (this.fit.cacheShare * this.figures.l2Bytes) / Math.max(1, activations));
    return this.bytes * kernel.weightElements * (1 - this.weightsKept) + activations * (1 - kept);
  }
}

/** Narrow groups of a convolution are computed several at a time, as one block-diagonal product. */
function packGroups({ kind, m, n, k, groups }: Kernel, batch: number) {
  if (kind === 'matmul')
    return groups === 1 ? { m: m * batch, n, k, groups } : { m, n, k, groups: groups * batch };
  const pack = Math.min(groups, Math.max(1, Math.floor(32 / n)));
  return { m: m * batch, n: n * pack, k: k * pack, groups: groups / pack };
}
