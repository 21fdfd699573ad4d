/**
 * Loops that exist between words but not between bits, as in `assign g[6:0] = g[7:1] ^ b[6:0]`: the cells on such a loop
 * are split into cells of one bit. In: a design and the cells of a loop. Out: the design with them split, or undefined
 * when none of them works bit by bit.
 */

import { cellGroups } from './cell-types.js';
import {
  type Cell,
  type Design,
  extendOperand,
  type Operand,
  operandWidth,
  type Piece,
  type Signal,
  sliceOperand,
} from './design.js';

const splits = (cell: Cell) =>
  cell.width > 1 && (cellGroups[cell.type] === 'bitwise' || cellGroups[cell.type] === 'select');

export function splitCells(design: Design, loop: readonly number[]): Design | undefined {
  const chosen = loop.filter((index) => splits(design.cells[index]!));
  if (chosen.length === 0) return undefined;
  const signals: Signal[] = [...design.signals];
  const cells: Cell[] = [...design.cells];
  /** By signal: the signal of its bit 0, where it was split; the others follow. */
  const first = new Map<number, number>();
  for (const index of chosen) {
    const cell = design.cells[index]!;
    first.set(cell.output, signals.length);
    for (let bit = 0; bit < cell.width; bit++) {
      // Bit 0 takes the place of the whole cell.
      const place = bit === 0 ? index : cells.length;
      cells[place] = oneBit(cell, bit, signals.length);
      signals.push({ width: 1, source: 'cell', index: place });
    }
  }
  const piece = (old: Piece): Operand => {
    const start = old.kind === 'constant' ? undefined : first.get(old.signal);
    if (start === undefined || old.kind === 'constant') return [old];
    const bit = (i: number): Piece => ({ kind: 'slice', signal: start + i, offset: 0, width: 1 });
    if (old.kind === 'repeat') return [{ ...old, signal: start + old.offset, offset: 0 }];
    return Array.from({ length: old.width }, (_, i) => bit(old.offset + i));
  };
  return rewrite({ ...design, signals, cells }, (operand) => operand.flatMap(piece));
}

function oneBit(cell: Cell, bit: number, output: number): Cell {
  const { type, width } = cell;
  const at = (operand: Operand) => sliceOperand(operand, bit, 1);
  const shared = { ...cell, output, width: 1 };
  if (type === '$mux') return { ...shared, a: at(cell.a), b: at(cell.b) };
  if (type === '$bwmux') return { ...shared, a: at(cell.a), b: at(cell.b), s: at(cell.s) };
  if (type === '$pmux') {
    const choices = operandWidth(cell.s);
    const b = Array.from({ length: choices }, (_, i) => sliceOperand(cell.b, i * width + bit, 1)).flat();
    return { ...shared, a: at(cell.a), b };
  }
  const signed = type === '$not' ? cell.aSigned : cell.aSigned && cell.bSigned;
  const operand = (word: Operand) => (word.length === 0 ? word : at(extendOperand(word, width, signed)));
  return { ...shared, a: operand(cell.a), b: operand(cell.b) };
}

/** The design with every operand replaced. */
function rewrite(design: Design, of: (operand: Operand) => Operand): Design {
  const { lookup } = design;
  return {
    ...design,
    cells: design.cells.map((cell) => ({ ...cell, a: of(cell.a), b: of(cell.b), s: of(cell.s) })),
    registers: design.registers.map((register) => ({
      ...register,
      d: of(register.d),
      enable: register.enable && { ...register.enable, bit: of(register.enable.bit) },
      reset: register.reset && { ...register.reset, bit: of(register.reset.bit) },
    })),
    memories: design.memories.map((memory) => ({
      ...memory,
      writes: memory.writes.map(({ address, data, enable }) => ({
        address: of(address),
        data: of(data),
        enable: of(enable),
      })),
    })),
    outputs: design.outputs.map((output) => ({ ...output, value: of(output.value) })),
    lookup: (name) => {
      const operand = lookup(name);
      return operand && of(operand);
    },
  };
}
