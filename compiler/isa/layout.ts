/**
 * Activation tensors in DRAM: tensors of the machine's activations to channel-blocked rows and back (the formula stands at `BlockedLayout`). In:
 * shapes, tensors, DRAM bytes. Out: layouts, bytes, tensors.
 */

import {
  ceilDivide,
  DiagnosticError,
  type ElementType,
  elementArray,
  type Place,
  readElement,
  type Tensor,
  tensor,
  writeElement,
} from '../../base/index.js';
import { bufferRowFormat, type Machine } from '../../models/machine/index.js';
import { layoutElement, layoutMismatch, layoutRank, outsideDram } from './diagnostics.js';
import { actRow, type BlockedLayout, type KeptResult } from './program.js';

/**
 * The layout of an activation tensor on a machine.
 * @param shape [N, K] (C = K, H = W = 1) or [N, C, H, W], extents 1 or more.
 * @throws DiagnosticError for another rank or an empty extent.
 */
export function blockedLayout(machine: Machine, shape: readonly number[], where?: Place): BlockedLayout {
  const whole = shape.every((extent) => Number.isInteger(extent) && extent >= 1);
  if ((shape.length !== 2 && shape.length !== 4) || !whole) {
    throw new DiagnosticError([layoutRank(shape, where)]);
  }
  const [batch, channels, height = 1, width = 1] = shape as readonly [number, number, number?, number?];
  const { pitch } = bufferRowFormat(machine, 'act');
  const bits = machine.elements.activationBits;
  return { batch, channels, height, width, lanes: machine.array.rows, pitch, bits };
}

/** The same tensor with pixels in lanes and channels in rows. */
export function exchangedLayout(layout: BlockedLayout): BlockedLayout {
  return { ...layout, exchanged: true };
}

/** Blocks of lanes of a picture: ceil(channels / lanes), or of all pictures: ceil(pixels / lanes). */
export function layoutBlocks({ exchanged, batch, channels, height, width, lanes }: BlockedLayout): number {
  return ceilDivide(exchanged ? batch * height * width : channels, lanes);
}

/** Rows of a block of lanes of an exchanged layout: one a channel, in whole tiles of the array. */
export function channelRows({ channels, lanes }: Pick<BlockedLayout, 'channels' | 'lanes'>): number {
  return ceilDivide(channels, lanes) * lanes;
}

/** Bytes that a tensor of this layout occupies. */
export function layoutBytes(layout: BlockedLayout): number {
  return layoutRows(layout) * layout.pitch;
}

/** Act rows of a layout: one a pixel and channel block, or one a channel and block of pixels. */
export function layoutRows(layout: BlockedLayout): number {
  if (layout.exchanged) return layoutBlocks(layout) * channelRows(layout);
  return layout.batch * layoutBlocks(layout) * layout.height * layout.width;
}

/** Rows of its bank in which a kept result lies, in the order in which they lie in DRAM. */
export function keptRows(layout: BlockedLayout, kept: KeptResult): readonly number[] {
  const rows: number[] = [];
  for (let picture = 0; picture < layout.batch; picture++)
    for (let block = 0; block < layoutBlocks(layout); block++)
      for (let y = 0; y < layout.height; y++) {
        const line = picture * kept.pictureRows + block * kept.blockRows + y * kept.pitch;
        for (let x = 0; x < layout.width; x++) rows.push(actRow(kept.address) + line + x);
      }
  return rows;
}

/** [N, C, H, W] of a layout. */
export function layoutShape(layout: BlockedLayout): readonly [number, number, number, number] {
  return [layout.batch, layout.channels, layout.height, layout.width];
}

/** Byte offset, from the tensor's address, of the row that holds element (n, c, y, x). */
export function rowOffset(layout: BlockedLayout, n: number, c: number, y: number, x: number): number {
  const block = n * layoutBlocks(layout) + Math.floor(c / layout.lanes);
  return ((block * layout.height + y) * layout.width + x) * layout.pitch;
}

