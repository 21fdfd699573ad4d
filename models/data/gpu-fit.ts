/**
 * Constants of the model of GPUs in models/devices: what a library and a runtime make of published figures. Those that were fitted are in
 * gpu-fit-values.ts, which `npm run fits` writes; the rest are stated here.
 */

import { gpuFitted } from './gpu-fit-values.js';
import type { Provenance } from './provenance.js';

export interface GpuFit {
  /** From the query to the first kernel, and from the last to the answer. */
  readonly callSeconds: number;
  /** From a kernel's launch to its first step, in cycles of the boost clock. */
  readonly kernelCycles: number;
  /** Of the peak, in a tile whose operands cost nothing. */
  readonly computeShare: number;
  /** How much of the time of a tile's operands out of shared memory is not hidden. */
  readonly sharedMemory: number;
  /** Cycles that a step of k takes at least, however small the tile. */
  readonly stepCycles: number;
  /** Filling and emptying a tile's pipeline, in steps of k, once a kernel. */
  readonly fillSteps: number;
  /** Bytes a cycle and multiprocessor out of L2. */
  readonly cacheBytesPerCycle: number;
  /** Of the float32 lanes' rate. */
  readonly vectorShare: number;
  /** Of an operation on one-byte operands, by nanometre of the process. */
  readonly joulesPerOperation: number;
  /** Of L2 that keeps activations and weights for the next use. */
  readonly cacheShare: number;
  /** Operations that an element of a softmax, normalisation or pooling takes. */
  readonly vectorOperations: number;
  readonly joulesPerByte: number;
  /** Of the board's power limit that is left for work. */
  readonly powerShare: number;
  /** p of the p-norm that joins times which overlap. */
  readonly overlap: number;
}

/**
 * Stated, not fitted: round figures. The rows of the fit leave the energy of an operation open between 6e-14 and 1e-13 J (within 0.3 points
 * of error); 8e-14 is where recalled results of a 70 W T4, which is no row of theirs, would lie.
 */
export const gpuFitAssumed = {
  joulesPerOperation: 8e-14,
  cacheShare: 1,
  vectorOperations: 8,
  joulesPerByte: 30e-12,
  powerShare: 0.85,
  overlap: 6,
} as const;

export const gpuFit: GpuFit = { ...gpuFitAssumed, ...gpuFitted };

export const gpuFitSource: Provenance = {
  citation:
    'fitted to MLPerf Inference, closed, best result by accelerator, v0.5 to v4.1 (NVIDIA GPUs, TensorRT)',
  known: 'derived',
};
