/**
 * The flat design: what the scheduler and the code generator work on. One signal for each word that something drives,
 * cells that compute signals from operands, registers and memories that keep state. All on one clock edge, two-state.
 */

import { InternalError } from '../../base/index.js';

/** A run of bits of an operand. `repeat` is one bit of a signal, `width` times (a sign extension). */
export type Piece =
  | { readonly kind: 'constant'; readonly width: number; readonly value: bigint }
  | { readonly kind: 'slice'; readonly width: number; readonly signal: number; readonly offset: number }
  | { readonly kind: 'repeat'; readonly width: number; readonly signal: number; readonly offset: number };

/** A word assembled from pieces, least significant first. */
export type Operand = readonly Piece[];

export interface Signal {
  readonly width: number;
  readonly source: 'input' | 'cell' | 'register';
  /** Index in `inputs`, `cells` or `registers`. */
  readonly index: number;
}

/** A combinational cell, named as in Yosys; `$memrd` reads `memory` at address `a`. */
export interface Cell {
  readonly type: string;
  readonly path: string;
  readonly src: string | undefined;
  /** The signal that it drives. */
  readonly output: number;
  readonly width: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly s: Operand;
  readonly aSigned: boolean;
  readonly bSigned: boolean;
  readonly memory: number;
}

/** A one-bit condition: true while the operand's bit equals `activeHigh`. */
export interface Control {
  readonly bit: Operand;
  readonly activeHigh: boolean;
}

export interface Register {
  readonly path: string;
  readonly src: string | undefined;
  readonly q: number;
  readonly width: number;
  readonly d: Operand;
  readonly enable: Control | undefined;
  /** Synchronous; `overEnable`: acts without the enable. */
  readonly reset: (Control & { readonly value: bigint; readonly overEnable: boolean }) | undefined;
  readonly initial: bigint;
}

/** One write port; ports later in the list win. `enable` has a bit a data bit. */
export interface WritePort {
  readonly address: Operand;
  readonly data: Operand;
  readonly enable: Operand;
}

export interface Memory {
  readonly path: string;
  readonly src: string | undefined;
  readonly width: number;
  readonly size: number;
  /** Address of word 0. */
  readonly base: number;
  /** Contents at the start by word, up to the last that is not 0. */
  readonly initial: readonly bigint[];
  readonly writes: readonly WritePort[];
}

export interface Port {
  readonly name: string;
  readonly width: number;
}

export interface Design {
  readonly signals: readonly Signal[];
  readonly cells: readonly Cell[];
  readonly registers: readonly Register[];
  readonly memories: readonly Memory[];
  readonly inputs: readonly (Port & { readonly signal: number })[];
  readonly outputs: readonly (Port & { readonly value: Operand })[];
  /** The input that clocks all registers; undefined when there are none. */
  readonly clock: string | undefined;
  /** The word behind a hierarchical name (`u_pe.sum_q`), or undefined. */
  readonly lookup: (name: string) => Operand | undefined;
  /** What the source calls the cell at a path (Yosys' own names are `$...`): the net that it drives; and where that stands. */
  readonly sourceOf: (path: string) => SourceName;
}

export interface SourceName {
  readonly name: string;
  readonly src: string | undefined;
}

export function operandWidth(operand: Operand): number {
  let width = 0;
  for (const piece of operand) width += piece.width;
  return width;
}

export function constant(width: number, value: bigint): Operand {
  return width === 0 ? [] : [{ kind: 'constant', width, value: BigInt.asUintN(width, value) }];
}

/** Bits `[low, low + width)` of an operand that has them. */
export function sliceOperand(operand: Operand, low: number, width: number): Operand {
  const pieces: Piece[] = [];
  let at = 0;
  for (const piece of operand) {
    const from = Math.max(low, at);
    const to = Math.min(low + width, at + piece.width);
    if (to > from) pieces.push(slicePiece(piece, from - at, to - from));
    at += piece.width;
  }
  if (at < low + width) throw new InternalError(`bits [${low}, ${low + width}) of a word of ${at}`);
  return pieces;
}

function slicePiece(piece: Piece, low: number, width: number): Piece {
  if (low === 0 && width === piece.width) return piece;
  switch (piece.kind) {
    case 'constant':
      return { kind: 'constant', width, value: BigInt.asUintN(width, piece.value >> BigInt(low)) };
    case 'slice':
      return { ...piece, offset: piece.offset + low, width };
    case 'repeat':
      return { ...piece, width };
  }
}

/** The operand truncated, or extended by zeros or copies of its sign bit, to `width` bits. */
export function extendOperand(operand: Operand, width: number, signed: boolean): Operand {
  const own = operandWidth(operand);
  if (own >= width) return own === width ? operand : sliceOperand(operand, 0, width);
  const top = signed ? operand.at(-1) : undefined;
  if (top === undefined) return [...operand, ...constant(width - own, 0n)];
  if (top.kind === 'constant') {
    const ones = (top.value >> BigInt(top.width - 1)) & 1n;
    return [...operand, ...constant(width - own, ones === 1n ? -1n : 0n)];
  }
  const offset = top.kind === 'slice' ? top.offset + top.width - 1 : top.offset;
  return [...operand, { kind: 'repeat', signal: top.signal, offset, width: width - own }];
}

/** The value of an operand without signals, or undefined. */
export function constantValue(operand: Operand): bigint | undefined {
  let value = 0n;
  let at = 0;
  for (const piece of operand) {
    if (piece.kind !== 'constant') return undefined;
    value |= piece.value << BigInt(at);
    at += piece.width;
  }
  return value;
}
