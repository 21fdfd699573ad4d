/** Where an instruction comes from, for whoever reads a trace. In: Program and index. Out: node, layer, dataflow line, tile, text. */

import { formatInstruction, type Program, type UnitName, unitOf } from '../../compiler/isa/index.js';

export interface InstructionPlace {
  readonly index: number;
  readonly mnemonic: string;
  /** Unit that executes it; `fetch` for `end`. */
  readonly unit: UnitName | 'fetch';
  /** Layer of the program and the network's node and operator behind it; empty where the instruction belongs to none. */
  readonly layer: string;
  readonly node: string;
  readonly operator: string;
  /** 1-based line of the printed dataflow; 0: none. */
  readonly line: number;
  /** Which of the instructions that this dataflow line expands to in its layer, from 0, and how many there are. */
  readonly tile: number;
  readonly tiles: number;
  /** One line of assembly. */
  readonly text: string;
}

/** A function from instruction index to place; it counts the tiles of the program once. */
export function placesOf(program: Program): (index: number) => InstructionPlace {
  const { tile, tiles } = countTiles(program);
  return (index) => {
    const instruction = program.instructions[index]!;
    const layer = program.layers[program.layerOf[index]!];
    return {
      index,
      mnemonic: instruction.mnemonic,
      unit: unitOf(instruction) ?? 'fetch',
      layer: layer?.name ?? '',
      node: layer?.node ?? '',
      operator: layer?.operator ?? '',
      line: program.lineOf[index]!,
      tile: tile[index]!,
      tiles: tiles.get(program.lineOf[index]!)!,
      text: formatInstruction(instruction),
    };
  };
}

/** A dataflow line belongs to one layer, so instructions of a line are the rounds of the loops around it. */
function countTiles(program: Program): { tile: Int32Array; tiles: ReadonlyMap<number, number> } {
  const tile = new Int32Array(program.instructions.length);
  const tiles = new Map<number, number>();
  for (let index = 0; index < tile.length; index++) {
    const line = program.lineOf[index]!;
    tile[index] = tiles.get(line) ?? 0;
    tiles.set(line, tile[index]! + 1);
  }
  return { tile, tiles };
}

/** A place in one line: `instruction 12 (matmul), layer conv1 (Conv), tile 3 of 8, dataflow line 40`. */
export function formatPlace(place: InstructionPlace): string {
  const parts = [`instruction ${place.index} (${place.mnemonic})`];
  if (place.layer !== '') parts.push(`layer ${place.layer}`);
  if (place.node !== '') parts.push(`node ${place.node} (${place.operator})`);
  if (place.tiles > 1) parts.push(`tile ${place.tile + 1} of ${place.tiles}`);
  if (place.line > 0) parts.push(`dataflow line ${place.line}`);
  return parts.join(', ');
}
