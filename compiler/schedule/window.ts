/** Windows (kernels) over pictures: which input box an output box needs. */

import type { Place } from '../../base/index.js';
import type { Transfer } from '../../models/analytic/index.js';
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

interface TileSize {
  readonly tileHeight: number;
  readonly tileWidth: number;
}

/** About how many input tiles have their padding written: one a region for a shape, and again where shapes change from tile to tile. */
export function fillCount(geometry: Geometry, tile: TileSize, passes: number): number {
  const { output } = geometry;
  const tilesY = Math.ceil(output.height / tile.tileHeight);
  const tilesX = Math.ceil(output.width / tile.tileWidth);
  const tiles = output.batch * tilesY * tilesX;
  const { vertical, horizontal } = padding(geometry);
  if (vertical === 0 && horizontal === 0) return 0;
  // One shape, and that of a smaller last group.
  if (tilesY * tilesX === 1) return Math.min(passes * output.batch, 3);
  const edges = tilesX > 2 ? tilesY * Math.min(4, tilesX) : Math.min(4, tilesY) * tilesX;
  return passes * Math.min(tiles, output.batch * edges);
}

/** About how many rows of padding a tile at the border has. */
export function fillRows(geometry: Geometry, tile: TileSize, blocks: number): number {
  const { output, window: w } = geometry;
  const { vertical, horizontal } = padding(geometry);
  const width = inputWidth(w, tile.tileWidth);
  const height = inputHeight(w, tile.tileHeight);
  const sides = tile.tileWidth === output.width ? 1 : 0.5;
  return blocks * (vertical * width + sides * horizontal * height);
}

/** The wider padding of the two sides in each direction. */
function padding({ input, output, window: w }: Geometry) {
  const bottom = inputHeight(w, output.height) - w.padTop - input.height;
  const right = inputWidth(w, output.width) - w.padLeft - input.width;
  return { vertical: Math.max(w.padTop, bottom, 0), horizontal: Math.max(w.padLeft, right, 0) };
}

/**
 * Runs of the transfer of a box, whose height and width may reach beyond the tensor (padding): lines that follow one another in DRAM and in
 * act are one run, and so are channel blocks of whole pictures.
 */
export function boxRuns(
  view: TensorView,
  box: { readonly blocks: number; readonly height: number; readonly width: number },
): Transfer {
  const height = Math.min(box.height, view.height);
  const width = Math.min(box.width, view.width);
  if (view.xRows !== 1 && width > 1) return { rows: 1, runs: width * height * box.blocks };
  const lines = height === 1 || (box.width === width && view.yRows === width);
  if (!lines) return { rows: width, runs: height * box.blocks };
  const area = height * width;
  const pictures = box.blocks === 1 || (box.height === height && view.blockRows === area);
  return pictures ? { rows: area * box.blocks, runs: 1 } : { rows: area, runs: box.blocks };
}

/** Input and output as the tiler sees them. */
export interface Geometry {
  readonly input: TensorView;
  readonly output: TensorView;
  readonly window: Window;
  /**
   * Input-stationary: `input` is the weights, an output channel a pixel; activations rest in the array in the weights' place, and `output` has
   * pixels for channels and channels for pixels.
   */
  readonly exchanged?: true;
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
    // Equal pixels in other rows: a copy under another shape.
    input.height * input.width === output.height * output.width &&
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
