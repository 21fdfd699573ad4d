/**
 * Time of a framework's call that works on rows where they lie: softmax, layer normalisation, an activation. In: published figures, three
 * constants of the kernel, the rows. Out: seconds. Such kernels move bytes; a row that a block of threads cannot hold is read once more.
 */

import type { GpuDevice } from '../data/index.js';

export interface GpuRowsConstants {
  readonly callSeconds: number;
  /** Of the bandwidth that the device attains. */
  readonly memoryShare: number;
  /** Elements of the longest row that is read once. */
  readonly longestRow: number;
}

/** @param elementBytes of an element as it is stored; each is read and written */
export function gpuRowsSeconds(
  device: GpuDevice,
  constants: GpuRowsConstants,
  rows: number,
  length: number,
  elementBytes: number,
): number {
  const passes = length > constants.longestRow ? 3 : 2;
  const bandwidth = constants.memoryShare * device.attainedMemoryShare * device.memoryBytesPerSecond;
  return constants.callSeconds + (passes * elementBytes * rows * length) / bandwidth;
}
