/**
 * Tiles of activation tensors between DRAM and act. A tile is a box of channel blocks and pixels, whose pixels may lie outside
 * the tensor: those are padding. In act it is
 *
 *     row(block, y, x) = block * blockRows + y * pitch + x        x, y from 0 at the tile's corner
 *
 * Left padding of a row and right padding of the row above share their cells, so the pitch is only valid width + the larger of
 * the two. With valid width 4, left 1, right 1:   . a b c d . e f g h .      (pitch 5, 3 pads instead of 4)
 */

import { invariant } from '../../base/index.js';
import { type ActState, type Region, regionAddress } from './act.js';
import type { Emitter } from './emitter.js';
import { rowOf, type TensorView } from './tensors.js';

/** A box: `blocks` channel blocks from `block`, pixels from (y, x), which may be negative. */
export interface Box {
  readonly batch: number;
  readonly block: number;
  readonly blocks: number;
  readonly y: number;
  readonly x: number;
  readonly height: number;
  readonly width: number;
}

/** How a box lies in act. */
export interface TileShape {
  readonly pitch: number;
  readonly blockRows: number;
  readonly rows: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly validHeight: number;
  readonly validWidth: number;
}

const MAXIMUM_RUN = 65535;

export function tileShape(view: TensorView, box: Box): TileShape {
  const top = Math.min(box.height, Math.max(0, -box.y));
  const left = Math.min(box.width, Math.max(0, -box.x));
  const validHeight = Math.max(0, Math.min(view.height, box.y + box.height) - Math.max(0, box.y));
  const validWidth = Math.max(0, Math.min(view.width, box.x + box.width) - Math.max(0, box.x));
  if (validHeight === 0 || validWidth === 0) {
    const blockRows = box.height * box.width;
    const empty = { padTop: box.height, padLeft: 0, validHeight: 0, validWidth: 0 };
    return { pitch: box.width, blockRows, rows: box.blocks * blockRows, ...empty };
  }
  const right = box.width - left - validWidth;
  const pitch = validWidth + Math.max(left, right);
  const blockRows = (box.height - 1) * pitch + box.width;
  return {
    pitch,
    blockRows,
    rows: box.blocks * blockRows,
    padTop: top,
    padLeft: left,
    validHeight,
    validWidth,
  };
}

/** Emits what brings a box into rows `first`... of a region: padding where it does not stand already, then the pixels. */
export function loadTile(
  { emitter, act }: { readonly emitter: Emitter; readonly act: ActState },
  view: TensorView,
  box: Box,
  target: { readonly region: Region; readonly first: number; readonly padValue: number },
): TileShape {
  const shape = tileShape(view, box);
  const { region, first } = target;
  invariant(first + shape.rows <= region.rows, `a tile of ${shape.rows} rows in ${region.rows}`);
  const key = JSON.stringify([shape, box.height, box.width, target.padValue]);
  const stands = act.claimBorder(region, first, first + shape.rows, key);
  if (!stands) fillBorder(emitter, box, shape, target);
  if (shape.validHeight > 0) loadPixels(emitter, view, box, shape, regionAddress(region, first));
  act.markWritten(region, first, first + shape.rows);
  return shape;
}

/** Emits the padding of a tile. */
export function fillBorder(
  emitter: Emitter,
  box: Box,
  s: TileShape,
  target: { readonly region: Region; readonly first: number; readonly padValue: number },
): void {
  const fill = (from: number, rows: number, runs: number, runStride: number) => {
    if (rows <= 0 || runs <= 0) return;
    const address = regionAddress(target.region, target.first + from);
    const planes = { planes: box.blocks, planeStride: box.blocks > 1 ? s.blockRows : 0 };
    emitter.emit('fill', {
      address,
      value: target.padValue,
      rows,
      runs,
      runStride: runs > 1 ? runStride : 0,
      ...planes,
    });
  };
  if (s.validHeight === 0) {
    fill(0, s.blockRows, 1, 0);
    return;
  }
  const firstValid = s.padTop * s.pitch + s.padLeft;
  const lastEnd = firstValid + (s.validHeight - 1) * s.pitch + s.validWidth;
  fill(0, firstValid, 1, 0);
  fill(firstValid + s.validWidth, s.pitch - s.validWidth, s.validHeight - 1, s.pitch);
  fill(lastEnd, s.blockRows - lastEnd, 1, 0);
}

