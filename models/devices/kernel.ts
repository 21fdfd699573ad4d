/**
 * What a device runs: a network as a list of kernels (matrix products, convolutions and the rest), with shapes per sample. Networks
 * become kernels elsewhere (their graphs are not known here); device models price kernels at a batch and in a type.
 */

export type KernelKind =
  | 'matmul'
  | 'convolution'
  | 'depthwise'
  | 'elementwise'
  | 'reduction'
  | 'softmax'
  | 'normalisation'
  | 'movement';

/** Types that devices compute in. */
export type KernelType = 'float32' | 'tf32' | 'float16' | 'bfloat16' | 'int8' | 'int4';

/** One operator of a network, of one sample; element counts, so that a type makes bytes of them. */
export interface Kernel {
  /** The node it came from. */
  readonly name: string;
  readonly kind: KernelKind;
  /**
   * As a product C[m, n] = A[m, k] B[k, n], `groups` of them: a convolution has m output pixels, n output channels and k
   * kernel positions times input channels (of one group); a depthwise one has its channels as groups, n = 1. Other kinds: m
   * rows (of a reduction, softmax or normalisation) of k elements, n = 1.
   */
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly groups: number;
  /** Multiply-accumulates (0 for kinds that do none). */
  readonly macs: number;
  /** Constants: read once a dispatch, whatever the batch. */
  readonly weightElements: number;
  /** Activations read and written for each sample. */
  readonly inputElements: number;
  readonly outputElements: number;
  /** Height and width of a convolution's kernel, 1 x 1 otherwise; with strides, for devices that care (Winograd, line buffers). */
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [vertical: number, horizontal: number];
  /** Elementwise tail that a compiler fuses into the kernel before it (bias, activation, residual add). */
  readonly fusable: boolean;
}

/** Bytes of one element; half a byte for int4. */
export function kernelTypeBytes(type: KernelType): number {
  switch (type) {
    case 'float32':
    case 'tf32':
      return 4;
    case 'float16':
    case 'bfloat16':
      return 2;
    case 'int8':
      return 1;
    case 'int4':
      return 0.5;
  }
}

/** One kernel's time on a device and what holds it. */
export interface KernelSeconds {
  readonly name: string;
  readonly seconds: number;
  readonly bound: 'compute' | 'memory' | 'dispatch';
}
