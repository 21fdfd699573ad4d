/**
 * Small tensors that stay in act from the layer that makes them to their last reader: states of recurrent layers, gates of channels, what
 * passes from dense layer to dense layer. They lie on a shelf, the last rows of every bank, which no tile uses, row by row as in DRAM; two
 * share rows where one is read for the last time before the other is made. In: the layers of a network. Out: the place of each that has one.
 */

import type { Machine } from '../../models/machine/index.js';
import type { Node } from '../graph/index.js';
import type { Region } from './act.js';
import type { Placement } from './placement.js';
import type { Residents } from './shelf.js';
import type { DramTensors } from './tensors.js';

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
