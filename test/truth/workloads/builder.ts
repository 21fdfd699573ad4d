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
  /** Extent of a square kernel, or height and width. */
  readonly kernel: number | readonly [height: number, width: number];
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
    const [tall, wide] = typeof kernel === 'number' ? [kernel, kernel] : kernel;
    const size = (extent: number, window: number) =>
      padding === undefined
        ? Math.ceil(extent / stride)
        : Math.floor((extent + padding - window) / stride) + 1;
    const output = { height: size(input.height, tall), width: size(input.width, wide), channels };
    const k = (tall * wide * input.channels) / groups;
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
      kernel: [tall, wide],
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

  /** @param valid without padding: only windows that lie within the map; otherwise ceil(size / stride) */
  pool(input: FeatureMap, kernel: number, stride: number, valid = false): FeatureMap {
    const size = (extent: number) =>
      valid ? Math.floor((extent - kernel) / stride) + 1 : Math.ceil(extent / stride);
    const output = { height: size(input.height), width: size(input.width), channels: input.channels };
    this.rows('reduction', elements(output), kernel * kernel, {
      inputElements: elements(input),
      outputElements: elements(output),
    });
    return output;
  }

  /** A convolution with its activation. */
  conv(input: FeatureMap, channels: number, kernel: ConvolutionSettings['kernel'], stride = 1): FeatureMap {
    return this.activated(this.convolution(input, channels, { kernel, stride }));
  }

  /** A depthwise convolution with its activation. */
  depthwise(input: FeatureMap, kernel: number, stride = 1): FeatureMap {
    return this.activated(
      this.convolution(input, input.channels, { kernel, stride, groups: input.channels }),
    );
  }

  activated(map: FeatureMap): FeatureMap {
    this.elementwise(elements(map));
    return map;
  }

  /** Residual addition. */
  add(map: FeatureMap): FeatureMap {
    this.elementwise(elements(map), 2);
    return map;
  }

  /** Mean of each channel, dense layer, softmax. */
  classify(map: FeatureMap, classes = 1000): readonly Kernel[] {
    this.rows('reduction', map.channels, map.height * map.width, { outputElements: map.channels });
    this.matmul(1, classes, map.channels);
    this.rows('softmax', 1, classes);
    return this.list;
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

/** Extent of a square image, or height and width. */
export type ImageSize = number | readonly [height: number, width: number];

/** An image of three channels. */
export function image(size: ImageSize): FeatureMap {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  return { height, width, channels: 3 };
}

/** What a concatenation of maps of one size has. */
export function joined(...maps: readonly FeatureMap[]): FeatureMap {
  return { ...maps[0]!, channels: maps.reduce((sum, { channels }) => sum + channels, 0) };
}

export function elements({ height, width, channels }: FeatureMap): number {
  return height * width * channels;
}
