/**
 * Time of a matrix product on a GPU at the rates that accelerators of its maker attain at their best: a roofline without one fitted constant.
 * In: published figures, the shape. Out: seconds. What a library loses in a shape is not in it: the truth suite learns that from other devices.
 */

import { type GpuDevice, gpuMaker } from '../data/index.js';
import { gpuType } from './gpu.js';
import type { LibraryProduct } from './gpu-library.js';
import { kernelTypeBytes } from './kernel.js';
import { pNorm } from './p-norm.js';

/** Of a launch without a framework; a round figure. */
const LAUNCH_SECONDS = 6e-6;
/** 8-bit products are written as 32-bit sums. */
const SUM_BYTES = 4;

/** Half of it hidden (p = 2); the clock is the geometric mean of base and boost, for long products draw the power limit. */
export function attainedProductSeconds(device: GpuDevice, product: LibraryProduct): number {
  const { batch, m, n, k } = product;
  const type = gpuType(device, product.type ?? 'float32');
  const clockShare = Math.sqrt(device.baseHertz / device.boostHertz);
  const rate = clockShare * gpuMaker(device).matmulShare * device.peakOperationsPerSecond[type]!;
  const bytes = kernelTypeBytes(type);
  const moved = batch * (bytes * (m * k + n * k) + (type === 'int8' ? SUM_BYTES : bytes) * m * n);
  const moving = moved / (device.attainedMemoryShare * device.memoryBytesPerSecond);
  return LAUNCH_SECONDS + pNorm([(2 * batch * m * n * k) / rate, moving], 2);
}