/**
 * Writes a tensor of the layout's elements into `dram` at `address`. Bytes of lanes past the last channel and of the pitch are left alone.
 * @throws DiagnosticError when the element type or shape does not fit, or the bytes lie outside `dram`.
 */
export function packTensor(
  source: Tensor,
  layout: BlockedLayout,
  dram: Uint8Array,
  address: number,
  where?: Place,
): void {
  const expected = `int${layout.bits}`;
  if (source.element !== expected)
    throw new DiagnosticError([layoutElement(source.element, expected, where)]);
  if (!shapeFits(source.shape, layout)) {
    throw new DiagnosticError([layoutMismatch(source.shape, layoutShape(layout), where)]);
  }
  checkInside(layout, dram, address, where);
  const { data } = source;
  const { bits } = layout;
  forEachElement(layout, (place, offset, index) => {
    writeElement(dram, { row: address + offset, index, bits }, Number(data[place]));
  });
}

/**
 * Reads the tensor that lies in `dram` at `address`.
 * @returns [N, C, H, W] of the layout's elements (a vector [N, K] comes back as [N, K, 1, 1]).
 * @throws DiagnosticError when the bytes lie outside `dram`.
 */
export function unpackTensor(
  layout: BlockedLayout,
  dram: Uint8Array,
  address: number,
  where?: Place,
): Tensor {
  checkInside(layout, dram, address, where);
  const shape = layoutShape(layout);
  const { bits } = layout;
  const data = elementArray(bits, shape[0] * shape[1] * shape[2] * shape[3]);
  forEachElement(layout, (place, offset, index) => {
    data[place] = readElement(dram, { row: address + offset, index, bits });
  });
  return tensor(`int${bits}` as ElementType, shape, data);
}

/** [N, C] is one pixel, [N, C, L] one row of them. */
/** A vector [C] is one picture of one pixel, and a line [N, C, W] one of height 1. */
function shapeFits(shape: readonly number[], layout: BlockedLayout): boolean {
  const [n, c, ...pixels] = shape.length === 1 ? [1, ...shape] : shape;
  const [height, width] = pixels.length === 2 ? pixels : [1, pixels[0] ?? 1];
  const fits = shape.length >= 1 && pixels.length <= 2;
  return fits && [n, c, height, width].join() === layoutShape(layout).join();
}

function checkInside(
  layout: BlockedLayout,
  dram: Uint8Array,
  address: number,
  where: Place | undefined,
): void {
  const bytes = layoutBytes(layout);
  if (address < 0 || address + bytes > dram.length) {
    throw new DiagnosticError([outsideDram({ address, bytes, dramBytes: dram.length }, where)]);
  }
}

/** Calls `visit` with the row-major NCHW place of every element, the byte offset of its row and its index there. */
function forEachElement(
  layout: BlockedLayout,
  visit: (place: number, offset: number, index: number) => void,
): void {
  const pixels = layout.height * layout.width;
  if (layout.exchanged) {
    forEachExchanged(layout, visit);
    return;
  }
  let place = 0;
  for (let n = 0; n < layout.batch; n++) {
    for (let c = 0; c < layout.channels; c++) {
      const first = rowOffset(layout, n, c, 0, 0);
      for (let pixel = 0; pixel < pixels; pixel++)
        visit(place++, first + pixel * layout.pitch, c % layout.lanes);
    }
  }
}

function forEachExchanged(
  layout: BlockedLayout,
  visit: (place: number, offset: number, index: number) => void,
): void {
  const { batch, channels, lanes, pitch } = layout;
  const pixels = layout.height * layout.width;
  const rows = channelRows(layout);
  let place = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < pixels; i++) {
        const pixel = n * pixels + i;
        visit(place++, (Math.floor(pixel / lanes) * rows + c) * pitch, pixel % lanes);
      }
    }
  }
}
