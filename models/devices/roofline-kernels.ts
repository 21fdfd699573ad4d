/**
 * Kernels under a device's two lines, at the share of the peak that a published result (or an assumption, which says so) gives. In: peak,
 * share, bandwidth, cache, time of a dispatch. Out: seconds of every dispatched kernel. The model of last resort, for any device.
 */

import type { RooflineModel, TypedPeaks } from '../data/index.js';
import { fuseTails } from './gpu.js';
import { type Kernel, type KernelSeconds, type KernelType, kernelTypeBytes } from './kernel.js';

/** On the units that a batch keeps busy. @param batch samples dispatched together; seconds are of all of them. */
export function rooflineKernels(
  model: RooflineModel,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
): readonly KernelSeconds[] {
  const peaks = model.peakOperationsPerSecond;
  const used = widerType(peaks, type);
  const bytes = kernelTypeBytes(used);
  const { units = 1 } = model;
  const [busy, rounds] = [Math.min(batch, units), Math.ceil(batch / units)];
  const rate = (peaks[used]! * model.attainedShare) / units;
  const bandwidth = model.memoryBytesPerSecond / busy;
  const weights = bytes * kernels.reduce((sum, { weightElements }) => sum + weightElements, 0);
  const streamed = Math.max(0, weights - model.weightCacheBytes) / Math.max(weights, 1);
  const dispatch = model.kernelSeconds ?? 0;
  return fuseTails(kernels).map((kernel) => {
    const compute = (2 * kernel.macs * rounds) / rate;
    const activations = model.activationsOnChip ? 0 : rounds * (kernel.inputElements + kernel.outputElements);
    const memory = (bytes * (kernel.weightElements * streamed + activations)) / bandwidth;
    // Published results were measured on whole networks: what moves no product is in the share, and in the dispatch of those that do.
    if (kernel.macs === 0) return { name: kernel.name, seconds: memory, bound: 'memory' };
    const work = Math.max(compute, memory);
    const bound = dispatch > work ? 'dispatch' : compute > memory ? 'compute' : 'memory';
    return { name: kernel.name, seconds: dispatch + work, bound };
  });
}

/** The type itself, or the narrowest wider one that there is a peak of, or the widest narrower one. */
export function widerType(peaks: TypedPeaks, type: KernelType): KernelType {
  if (peaks[type] !== undefined) return type;
  const order: readonly KernelType[] = ['int4', 'int8', 'float16', 'bfloat16', 'tf32', 'float32'];
  const known = order.filter((t) => peaks[t] !== undefined);
  return known.find((t) => order.indexOf(t) > order.indexOf(type)) ?? known.at(-1)!;
}
