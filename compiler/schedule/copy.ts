/** Copies between views of tensors: load and store, through act, without the vector unit. */

import { actRegions } from './act.js';
import { pixelBoxes } from './conv.js';
import { MAXIMUM_COUNT } from './conv-cost.js';
import type { Copy } from './placement.js';
import type { Session } from './session.js';
import type { TensorView } from './tensors.js';
import { storeTile } from './tile.js';

/** Emits the copies; one view that goes to several places is loaded once. */
export function emitCopies(session: Session, copies: readonly Copy[]): void {
  const bySource = new Map<string, { readonly from: TensorView; readonly to: TensorView[] }>();
  for (const { from, to } of copies) {
    const key = JSON.stringify([from, to.height, to.width, to.batch]);
    const known = bySource.get(key);
    if (known === undefined) bySource.set(key, { from, to: [to] });
    else known.to.push(to);
  }
  for (const { from, to } of bySource.values()) copyTiles(session, from, to);
}

function copyTiles(session: Session, from: TensorView, targets: readonly TensorView[]): void {
  const capacity = actRegions(session.machine).inputs[0]!.rows;
  const tileWidth = Math.min(from.width, capacity, MAXIMUM_COUNT);
  const tileHeight = Math.min(from.height, Math.floor(capacity / tileWidth), MAXIMUM_COUNT);
  const blocks = Math.min(from.blocks, Math.floor(capacity / (tileWidth * tileHeight)), MAXIMUM_COUNT);
  for (const pixels of pixelBoxes(from, tileHeight, tileWidth)) {
    for (let block = 0; block < from.blocks; block += blocks) {
      const box = { ...pixels, block, blocks: Math.min(blocks, from.blocks - block) };
      const tile = session.bring(from, box, 0);
      for (const to of targets) storeTile(session.emitter, to, box, tile);
    }
  }
}
