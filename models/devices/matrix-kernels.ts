/**
 * A network's kernels on Google's matrix cores. In: published figures of a chip, kernels, a batch, a type. Out: seconds of every dispatched
 * kernel. Products go through {@link scratchpadCoreCycles} or the streamed tiles of TPU v1; everything else moves at the bandwidth of DRAM,
 * or is left out where activations stay on chip (both assumed: no published row holds them).
 */

import type { MatrixCoresModel, StreamingCoreModel } from '../data/index.js';
import { fuseTails } from './gpu.js';
import { type Kernel, type KernelSeconds, type KernelType, kernelTypeBytes } from './kernel.js';
import { type MatrixKernel, scratchpadCoreCycles, streamedCounters } from './matrix-core.js';

export function coresType({ rates }: MatrixCoresModel, type: KernelType): KernelType {
  return type === 'int8' && rates.int8 !== undefined ? 'int8' : 'bfloat16';
}

/** On one core; the whole batch. */
export function coresSeconds(
  model: MatrixCoresModel,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
): readonly KernelSeconds[] {
  const bytes = kernelTypeBytes(type);
  const rate = (type === 'int8' ? model.rates.int8 : undefined) ?? model.rates.bfloat16;
  const hertz = model.clockHertz * rate;
  const bandwidth = model.memoryBytesPerSecond / model.cores;
  const cores = {
    units: model.unitsPerCore,
    rows: model.rows,
    columns: model.columns,
    elementBytes: bytes,
    bytesPerCycle: bandwidth / hertz,
    scratchpadBytes: model.scratchpadBytesPerCore,
    callCycles: model.callSeconds * hertz,
  };
  return fuseTails(kernels).map((kernel) => {
    const moved =
      (bytes * (kernel.weightElements + batch * (kernel.inputElements + kernel.outputElements))) / bandwidth;
    const products = kernel.macs > 0 ? scratchpadCoreCycles(cores, matrixKernel(kernel, batch)) / hertz : 0;
    const seconds = Math.max(products, model.callSeconds + moved);
    return { name: kernel.name, seconds, bound: boundOf(seconds, moved, model.callSeconds) };
  });
}

function boundOf(seconds: number, moved: number, call: number): KernelSeconds['bound'] {
  if (call > seconds / 2) return 'dispatch';
  return moved > (seconds - call) / 2 ? 'memory' : 'compute';
}

/** A grouped convolution keeps its groups apart: each is a block of the array's columns, as many as fill them side by side. */
function matrixKernel(
  { kind, m, n, k, groups, kernel, inputElements, outputElements }: Kernel,
  batch: number,
): MatrixKernel {
  const positions = kind === 'convolution' || kind === 'depthwise' ? kernel[0] * kernel[1] : 1;
  const elements = { inputElements: batch * inputElements, outputElements: batch * outputElements };
  return { positions, m: m * batch, n: n * groups, k: k / positions, ...elements };
}

/** Layers run one after another; each kernel's seconds are what it adds. */
export function streamingSeconds(
  model: StreamingCoreModel,
  kernels: readonly Kernel[],
  batch: number,
): readonly KernelSeconds[] {
  const core = { ...model, bytesPerSecond: model.memoryBytesPerSecond };
  return fuseTails(kernels).map((kernel) => {
    if (kernel.macs === 0) return { name: kernel.name, seconds: 0, bound: 'memory' };
    const layer = {
      k: kernel.k,
      n: kernel.n * kernel.groups,
      vectors: Math.max(1, kernel.m * batch),
      cyclesPerVector: 1,
    };
    const run = streamedCounters(core, [layer]);
    const bound = run.weightStall + run.weightShift > run.active ? 'memory' : 'compute';
    return { name: kernel.name, seconds: run.cycles / model.clockHertz, bound };
  });
}
