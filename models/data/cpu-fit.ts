/**
 * Constants of the model of processors (models/devices/cpu.ts): what data sheets do not say of a runtime's kernels. One set a runtime; fitted ones
 * are in cpu-fit-values.ts, which `npm run fits` writes; the rest are stated here.
 */

import { cpuFitted } from './cpu-fit-values.js';
import type { Provenance } from './provenance.js';

/** Runtimes whose published results there are: they differ in kernels, so in constants. */
export type CpuRuntime = 'ncnn' | 'openvino';

export interface CpuFitted {
  /** Of the multiply-accumulates a cycle that a core has, in products: cores that issue in order, and out of order. */
  readonly productShareInOrder: number;
  readonly productShare: number;
  /** What matrix products with activations or few rows reach of that share. */
  readonly matmulShare: number;
  /** The same in depthwise convolutions, of float32 lanes. */
  readonly depthwiseShareInOrder: number;
  readonly depthwiseShare: number;
  /** Cycles that a byte of activation read or written takes in a core, beside the products. */
  readonly byteCyclesInOrder: number;
  readonly byteCycles: number;
  /** Bytes a cycle that one core gets from memory. */
  readonly memoryBytesPerCycleInOrder: number;
  readonly memoryBytesPerCycle: number;
  /** Power of the decode width (over 4 instructions) by which products go faster, and of the float32 lanes (over 8) by which bytes do. */
  readonly productWidth: number;
  readonly byteLanes: number;
  /** Of the memory interface's bandwidth, and of the caches that keep activations and weights for their next use. */
  readonly memoryShare: number;
  readonly cacheShare: number;
  /** Products that Winograd's algorithm saves in a 3 x 3 convolution of stride 1: in floats, and in 8 bits. */
  readonly winogradFloat: number;
  readonly winogradInteger: number;
  /** Times that such a convolution in floats touches its activations, for the transforms. */
  readonly winogradPasses: number;
  /** Times that an activation which no cache keeps is moved. */
  readonly missPasses: number;
  /** Rate of 8-bit products on cores without dot products, of the float32 rate. */
  readonly wideningRate: number;
  /** Rate of 8-bit products with dot products (or half types), of what the wider lanes promise beyond float32's share. */
  readonly narrowShare: number;
  /** Bytes that an output of an 8-bit kernel is written and requantised in. */
  readonly accumulatorBytes: number;
  /** A kernel's dispatch on one core, and what each doubling of the cores that share it adds (barriers are trees), in cycles. */
  readonly kernelCycles: number;
  readonly syncCycles: number;
  /** Share of a kernel's work that only one core does. */
  readonly serialShare: number;
  /** Active cores at which the clock is half way between base and boost, in logarithms: fewer run faster. */
  readonly turboCores: number;
}

export interface CpuFit extends CpuFitted {
  /** Bytes of activations that a softmax, normalisation or pooling touches, times those that it reads and writes. */
  readonly vectorPasses: number;
}

/** Stated, not fitted: round figures. */
const assumed = { vectorPasses: 3 } as const;

export const cpuFits: Readonly<Record<CpuRuntime, CpuFit>> = {
  ncnn: { ...assumed, ...cpuFitted.ncnn },
  openvino: { ...assumed, ...cpuFitted.openvino },
};

export const cpuFitSources: Readonly<Record<CpuRuntime, Provenance>> = {
  ncnn: { citation: 'fitted to Tencent ncnn, benchncnn results, Arm cores', known: 'derived' },
  openvino: {
    citation:
      'fitted to Intel, OpenVINO 2024.3 performance benchmarks, and MLPerf Inference v0.5 to v4.1, closed, Xeon processors',
    known: 'derived',
  },
};
