/** Tensors on the shelf (residents.ts plans it) while a schedule is written. In: views and boxes. Out: where they lie. */

import type { Region } from './act.js';
import type { HomeBox } from './home.js';
import { rowOf, type TensorView } from './tensors.js';
import type { Box } from './tile.js';

export interface Residents {
  /** Rows of the shelf in each bank. */
  readonly rows: number;
  /** By tensor; rows are counted in the banks of the whole machine. */
  readonly regions: ReadonlyMap<string, Region>;
}

export const noResidents: Residents = { rows: 0, regions: new Map() };

/** A row of a tensor, and the channel block of a view that it belongs to. */
interface BlockRow {
  readonly row: number;
  readonly block: number;
}

/** A tensor on the shelf while a schedule is written: some of its rows are there, some are not made yet or only in DRAM. */
export class Resident {
  private readonly present: Uint8Array;

  constructor(readonly region: Region) {
    this.present = new Uint8Array(region.rows);
  }

  /** Notes that the rows of a view are made here. @returns them, or undefined where its pixels lie apart and no tile of them can be stated. */
  make(view: TensorView): readonly BlockRow[] | undefined {
    if (view.width > 1 && view.xRows !== 1) return undefined;
    const { blocks, height, width } = view;
    const rows = Array.from({ length: view.batch }, (_, batch) =>
      rowsOf(view, { batch, block: 0, blocks, y: 0, x: 0, height, width }),
    ).flat();
    for (const { row } of rows) this.present[row] = 1;
    return rows;
  }

  /** Where a box lies; undefined when it has padding, or not all of it is here. */
  locate(view: TensorView, box: Box): HomeBox | undefined {
    const inside =
      box.y >= 0 && box.x >= 0 && box.y + box.height <= view.height && box.x + box.width <= view.width;
    if (!inside || (box.width > 1 && view.xRows !== 1)) return undefined;
    if (!rowsOf(view, box).every(({ row }) => this.present[row] === 1)) return undefined;
    return this.at(view, box);
  }

  /** Where a box of what is made here lies. */
  at(view: TensorView, box: Box): HomeBox {
    return { first: rowOf(view, box), pitch: view.yRows, blockRows: view.blockRows };
  }
}

/** Rows of a box. */
function rowsOf(view: TensorView, box: Box): readonly BlockRow[] {
  const rows: BlockRow[] = [];
  for (let block = box.block; block < box.block + box.blocks; block++)
    for (let y = box.y; y < box.y + box.height; y++)
      for (let x = box.x; x < box.x + box.width; x++)
        rows.push({ row: rowOf(view, { batch: box.batch, block, y, x }), block });
  return rows;
}
