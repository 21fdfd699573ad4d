/**
 * Builds a network's list of kernels, layer by layer. In: shapes of one sample. Out: {@link Kernel}s with elements and products counted.
 * Normalisation that follows a convolution is folded into it; activations and residual additions are the fusable tails that they are.
 */

import type { Kernel, KernelKind } from '../../../models/devices/index.js';

/** Height, width and channels of a feature map. */
export interface FeatureMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface ConvolutionSettings {
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  /** Elements added on each side in total; by default what keeps ceil(size / stride). */
  readonly padding?: number;
}

const plain = { kernel: [1, 1], strides: [1, 1] } as const;

export class NetworkBuilder {
  private readonly list: Kernel[] = [];

  get kernels(): readonly Kernel[] {
    return this.list;
  }

  convolution(input: FeatureMap, channels: number, settings: ConvolutionSettings): FeatureMap {
    const { kernel, stride = 1, groups = 1, padding } = settings;
    const size = (extent: number) =>
      padding === undefined
        ? Math.ceil(extent / stride)
        : Math.floor((extent + padding - kernel) / stride) + 1;
    const output = { height: size(input.height), width: size(input.width), channels };
    const k = (kernel * kernel * input.channels) / groups;
    const m = output.height * output.width;
    this.list.push({
      name: this.next('conv'),
      kind: groups === input.channels && groups > 1 ? 'depthwise' : 'convolution',
      m,
      n: channels / groups,
      k,
      groups,
      macs: m * channels * k,
      weightElements: channels * k,
      inputElements: elements(input),
      outputElements: elements(output),
      kernel: [kernel, kernel],
      strides: [stride, stride],
      fusable: false,
    });
    return output;
  }

  /** `groups` products C[m, n] = A[m, k] B[k, n]; B is a constant unless `activations`. */
  matmul(
    m: number,
    n: number,
    k: number,
    options: { readonly groups?: number; readonly activations?: boolean } = {},
  ): void {
    const { groups = 1, activations = false } = options;
    this.list.push({
      name: this.next('matmul'),
      kind: 'matmul',
      m,
      n,
      k,
      groups,
      macs: groups * m * n * k,
      weightElements: activations ? 0 : groups * k * n,
      inputElements: groups * (m * k + (activations ? k * n : 0)),
      outputElements: groups * m * n,
      ...plain,
      fusable: false,
    });
  }

  /** Bias and activation (one operand) or a residual addition (two). */
  elementwise(count: number, operands = 1): void {
    this.rows('elementwise', count, 1, { inputElements: operands * count, fusable: true });
  }

  pool(input: FeatureMap, kernel: number, stride: number): FeatureMap {
    const output = {
      height: Math.ceil(input.height / stride),
      width: Math.ceil(input.width / stride),
      channels: input.channels,
    };
    this.rows('reduction', elements(output), kernel * kernel, {
      inputElements: elements(input),
      outputElements: elements(output),
    });
    return output;
  }

  /**
   * Scores of boxes by class, filtered for non-maximum suppression: read as the network wrote them, written and read again as 32-bit
   * numbers (in elements of one byte). What is left after the filter is little.
   */
  filterScores(scores: number): void {
    this.rows('movement', scores, 1, { inputElements: 5 * scores, outputElements: 4 * scores });
  }

  /** `count` rows of `length` elements. */
  rows(kind: KernelKind, count: number, length: number, counts: Partial<Kernel> = {}): void {
    const all = count * length;
    this.list.push({
      name: this.next(kind),
      kind,
      m: count,
      n: 1,
      k: length,
      groups: 1,
      macs: 0,
      weightElements: 0,
      inputElements: all,
      outputElements: all,
      ...plain,
      fusable: false,
      ...counts,
    });
  }

  private next(prefix: string): string {
    return `${prefix}${this.list.length}`;
  }
}

export function elements({ height, width, channels }: FeatureMap): number {
  return height * width * channels;
}
