/**
 * Time of a list of kernels on AMD's deep-learning processing unit. In: the board's published figures, the kernels. Out: seconds of every
 * layer on one engine, latency of one image with the host's part, images a second with every engine at work.
 *
 * An engine multiplies a block of input channels by a block of output channels for some pixels of a row in every cycle; what does not fill the
 * block is lost. Maps go to memory and back between layers. The host prepares images and computes what engines do not (softmax, scores).
 */

import { type DpuDevice, type DpuFit, dpuFit } from '../data/index.js';
import { fuseTails } from './gpu.js';
import type { Kernel, KernelSeconds, KernelType } from './kernel.js';

/**
 * One entry a layer that an engine computes, in order; all in 8 bits, whatever the type.
 * @param batch images one after another on one engine
 */
export function dpuSeconds(
  device: DpuDevice,
  kernels: readonly Kernel[],
  batch: number,
  _type: KernelType = 'int8',
  fit: DpuFit = dpuFit,
): readonly KernelSeconds[] {
  return fuseTails(kernels)
    .filter((kernel) => !onHost(kernel))
    .map((kernel) => layerSeconds(device, kernel, batch, fit));
}

/** Seconds of one image, from picture to result, one at a time. */
export function dpuLatency(device: DpuDevice, kernels: readonly Kernel[], fit: DpuFit = dpuFit): number {
  return engineSeconds(device, kernels, fit) + hostSeconds(device, kernels, fit);
}

/** Images a second with all engines and all of the host's cores at work. */
export function dpuThroughput(device: DpuDevice, kernels: readonly Kernel[], fit: DpuFit = dpuFit): number {
  const engines = engineSeconds(device, kernels, fit) / device.engines;
  const memory = memoryBytes(kernels) / (fit.memoryShare * device.memoryBytesPerSecond);
  const host = hostSeconds(device, kernels, fit) / device.hostCores;
  return 1 / Math.hypot(engines, memory, host);
}

function engineSeconds(device: DpuDevice, kernels: readonly Kernel[], fit: DpuFit): number {
  return dpuSeconds(device, kernels, 1, 'int8', fit).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Softmax and data movement (scores, boxes) are the host's. */
function onHost({ kind }: Kernel): boolean {
  return kind === 'softmax' || kind === 'movement' || kind === 'normalisation';
}

function hostSeconds(device: DpuDevice, kernels: readonly Kernel[], fit: DpuFit): number {
  const scores = kernels.filter(onHost).reduce((sum, { m, k }) => sum + m * k, 0);
  const image = kernels[0]?.inputElements ?? 0;
  return (fit.callCycles + fit.imageCycles * image + fit.scoreCycles * scores) / device.hostHertz;
}

function layerSeconds(device: DpuDevice, kernel: Kernel, batch: number, fit: DpuFit): KernelSeconds {
  const compute = computeCycles(device, kernel, fit);
  const memory = bytesOf(kernel) / fit.engineBytesPerCycle;
  const work = Math.hypot(compute, memory);
  const bound = fit.layerCycles > work ? 'dispatch' : compute > memory ? 'compute' : 'memory';
  return { name: kernel.name, seconds: (batch * (work + fit.layerCycles)) / device.hertz, bound };
}

function computeCycles({ parallelism }: DpuDevice, kernel: Kernel, fit: DpuFit): number {
  const { pixels, inputChannels, outputChannels } = parallelism;
  const { kind, m, n, k, groups } = kernel;
  const window = kernel.kernel[0] * kernel.kernel[1];
  const width = Math.max(1, Math.round(Math.sqrt(m)));
  const steps = Math.ceil(width / pixels) * (m / width);
  switch (kind) {
    case 'matmul':
    case 'convolution': {
      const blocks = Math.ceil(k / window / inputChannels) * Math.ceil(n / outputChannels) * groups;
      return (steps * window * blocks) / fit.productShare;
    }
    case 'depthwise':
      return (steps * window * Math.ceil(groups / inputChannels)) / fit.depthwiseShare;
    default:
      return kernel.outputElements / (pixels * inputChannels * fit.depthwiseShare);
  }
}

function bytesOf({ weightElements, inputElements, outputElements }: Kernel): number {
  return weightElements + inputElements + outputElements;
}

function memoryBytes(kernels: readonly Kernel[]): number {
  return fuseTails(kernels)
    .filter((kernel) => !onHost(kernel))
    .reduce((sum, kernel) => sum + bytesOf(kernel), 0);
}