function loadPixels(emitter: Emitter, view: TensorView, box: Box, s: TileShape, address: number): void {
  const y = Math.max(0, box.y);
  const x = Math.max(0, box.x);
  const valid = { ...box, y, x, height: s.validHeight, width: s.validWidth };
  for (const piece of transferablePieces(view, valid)) {
    const first = address + s.padTop * s.pitch + s.padLeft + (piece.block - box.block) * s.blockRows;
    const fields = { buffer: 0, address: first, ...boxTransfer(view, piece, s) };
    emitter.transfer('load', fields, {
      tensor: view.tensor,
      offset: rowOf(view, piece) * view.pitch,
    });
  }
}

/** A box as transfers can state it: where neighbouring pixels lie apart, the rows take a loop and each channel block stands alone. */
function transferablePieces(view: TensorView, box: Box): readonly Box[] {
  if (view.xRows === 1 || box.width === 1 || box.height === 1) return [box];
  return Array.from({ length: box.blocks }, (_, i) => ({ ...box, block: box.block + i, blocks: 1 }));
}

/** The loops of a transfer of valid pixels, with as few and as long runs as the two sides allow. */
export function boxTransfer(
  view: TensorView,
  box: { readonly blocks: number; readonly height: number; readonly width: number },
  act: { readonly pitch: number; readonly blockRows: number },
) {
  if (view.xRows !== 1 && box.width > 1) return spreadTransfer(view, box, act);
  let loops = { rows: box.width, runs: box.height, planes: box.blocks };
  let dram = { run: view.yRows, plane: view.blockRows };
  let rows = { run: act.pitch, plane: act.blockRows };
  // Runs that follow one another on both sides are one run; then planes take the place of runs.
  for (let step = 0; step < 2; step++) {
    const joined = loops.rows * loops.runs;
    const follows = loops.runs === 1 || (dram.run === loops.rows && rows.run === loops.rows);
    if (!follows || joined > MAXIMUM_RUN) break;
    loops = { rows: joined, runs: loops.planes, planes: 1 };
    dram = { run: dram.plane, plane: 0 };
    rows = { run: rows.plane, plane: 0 };
  }
  return {
    rows: loops.rows,
    runs: loops.runs,
    runDramStride: loops.runs > 1 ? dram.run * view.pitch : 0,
    runStride: loops.runs > 1 ? rows.run : 0,
    planes: loops.planes,
    planeDramStride: loops.planes > 1 ? dram.plane * view.pitch : 0,
    planeStride: loops.planes > 1 ? rows.plane : 0,
  };
}

/** The same where neighbouring pixels lie apart: one row a run. Of several channel blocks the box has one line of pixels. */
function spreadTransfer(
  view: TensorView,
  box: { readonly blocks: number; readonly height: number; readonly width: number },
  act: { readonly pitch: number; readonly blockRows: number },
) {
  const lines = box.height > 1;
  const planes = lines ? box.height : box.blocks;
  const plane = lines ? { dram: view.yRows, act: act.pitch } : { dram: view.blockRows, act: act.blockRows };
  return {
    rows: 1,
    runs: box.width,
    runDramStride: view.xRows * view.pitch,
    runStride: 1,
    planes,
    planeDramStride: planes > 1 ? plane.dram * view.pitch : 0,
    planeStride: planes > 1 ? plane.act : 0,
  };
}

/** Emits the store of a box at rows `first`... of a region: dense, or with the pitches that are stated. */
export function storeTile(
  emitter: Emitter,
  view: TensorView,
  box: Box,
  source: {
    readonly region: Region;
    readonly first: number;
    readonly pitch?: number;
    readonly blockRows?: number;
  },
): void {
  const { pitch = box.width, blockRows = box.height * box.width } = source;
  const act = { pitch, blockRows };
  for (const piece of transferablePieces(view, box)) {
    const first = regionAddress(source.region, source.first + (piece.block - box.block) * act.blockRows);
    emitter.transfer(
      'store',
      { address: first, ...boxTransfer(view, piece, act) },
      { tensor: view.tensor, offset: rowOf(view, piece) * view.pitch },
    );
  }
}
