/**
 * The sliding window that convolution and pooling share. One-dimensional windows are two-dimensional ones of height 1,
 * so every kernel below has exactly two spatial axes.
 */

import { type Attributes, type AttributeTable, numbersAttribute } from '../attributes.js';
import { refuse } from '../operator.js';
import { requireIntegers } from './numeric.js';

type Pair = readonly [number, number];

/** A window over [H, W]; sizes in elements. */
export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** top, left, bottom, right; negative ones crop. */
  readonly pads: readonly [number, number, number, number];
}

/** The attributes of every windowed operator. Absent lists mean stride 1, dilation 1, no padding. */
export const windowAttributes: AttributeTable = {
  strides: numbersAttribute('step per spatial axis; absent: 1', []),
  dilations: numbersAttribute('spacing of the kernel elements per spatial axis; absent: 1', []),
  pads: numbersAttribute('begins of all spatial axes, then ends; absent: 0', []),
};

/**
 * The window that attributes state for a kernel of one or two spatial extents.
 * Refuses other ranks, extents below 1 and lists of another length.
 */
export function readWindow(attributes: Attributes, kernel: readonly number[]): Window {
  const rank = kernel.length;
  if (rank !== 1 && rank !== 2) refuse(`${rank} spatial axes are not supported, only 1 or 2`);
  const list = (name: string, length: number, fill: number): readonly number[] => {
    const given = attributes.numbers(name);
    if (given.length === 0) return new Array<number>(length).fill(fill);
    if (given.length !== length) refuse(`${name} has ${given.length} entries, not ${length}`);
    return given;
  };
  const positive = (name: string, values: readonly number[]): Pair => {
    if (values.some((v) => !Number.isInteger(v) || v < 1))
      refuse(`${name} ${values.join(', ')} is not positive`);
    return rank === 1 ? [1, values[0]!] : [values[0]!, values[1]!];
  };
  const pads = list('pads', 2 * rank, 0);
  requireIntegers('pads', pads);
  return {
    kernel: positive('the kernel', kernel),
    strides: positive('strides', list('strides', rank, 1)),
    dilations: positive('dilations', list('dilations', rank, 1)),
    pads: rank === 1 ? [0, pads[0]!, 0, pads[1]!] : [pads[0]!, pads[1]!, pads[2]!, pads[3]!],
  };
}

/** `[N, C, H, W]` of a rank-3 or rank-4 shape. */
export function planes(shape: readonly number[]): readonly [number, number, number, number] {
  const [n = 1, c = 1] = shape;
  return shape.length === 3 ? [n, c, 1, shape[2]!] : [n, c, shape[2]!, shape[3]!];
}

/** Extents of the output planes; refuses a window larger than the padded input. */
export function windowOutput(window: Window, extents: Pair, ceilMode = false): Pair {
  return [outputExtent(window, extents, 0, ceilMode), outputExtent(window, extents, 1, ceilMode)];
}

function outputExtent(window: Window, extents: Pair, axis: 0 | 1, ceilMode: boolean): number {
  const { kernel, strides, dilations, pads } = window;
  const span = dilations[axis] * (kernel[axis] - 1) + 1;
  const room = extents[axis] + pads[axis]! + pads[axis + 2]! - span;
  if (room < 0) refuse(`the window spans ${span} elements, the padded input ${room + span}`);
  if (!ceilMode) return Math.floor(room / strides[axis]) + 1;
  const extent = Math.ceil(room / strides[axis]) + 1;
  // A window that would start in the padding after the input is dropped.
  return (extent - 1) * strides[axis] >= extents[axis] + pads[axis]! ? extent - 1 : extent;
}

/** The spatial part of an output shape, with as many axes as the input had. */
export function spatialShape(rank: number, [height, width]: Pair): number[] {
  return rank === 3 ? [width] : [height, width];
}
