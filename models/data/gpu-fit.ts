/** Constants of the model of GPUs in models/devices: what a library and a runtime make of published figures. */

import type { Provenance } from './provenance.js';

export interface GpuFit {
  /** From the query to the first kernel, and from the last to the answer. */
  readonly callSeconds: number;
  /** Between a kernel and the next. */
  readonly kernelSeconds: number;
  /** Of the peak, in a tile whose operands cost nothing. */
  readonly computeShare: number;
  /** How much of the time of a tile's operands out of shared memory is not hidden. */
  readonly sharedMemory: number;
  /** Of memory bandwidth. */
  readonly memoryShare: number;
  /** Of L2 that keeps activations and weights for the next use. */
  readonly cacheShare: number;
  /** Bytes a cycle and multiprocessor out of L2. */
  readonly cacheBytesPerCycle: number;
  /** Filling and emptying a tile's pipeline, in bytes of k. */
  readonly tileOverheadBytes: number;
  /** Of the float32 lanes' rate. */
  readonly vectorShare: number;
  /** Operations an element of a softmax, normalisation or pooling takes. */
  readonly vectorOperations: number;
  /** Of an operation on one-byte operands, by nanometre of the process. */
  readonly joulesPerOperation: number;
  readonly joulesPerByte: number;
  /** Of the board's power limit that is left for work. */
  readonly powerShare: number;
  /** p of the p-norm that joins times which overlap. */
  readonly overlap: number;
}

export const gpuFitSource: Provenance = { citation: 'round figures, not fitted yet', known: 'assumed' };

export const gpuFit: GpuFit = {
  callSeconds: 50e-6,
  kernelSeconds: 2.5e-6,
  computeShare: 0.9,
  sharedMemory: 1,
  memoryShare: 0.8,
  cacheShare: 0.5,
  cacheBytesPerCycle: 32,
  tileOverheadBytes: 64,
  vectorShare: 0.5,
  vectorOperations: 8,
  joulesPerOperation: 1e-13,
  joulesPerByte: 30e-12,
  powerShare: 0.85,
  overlap: 4,
};
