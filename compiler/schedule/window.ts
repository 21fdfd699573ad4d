/** Windows (kernels) over pictures: which input box an output box needs. */

import type { Place } from '../../base/index.js';
import type { Node } from '../graph/index.js';
import { numbersOf } from './stage.js';
import { isDense, type TensorView } from './tensors.js';
import type { Box } from './tile.js';

export interface Window {
  readonly height: number;
  readonly width: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  readonly padTop: number;
  readonly padLeft: number;
}

export const pointWindow: Window = {
  height: 1,
  width: 1,
  strideY: 1,
  strideX: 1,
  dilationY: 1,
  dilationX: 1,
  padTop: 0,
  padLeft: 0,
};

/** What every layer is made of. */
export interface LayerParts {
  readonly node: Node;
  readonly where: Place;
  /** Views of the activation inputs, in order. */
  readonly inputs: readonly TensorView[];
  readonly output: TensorView;
}

/** The window that a node's attributes state, for a kernel of the given size. One-dimensional lists mean x. */
export function windowOf(node: Node, height: number, width: number): Window {
  const two = (name: string) => {
    const list = numbersOf(node, name, [1, 1]);
    return list.length === 1 ? [1, list[0]!] : list;
  };
  const pads = numbersOf(node, 'pads', [0, 0, 0, 0]);
  const [strideY, strideX] = two('strides') as [number, number];
  const [dilationY, dilationX] = two('dilations') as [number, number];
  const [padTop, padLeft] = pads.length === 2 ? [0, pads[0]!] : [pads[0]!, pads[1]!];
  return { height, width, strideY, strideX, dilationY, dilationX, padTop, padLeft };
}

/** Height of the input box under `rows` output rows. */
export function inputHeight(w: Window, rows: number): number {
  return (rows - 1) * w.strideY + (w.height - 1) * w.dilationY + 1;
}

/** Width of the input box under `columns` output columns. */
export function inputWidth(w: Window, columns: number): number {
  return (columns - 1) * w.strideX + (w.width - 1) * w.dilationX + 1;
}

/** The input box under an output box, for the same channel blocks. */
export function inputBox(w: Window, box: Box): Box {
  return {
    ...box,
    y: box.y * w.strideY - w.padTop,
    x: box.x * w.strideX - w.padLeft,
    height: inputHeight(w, box.height),
    width: inputWidth(w, box.width),
  };
}

/** Input and output as the tiler sees them. */
export interface Geometry {
  readonly input: TensorView;
  readonly output: TensorView;
  readonly window: Window;
}

/**
 * The same operation in a form that tiles better: point windows over lines of pixels, batches of vectors in one picture, and rows
 * that a stride skips not loaded at all.
 */
export function simplify(geometry: Geometry): Geometry {
  const { input, output, window: w } = geometry;
  const point = w.height === 1 && w.width === 1 && w.padTop === 0 && w.padLeft === 0;
  const vectors = input.height * input.width === 1 && output.height * output.width === 1;
  if (point && vectors) return { input: asVectors(input), output: asVectors(output), window: unitStride(w) };
  if (
    point &&
    w.strideY === 1 &&
    w.strideX === 1 &&
    input.height === output.height &&
    input.width === output.width &&
    isDense(input) &&
    isDense(output)
  )
    return { input: line(input), output: line(output), window: w };
  if (w.height === 1 && w.padTop === 0 && w.strideY > 1) {
    const rows = { ...input, height: Math.ceil(input.height / w.strideY), yRows: input.yRows * w.strideY };
    return { input: rows, output, window: { ...w, strideY: 1 } };
  }
  return geometry;
}

function unitStride(w: Window): Window {
  return { ...w, strideY: 1, strideX: 1 };
}

function asVectors(view: TensorView): TensorView {
  return { ...view, batch: 1, height: view.batch, width: 1, yRows: view.batchRows };
}

function line(view: TensorView): TensorView {
  const pixels = view.height * view.width;
  return { ...view, height: 1, width: pixels, yRows: pixels };
}
