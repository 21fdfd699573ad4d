/**
 * Time of a list of kernels on an Edge TPU: a systolic array with its weights on chip as far as they fit; the rest comes over the link in every
 * inference. In: the board's figures, the kernels. Out: seconds of every dispatched kernel; the call's own time is in {@link edgeTpuLatency}.
 */

import { type EdgeTpuDevice, type EdgeTpuFit, edgeTpuFit } from '../data/index.js';
import { fuseTails } from './gpu.js';
import type { Kernel, KernelSeconds, KernelType } from './kernel.js';

/** One entry a dispatched kernel, in order; all in 8 bits, whatever the type. @param batch samples one after another */
export function edgeTpuSeconds(
  device: EdgeTpuDevice,
  kernels: readonly Kernel[],
  batch: number,
  _type: KernelType = 'int8',
  fit: EdgeTpuFit = edgeTpuFit,
): readonly KernelSeconds[] {
  const weights = kernels.reduce((sum, { weightElements }) => sum + weightElements, 0);
  const streamed = Math.max(0, 1 - (fit.cacheShare * device.weightCacheBytes) / Math.max(1, weights));
  return fuseTails(kernels).map((kernel) => {
    const touched = (kernel.inputElements + kernel.outputElements) / fit.activationBytesPerCycle;
    const compute = (productCycles(device, kernel, fit) + touched) / device.hertz;
    const memory = (kernel.weightElements * streamed) / (fit.linkShare * device.linkBytesPerSecond);
    const seconds = batch * (compute + memory);
    return { name: kernel.name, seconds, bound: compute > memory ? 'compute' : 'memory' };
  });
}

/** Seconds of one inference: the call, and every kernel. */
export function edgeTpuLatency(
  device: EdgeTpuDevice,
  kernels: readonly Kernel[],
  fit: EdgeTpuFit = edgeTpuFit,
): number {
  const rows = edgeTpuSeconds(device, kernels, 1, 'int8', fit);
  return rows.reduce((sum, { seconds }) => sum + seconds, fit.callSeconds);
}

/** Blocks of the weights that fill the array's rows and columns, each for every output position. */
function productCycles(device: EdgeTpuDevice, { kind, m, n, k, groups }: Kernel, fit: EdgeTpuFit): number {
  switch (kind) {
    case 'matmul':
    case 'convolution':
      return (m * Math.ceil(k / device.rows) * Math.ceil(n / device.columns) * groups) / fit.productShare;
    case 'depthwise':
      return (m * k * Math.ceil(groups / device.columns)) / fit.depthwiseShare;
    default:
      return 0;
  }
}
