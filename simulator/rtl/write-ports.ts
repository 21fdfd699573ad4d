/**
 * Write ports as their writers meant them. Yosys turns `if (we) mem[a] <= d` into multiplexers as wide as the word, for its
 * enable as for its data. Here an enable becomes one bit for each run of data bits that share it, and an arm that only a
 * disabled write would take is dropped from address and data. In: a design. Out: the same design with such ports rewritten.
 */

import {
  type Cell,
  constant,
  type Design,
  type Operand,
  operandWidth,
  type Piece,
  type Signal,
  sliceOperand,
  type WritePort,
} from './design.js';

/** Muxes followed from one bit: enough for any nesting that a person writes. */
const DEPTH = 32;

export function simplifyWritePorts(design: Design): Design {
  const rewriter = new Rewriter(design);
  const memories = design.memories.map((memory) => ({
    ...memory,
    writes: memory.writes.map((port) => rewriter.port(port)),
  }));
  return { ...design, signals: rewriter.signals, cells: rewriter.cells, memories };
}

/** A one-bit piece and a name that equal bits share. */
interface Bit {
  readonly piece: Piece;
  readonly key: string;
}

class Rewriter {
  readonly signals: Signal[];
  readonly cells: Cell[];
  /** Muxes of one bit, by the key of the bit. */
  private readonly made = new Map<string, Piece>();

  constructor(design: Design) {
    this.signals = [...design.signals];
    this.cells = [...design.cells];
  }

  port({ address, data, enable }: WritePort): WritePort {
    const bits: Bit[] = [];
    for (let i = 0; i < operandWidth(enable); i++) bits.push(this.bit(sliceOperand(enable, i, 1)[0]!, DEPTH));
    const known = this.impliedBy(enable);
    return {
      address: this.assume(address, known),
      data: this.assume(data, known),
      enable: merge(bits.map(({ piece }) => piece)),
    };
  }

  private muxOf(piece: Piece): Cell | undefined {
    if (piece.kind !== 'slice') return undefined;
    const { source, index } = this.signals[piece.signal]!;
    const cell = source === 'cell' ? this.cells[index]! : undefined;
    return cell?.type === '$mux' ? cell : undefined;
  }

  /** The bit with muxes between equal bits skipped, and the others narrowed to one bit. */
  private bit(piece: Piece, depth: number): Bit {
    if (piece.kind === 'constant') return { piece, key: `${piece.value}` };
    if (piece.kind === 'repeat') return this.bit({ ...piece, kind: 'slice', width: 1 }, depth);
    const mux = depth > 0 ? this.muxOf(piece) : undefined;
    if (!mux) return { piece, key: `${piece.signal}.${piece.offset}` };
    const a = this.bit(sliceOperand(mux.a, piece.offset, 1)[0]!, depth - 1);
    const b = this.bit(sliceOperand(mux.b, piece.offset, 1)[0]!, depth - 1);
    if (a.key === b.key) return a;
    const s = this.bit(mux.s[0]!, depth - 1);
    if (a.key === '0' && b.key === '1') return s;
    const key = `(${s.key}?${b.key}:${a.key})`;
    const known = this.made.get(key);
    if (known) return { piece: known, key };
    const signal = this.signals.length;
    this.signals.push({ width: 1, source: 'cell', index: this.cells.length });
    this.cells.push({ ...mux, output: signal, width: 1, a: [a.piece], b: [b.piece], s: [s.piece] });
    const made: Piece = { kind: 'slice', signal, offset: 0, width: 1 };
    this.made.set(key, made);
    return { piece: made, key };
  }

  /** Select bits that any enabled bit implies: by key, the arm that is taken. */
  private impliedBy(enable: Operand): Map<string, 'a' | 'b'> {
    const known = new Map<string, 'a' | 'b'>();
    let word = enable;
    for (let depth = 0; depth < DEPTH; depth++) {
      const piece = word[0];
      const mux = word.length === 1 && piece ? this.muxOf(piece) : undefined;
      if (!mux || piece?.kind !== 'slice') break;
      const [a, b] = [
        sliceOperand(mux.a, piece.offset, piece.width),
        sliceOperand(mux.b, piece.offset, piece.width),
      ];
      const arm = isZero(a) ? 'b' : isZero(b) ? 'a' : undefined;
      if (!arm) break;
      known.set(this.bit(mux.s[0]!, DEPTH).key, arm);
      word = arm === 'b' ? b : a;
    }
    return known;
  }

  private assume(operand: Operand, known: ReadonlyMap<string, 'a' | 'b'>, depth = DEPTH): Operand {
    if (known.size === 0 || depth === 0) return operand;
    return operand.flatMap((piece): Operand => {
      const mux = this.muxOf(piece);
      if (!mux || piece.kind !== 'slice') return [piece];
      const arm = known.get(this.bit(mux.s[0]!, DEPTH).key);
      if (!arm) return [piece];
      return this.assume(sliceOperand(mux[arm], piece.offset, piece.width), known, depth - 1);
    });
  }
}

const isZero = (operand: Operand) =>
  operand.every((piece) => piece.kind === 'constant' && piece.value === 0n);

/** One-bit pieces joined: equal neighbours to repeats, constants to words. */
function merge(pieces: readonly Piece[]): Operand {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last?.kind === 'constant' && piece.kind === 'constant') {
      const value = last.value | (piece.value << BigInt(last.width));
      merged[merged.length - 1] = constant(last.width + 1, value)[0]!;
    } else if (
      last &&
      piece.kind === 'slice' &&
      (last.kind === 'repeat' || (last.kind === 'slice' && last.width === 1)) &&
      last.signal === piece.signal &&
      last.offset === piece.offset
    ) {
      merged[merged.length - 1] = { ...piece, kind: 'repeat', width: last.width + 1 };
    } else merged.push(piece);
  }
  return merged;
}
