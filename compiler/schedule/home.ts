/**
 * Tensors that stay in act after the layer that made them, so that the next one reads them there instead of loading them. In: a tensor's
 * picture and the padding that its reader wants around it. Out: how it lies in its region, and where a box of any view of it lies.
 */

import type { HomeShape, Padding } from './home-shape.js';
import { samePicture, type TensorView } from './tensors.js';
import { type Box, tileShape } from './tile.js';

/** Where a box lies in a home: row of its corner from the region's start, rows from line to line and from block to block. */
export interface HomeBox {
  readonly first: number;
  readonly pitch: number;
  readonly blockRows: number;
}

export const noPadding: Padding = { top: 0, left: 0, bottom: 0, right: 0, value: 0 };

/** The picture with its padding as a box. */
export function homeBox(
  { blocks, height, width }: Pick<HomeShape, 'blocks' | 'height' | 'width'>,
  p: Padding,
): Box {
  const extent = { height: height + p.top + p.bottom, width: width + p.left + p.right };
  return { batch: 0, block: 0, blocks, y: -p.top, x: -p.left, ...extent };
}

/** The home of a tensor, or undefined when it has more than one picture, does not lie whole and dense, or does not fit in `rows`. */
export function homeShape(view: TensorView, padding: Padding, rows: number): HomeShape | undefined {
  const { tensor, batch, blocks, height, width } = view;
  const whole =
    view.first === 0 && view.xRows === 1 && view.yRows === width && view.blockRows === height * width;
  if (batch !== 1 || !whole) return undefined;
  const shape = tileShape(view, homeBox(view, padding));
  if (shape.rows > rows) return undefined;
  return {
    tensor,
    height,
    width,
    blocks,
    padding,
    pitch: shape.pitch,
    blockRows: shape.blockRows,
    rows: shape.rows,
  };
}

/** Whether a home holds every box of a view: of its pictures, or of their pixels in one line where no padding lies between. */
export function holdsForm(home: HomeShape, view: TensorView): boolean {
  const line = view.height === 1 && view.width === home.height * home.width && home.pitch === home.width;
  return view.blocks === home.blocks && (samePicture(home, view) || line);
}

/** Where a box of a view of the tensor lies; undefined when the home does not hold it in that form. @param value of the padding that it needs. */
export function locate(home: HomeShape, view: TensorView, box: Box, value: number): HomeBox | undefined {
  if (view.tensor !== home.tensor || view.batch !== 1 || view.xRows !== 1) return undefined;
  const area = home.height * home.width;
  if (view.blocks > 1 && view.blockRows !== area) return undefined;
  const block = Math.floor(view.first / area) + box.block;
  const corner = view.first % area;
  if (block + box.blocks > home.blocks) return undefined;
  const at = (y: number, x: number) =>
    block * home.blockRows + home.padding.top * home.pitch + home.padding.left + y * home.pitch + x;
  const { blockRows } = home;
  if (liesWithin(view, box)) {
    const row = corner + box.y * view.yRows + box.x;
    // Rows of a view may be other pictures.
    if (row + (box.height - 1) * view.yRows + box.width > area) return undefined;
    const y = Math.floor(row / home.width);
    const x = row % home.width;
    const oneLine = x + box.width <= home.width;
    if (!oneLine && home.pitch !== home.width) return undefined;
    if (box.height > 1 && (view.yRows % home.width !== 0 || !oneLine)) return undefined;
    return { first: at(y, x), pitch: (view.yRows / home.width) * home.pitch, blockRows };
  }
  const same =
    corner === 0 && view.height === home.height && view.width === home.width && view.yRows === home.width;
  if (!same || value !== home.padding.value || !liesInPadding(home, box)) return undefined;
  return { first: at(box.y, box.x), pitch: home.pitch, blockRows };
}

function liesWithin(view: TensorView, box: Box): boolean {
  return box.y >= 0 && box.x >= 0 && box.y + box.height <= view.height && box.x + box.width <= view.width;
}

function liesInPadding({ height, width, padding: p }: HomeShape, box: Box): boolean {
  const vertical = box.y >= -p.top && box.y + box.height <= height + p.bottom;
  return vertical && box.x >= -p.left && box.x + box.width <= width + p.right;
}
