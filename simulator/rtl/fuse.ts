/**
 * Which cells are evaluated in place, as part of the expression of their one reader, and what every remaining step reads.
 * In: a design. Out: {@link Fusion}. A cell is folded only where its reader evaluates that operand exactly once.
 */

import { cellGroups } from './cell-types.js';
import { type Cell, type Control, type Design, type Operand, operandWidth, type Piece } from './design.js';

/** Widest word that is one WebAssembly value. */
export const NARROW = 64;

/** Deepest nesting of folded cells: keeps expressions, and the recursion over them, shallow. */
const FOLD_DEPTH = 40;

/** An operand and whether its reader evaluates it exactly once, as one value. */
interface Read {
  readonly operand: Operand;
  readonly once: boolean;
}

export interface Fusion {
  /** By cell: folded into its reader. */
  readonly folded: Uint8Array;
  /** By cell: something needs it. */
  readonly live: Uint8Array;
}

export const isNarrow = (cell: Cell) =>
  cell.width <= NARROW &&
  operandWidth(cell.a) <= NARROW &&
  operandWidth(cell.b) <= (cell.type === '$pmux' ? Infinity : NARROW);

/** Operands of a cell in the order of evaluation. */
export function cellReads(design: Design, cell: Cell): readonly Read[] {
  const narrow = isNarrow(cell);
  const group = cellGroups[cell.type];
  const all = [cell.a, cell.b, cell.s];
  switch (group) {
    case 'shift':
    case 'divide':
    case 'power':
      return all.map((operand, i) => ({
        operand,
        once: narrow && group === 'shift' && i === 0 && !cell.bSigned,
      }));
    case 'memory': {
      const memory = design.memories[cell.memory]!;
      const whole = memory.base === 0 && memory.size === 2 ** operandWidth(cell.a);
      return [{ operand: cell.a, once: cell.width <= NARROW && whole && operandWidth(cell.a) <= 32 }];
    }
    case 'select':
      if (cell.type === '$pmux') return pmuxReads(cell, narrow);
      return all.map((operand, i) => ({ operand, once: narrow && (cell.type === '$mux' || i < 2) }));
    default:
      return all.map((operand) => ({ operand, once: narrow }));
  }
}

/** The slices of B are read one by one. */
function pmuxReads(cell: Cell, narrow: boolean): readonly Read[] {
  return [
    { operand: cell.a, once: narrow },
    { operand: cell.b, once: false },
    { operand: cell.s, once: false },
  ];
}

const controlReads = (control: Control | undefined): readonly Read[] =>
  control ? [{ operand: control.bit, once: true }] : [];

/** Operands of register `index`. */
export function registerReads(design: Design, index: number): readonly Read[] {
  const { d, width, enable, reset } = design.registers[index]!;
  return [{ operand: d, once: width <= NARROW }, ...controlReads(enable), ...controlReads(reset)];
}

/** Operands of the write ports of memory `index`. */
export function memoryReads(design: Design, index: number): readonly Read[] {
  return design.memories[index]!.writes.flatMap(({ address, data, enable }) =>
    [address, data, enable].map((operand) => ({ operand, once: false })),
  );
}

/** The cell that drives a piece, or -1. */
export function drivingCell(design: Design, piece: Piece): number {
  if (piece.kind === 'constant') return -1;
  const signal = design.signals[piece.signal]!;
  return signal.source === 'cell' ? signal.index : -1;
}

/** Whether a piece repeats the top bit of the piece below it. */
export function extendsSign(piece: Piece, below: Piece | undefined): boolean {
  return (
    piece.kind === 'repeat' &&
    below?.kind === 'slice' &&
    below.signal === piece.signal &&
    below.offset + below.width - 1 === piece.offset
  );
}

export function fuse(design: Design): Fusion {
  const { cells } = design;
  const live = new Uint8Array(cells.length);
  const references = new Int32Array(cells.length);
  const foldable = new Uint8Array(cells.length);
  const pending: number[] = [];
  const see = (reads: readonly Read[]) => {
    for (const { operand, once } of reads) {
      for (const piece of operand) {
        const cell = drivingCell(design, piece);
        if (cell < 0) continue;
        references[cell]!++;
        if (once && piece.kind === 'slice') foldable[cell] = 1;
        if (live[cell] === 0) pending.push(cell);
        live[cell] = 1;
      }
    }
  };
  see(design.outputs.map(({ value, width }) => ({ operand: value, once: width <= NARROW })));
  for (let i = 0; i < design.registers.length; i++) see(registerReads(design, i));
  for (let i = 0; i < design.memories.length; i++) see(memoryReads(design, i));
  for (let cell = pending.pop(); cell !== undefined; cell = pending.pop())
    see(cellReads(design, cells[cell]!));
  const folded = new Uint8Array(cells.length);
  for (const [i, cell] of cells.entries()) {
    folded[i] =
      live[i] === 1 && references[i] === 1 && foldable[i] === 1 && cell.width <= NARROW && isNarrow(cell)
        ? 1
        : 0;
  }
  return { folded, live };
}

/** Unfolds cells that would nest deeper than {@link FOLD_DEPTH}. `sorted`: live cells, drivers before readers. */
export function limitDepth(design: Design, { folded }: Fusion, sorted: readonly number[]): void {
  const depth = new Int32Array(design.cells.length);
  for (const cell of sorted) {
    for (const { operand } of cellReads(design, design.cells[cell]!)) {
      for (const piece of operand) {
        const driver = drivingCell(design, piece);
        if (driver >= 0 && folded[driver] === 1) depth[cell] = Math.max(depth[cell]!, depth[driver]! + 1);
      }
    }
    if (depth[cell]! >= FOLD_DEPTH) {
      folded[cell] = 0;
      depth[cell] = 0;
    }
  }
}
