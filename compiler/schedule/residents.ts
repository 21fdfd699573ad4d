/**
 * Small tensors that stay in act from the layer that makes them to their last reader: states of recurrent layers, gates of channels, what
 * passes from dense layer to dense layer. They lie on a shelf, the last rows of every bank, which no tile uses, row by row as in DRAM; two
 * share rows where one is read for the last time before the other is made. In: the layers of a network. Out: the place of each that has one.
 */

import type { Machine } from '../../models/machine/index.js';
import type { Node } from '../graph/index.js';
import type { Region } from './act.js';
import type { HomeBox } from './home.js';
import type { Placement } from './placement.js';
import { type DramTensors, rowOf, type TensorView } from './tensors.js';
import type { Box } from './tile.js';

export interface Residents {
  /** Rows of the shelf in each bank. */
  readonly rows: number;
  /** By tensor; rows are counted in the banks of the whole machine. */
  readonly regions: ReadonlyMap<string, Region>;
}

export const noResidents: Residents = { rows: 0, regions: new Map() };

/** At most this part of a bank is shelf. */
const LARGEST_PART = 1 / 8;

/** A tensor with the layers between which it is needed. */
interface Life {
  readonly tensor: string;
  readonly rows: number;
  readonly made: number;
  last: number;
}

/**
 * @param nodes in the order in which they are written.
 * @param wanted which nodes' results may stay.
 */
export function planResidents(
  nodes: readonly Node[],
  { placement, tensors, machine }: { placement: Placement; tensors: DramTensors; machine: Machine },
  wanted: (node: Node) => boolean,
): Residents {
  const { banks, rowsPerBank } = machine.buffers.activation;
  const most = Math.floor(rowsPerBank * LARGEST_PART);
  const shelves = Array.from({ length: banks }, () => new Shelf(most));
  const places: { readonly life: Life; readonly bank: number; readonly row: number }[] = [];
  const cost = ({ rows, made, last }: Life) => rows * (last - made);
  const lives = livesOf(nodes, { placement, tensors }, wanted).filter(({ rows }) => rows <= most);
  for (const life of lives.sort((a, b) => cost(a) - cost(b) || a.made - b.made)) {
    const found = shelves
      .map((shelf, bank) => ({ bank, row: shelf.find(life) }))
      .filter((place): place is { bank: number; row: number } => place.row !== undefined)
      // The lowest row of all banks: shelves stay small, and what is used together lies in several banks.
      .sort((a, b) => a.row - b.row)[0];
    if (found === undefined) continue;
    shelves[found.bank]!.put(life, found.row);
    places.push({ life, ...found });
  }
  const rows = Math.max(0, ...places.map(({ life, row }) => row + life.rows));
  const regions = places.map(({ life, bank, row }): [string, Region] => [
    life.tensor,
    { bank, first: rowsPerBank - rows + row, rows: life.rows },
  ]);
  return { rows, regions: new Map(regions) };
}

function livesOf(
  nodes: readonly Node[],
  { placement, tensors }: { placement: Placement; tensors: DramTensors },
  wanted: (node: Node) => boolean,
): Life[] {
  const lives = new Map<string, Life>();
  nodes.forEach((node, index) => {
    for (const name of node.inputs) {
      if (!placement.isStored(name)) continue;
      const life = lives.get(placement.view(tensors, name).tensor);
      if (life !== undefined) life.last = index;
    }
    if (!wanted(node)) return;
    const { tensor } = placement.view(tensors, node.outputs[0]!);
    if (!lives.has(tensor))
      lives.set(tensor, { tensor, rows: tensors.rows(tensor), made: index, last: index });
  });
  return [...lives.values()].filter(({ made, last }) => last > made);
}

/** The rows of one bank over the layers. */
class Shelf {
  private readonly taken: { readonly life: Life; readonly row: number }[] = [];

  constructor(private readonly rows: number) {}

  /** The first rows that are free as long as the tensor lives; undefined where there are none. */
  find({ rows, made, last }: Life): number | undefined {
    const rivals = this.taken.filter(({ life }) => life.made <= last && made <= life.last);
    let row = 0;
    for (const rival of rivals.sort((a, b) => a.row - b.row)) {
      if (rival.row - row >= rows) return row;
      row = Math.max(row, rival.row + rival.life.rows);
    }
    return this.rows - row >= rows ? row : undefined;
  }

  put(life: Life, row: number): void {
    this.taken.push({ life, row });
  }
}

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
