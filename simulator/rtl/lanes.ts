/**
 * Registers that compute alike, as the rows of an array do: they become the lanes of SIMD vectors. In: a design and which of its
 * cells are folded. Out: {@link LaneGroup}s of up to 16 registers whose next values have the same {@link Shape}, and the
 * design with a packed copy of operands that do not lie side by side.
 */

import { cellGroups } from './cell-types.js';
import { type Cell, type Design, type Operand, operandWidth, type Piece, type Register } from './design.js';
import { extendsSign, type Fusion } from './fuse.js';
import { wordBytes } from './layout.js';

/** A word's expression down to what other steps leave behind; leaves are numbered, their pieces differ by lane. */
export type Shape =
  | { readonly kind: 'leaf'; readonly width: number; readonly index: number }
  | { readonly kind: 'extend'; readonly width: number; readonly signed: boolean; readonly of: Shape }
  | { readonly kind: 'slice'; readonly width: number; readonly offset: number; readonly of: Shape }
  | { readonly kind: 'concat'; readonly width: number; readonly parts: readonly Shape[] }
  | {
      readonly kind: 'cell';
      readonly width: number;
      readonly type: string;
      readonly signed: boolean;
      readonly a: Shape;
      readonly b: Shape | undefined;
      readonly s: Shape | undefined;
    };

/** The next value of a register: data, and what decides whether it is taken. */
export interface RegisterShape {
  readonly d: Shape;
  readonly enable: Shape | undefined;
  readonly reset: Shape | undefined;
}

export interface LaneGroup {
  /** Registers by lane. */
  readonly registers: readonly number[];
  readonly shape: RegisterShape;
  /** By leaf, by lane. */
  readonly leaves: readonly (readonly Piece[])[];
}

/** Lanes of a group: those of a vector of bytes. */
const MOST_LANES = 16;
/** Fewer than this do not pay. */
const FEWEST_LANES = 4;
/** Widest word of a lane. */
const LANE_BITS = 32;
/** Lanes that may lie elsewhere before a leaf is packed. */
export const STRAY_LANES = 2;
const LARGEST_SHAPE = 48;

/** The cells that `lane-code` can compute; others keep their registers scalar. */
const laneCells: ReadonlySet<string> = new Set([
  ...['$not', '$and', '$or', '$xor', '$xnor', '$add', '$sub', '$neg', '$mul', '$mux', '$copy'],
  ...['$logic_not', '$logic_and', '$logic_or', '$reduce_or', '$reduce_bool', '$reduce_and'],
  ...['$eq', '$ne', '$lt', '$le', '$gt', '$ge'],
]);

export interface Lanes {
  readonly design: Design;
  readonly fusion: Fusion;
  readonly groups: readonly LaneGroup[];
}

/** Finds the groups. `fusion` gains an entry for each cell that is added to the design. */
export function findLanes(design: Design, fusion: Fusion): Lanes {
  const found = classes(design, fusion).flatMap(cutIntoGroups);
  return packLeaves(design, fusion, found);
}

interface Member {
  readonly register: number;
  readonly key: string;
  readonly numbers: readonly number[];
  readonly shape: RegisterShape;
  readonly leaves: readonly Piece[];
}

/** Registers of one shape whose paths differ in numbers only. */
function classes(design: Design, fusion: Fusion): Member[][] {
  const byKey = new Map<string, Member[]>();
  design.registers.forEach((register, index) => {
    if (register.width > LANE_BITS) return;
    const reader = new ShapeReader(design, fusion);
    const shape = reader.register(register);
    if (!shape) return;
    const numbers = (register.path.match(/\d+/g) ?? []).map(Number);
    const key = `${register.path.replace(/\d+/g, '#')} ${reader.key}`;
    const member = { register: index, key, numbers, shape, leaves: reader.leaves };
    const known = byKey.get(key);
    if (known) known.push(member);
    else byKey.set(key, [member]);
  });
  return [...byKey.values()].filter(({ length }) => length >= FEWEST_LANES);
}

/** Members that differ in one number of their paths stand side by side: the columns of one row. */
function cutIntoGroups(members: readonly Member[]): LaneGroup[] {
  const first = members[0]!;
  let best: { readonly groups: readonly LaneGroup[]; readonly lanes: number } = { groups: [], lanes: 0 };
  // From the last number backwards: the innermost index unless another one makes more registers lanes. Numbers that Yosys made up
  // differ too where two registers of one module compute alike.
  for (let at = first.numbers.length - 1; at >= 0; at--) {
    if (!members.some((member) => member.numbers[at] !== first.numbers[at])) continue;
    const groups = cutAt(members, at);
    const lanes = groups.reduce((sum, { registers }) => sum + registers.length, 0);
    if (lanes > best.lanes) best = { groups, lanes };
  }
  return [...best.groups];
}

/** Groups of members that differ in number `at` only. */
function cutAt(members: readonly Member[], at: number): LaneGroup[] {
  const rows = new Map<string, Member[]>();
  for (const member of members) {
    const row = member.numbers.filter((_, i) => i !== at).join('.');
    const known = rows.get(row);
    if (known) known.push(member);
    else rows.set(row, [member]);
  }
  return [...rows.values()].flatMap((row) => {
    const sorted = row.sort((x, y) => x.numbers[at]! - y.numbers[at]!);
    const groups: LaneGroup[] = [];
    for (let lane = 0; lane < sorted.length; lane += MOST_LANES) {
      const lanes = sorted.slice(lane, lane + MOST_LANES);
      if (lanes.length < FEWEST_LANES) continue;
      groups.push(toGroup(lanes));
    }
    return groups;
  });
}

function toGroup(lanes: readonly Member[]): LaneGroup {
  const { shape, leaves } = lanes[0]!;
  return {
    registers: lanes.map(({ register }) => register),
    shape,
    leaves: leaves.map((_, leaf) => lanes.map((lane) => lane.leaves[leaf]!)),
  };
}

/** Reads one register's shape; `key` is equal for equal shapes. */
class ShapeReader {
  readonly leaves: Piece[] = [];
  key = '';
  private size = 0;

  constructor(
    private readonly design: Design,
    private readonly fusion: Fusion,
  ) {}

  register(register: Register): RegisterShape | undefined {
    const { width, enable, reset } = register;
    this.key += `${width}${enable ? ` e${enable.activeHigh}` : ''}${reset ? ` r${reset.activeHigh}${reset.overEnable}` : ''}:`;
    const d = this.word(register.d);
    const e = enable && this.word(enable.bit);
    const r = reset && this.word(reset.bit);
    if (!d || (enable && !e) || (reset && !r) || this.size > LARGEST_SHAPE) return undefined;
    return { d, enable: e, reset: r };
  }

  private word(operand: Operand): Shape | undefined {
    if (++this.size > LARGEST_SHAPE || operand.length === 0) return undefined;
    if (operandWidth(operand) > LANE_BITS) return undefined;
    if (operand.length === 1) return this.piece(operand[0]!);
    return this.extension(operand) ?? this.concat(operand);
  }

  /** Zeros, or copies of the sign, above a word. */
  private extension(operand: Operand): Shape | undefined {
    const top = operand.at(-1)!;
    const rest = operand.slice(0, -1);
    const below = rest.at(-1)!;
    const signed = extendsSign(top, below);
    if (!signed && (top.kind !== 'constant' || top.value !== 0n)) return undefined;
    const width = operandWidth(operand);
    this.key += `${signed ? 'x' : 'z'}${width}(`;
    const of = this.word(rest);
    this.key += ')';
    return of && { kind: 'extend', width, signed, of };
  }

  private concat(operand: Operand): Shape | undefined {
    this.key += '{';
    const parts = operand.map((piece) => this.piece(piece));
    this.key += '}';
    if (parts.some((part) => part === undefined)) return undefined;
    return { kind: 'concat', width: operandWidth(operand), parts: parts as Shape[] };
  }

  private piece(piece: Piece): Shape | undefined {
    if (piece.kind === 'repeat') {
      if (piece.width > 1) {
        this.key += `x${piece.width}(`;
        const of = this.piece({ ...piece, kind: 'slice', width: 1 });
        this.key += ')';
        return of && { kind: 'extend', width: piece.width, signed: true, of };
      }
      return this.piece({ ...piece, kind: 'slice' });
    }
    if (piece.kind === 'slice') {
      const { source, index } = this.design.signals[piece.signal]!;
      if (source === 'cell' && this.fusion.folded[index] === 1)
        return this.folded(piece, this.design.cells[index]!);
    }
    this.key += `l${piece.width},`;
    this.leaves.push(piece);
    return { kind: 'leaf', width: piece.width, index: this.leaves.length - 1 };
  }

  private folded(piece: Piece & { readonly kind: 'slice' }, cell: Cell): Shape | undefined {
    const whole = piece.width === cell.width;
    if (!whole) this.key += `s${piece.offset}+${piece.width}`;
    const of = this.cell(cell);
    if (whole || !of) return of;
    return { kind: 'slice', width: piece.width, offset: piece.offset, of };
  }

  private cell(cell: Cell): Shape | undefined {
    const { type, width, aSigned, bSigned } = cell;
    if (!laneCells.has(type) || width > LANE_BITS || cellGroups[type] === undefined) return undefined;
    const signed = operandWidth(cell.b) === 0 ? aSigned : aSigned && bSigned;
    this.key += `${type}${width}${signed ? 's' : 'u'}(`;
    const a = this.word(cell.a);
    const b = operandWidth(cell.b) === 0 ? undefined : this.word(cell.b);
    const s = operandWidth(cell.s) === 0 ? undefined : this.word(cell.s);
    this.key += ')';
    const complete = a && (b || operandWidth(cell.b) === 0) && (s || operandWidth(cell.s) === 0);
    return complete ? { kind: 'cell', type, width, signed, a, b, s } : undefined;
  }
}

/**
 * How the lanes of a leaf lie: all the same word; side by side from the lane's place in a word or a group, but for a few strays;
 * or scattered.
 */
type LeafForm = 'same' | 'constant' | 'row' | 'scattered';

/** Where a piece lies for sure before addresses are given: in a word, or in a group's block; and how many bytes in. */
interface Spot {
  readonly block: string;
  readonly byte: number;
}

/** The spots of registers in groups and the distance between neighbours of a leaf decide its form. */
class Spots {
  private readonly lane = new Map<number, Spot>();

  constructor(
    private readonly design: Design,
    groups: readonly LaneGroup[],
  ) {
    groups.forEach(({ registers }, group) => {
      registers.forEach((register, lane) => {
        const bytes = wordBytes(design.registers[register]!.width);
        this.lane.set(register, { block: `g${group}`, byte: lane * bytes });
      });
    });
  }

  form(pieces: readonly Piece[]): LeafForm {
    if (pieces.every(({ kind }) => kind === 'constant')) return 'constant';
    if (pieces.every((piece) => samePiece(piece, pieces[0]!))) return 'same';
    const stride = wordBytes(pieces[0]!.width);
    const starts = new Map<string, number>();
    pieces.forEach((piece, lane) => {
      const spot = this.spot(piece);
      if (!spot) return;
      const key = `${spot.block}@${spot.byte - lane * stride}`;
      starts.set(key, (starts.get(key) ?? 0) + 1);
    });
    return Math.max(0, ...starts.values()) >= pieces.length - STRAY_LANES ? 'row' : 'scattered';
  }

  private spot(piece: Piece): Spot | undefined {
    if (piece.kind !== 'slice') return undefined;
    const signal = this.design.signals[piece.signal]!;
    if (!wholeLane(piece, signal.width)) return undefined;
    const byte = piece.offset / 8;
    const lane = signal.source === 'register' ? this.lane.get(signal.index) : undefined;
    return lane ? { block: lane.block, byte: lane.byte + byte } : { block: `s${piece.signal}`, byte };
  }
}

/** Whether the bytes at the piece hold it with zeros above: a whole word, or whole lanes of a wide one. */
export function wholeLane(piece: Piece, signalWidth: number): boolean {
  if (piece.kind !== 'slice' || piece.offset % 8 !== 0) return false;
  if (piece.offset === 0 && piece.width === signalWidth) return true;
  return piece.width === 8 * wordBytes(piece.width);
}

export function samePiece(a: Piece, b: Piece): boolean {
  if (a.kind === 'constant' || b.kind === 'constant')
    return a.kind === 'constant' && b.kind === 'constant' && a.value === b.value;
  return a.kind === b.kind && a.signal === b.signal && a.offset === b.offset;
}

/** Gives scattered leaves a packed copy, a wide word with a lane each, where their first reader stands. Equal leaves share one. */
function packLeaves(design: Design, fusion: Fusion, groups: readonly LaneGroup[]) {
  const spots = new Spots(design, groups);
  const [signals, cells] = [[...design.signals], [...design.cells]];
  const packed = new Map<string, number>();
  const pack = (pieces: readonly Piece[], path: string): readonly Piece[] => {
    const width = pieces[0]!.width;
    const bits = 8 * wordBytes(width);
    const key = JSON.stringify(pieces, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    let signal = packed.get(key);
    if (signal === undefined) {
      signal = signals.length;
      const a = pieces.flatMap(
        (piece): Operand => [
          piece,
          ...(width < bits ? [{ kind: 'constant' as const, width: bits - width, value: 0n }] : []),
        ],
      );
      const blank = { b: [], s: [], aSigned: false, bSigned: false, memory: -1 };
      cells.push({
        type: '$copy',
        path,
        src: undefined,
        output: signal,
        width: operandWidth(a),
        a,
        ...blank,
      });
      signals.push({ width: operandWidth(a), source: 'cell', index: cells.length - 1 });
      packed.set(key, signal);
    }
    // A piece as wide as the lane, so that its place is plain; the bits above `width` are zero.
    return pieces.map(
      (_, lane) => ({ kind: 'slice', signal: signal!, offset: lane * bits, width: bits }) as const,
    );
  };
  const done = groups.map((group) => ({
    ...group,
    leaves: group.leaves.map((pieces) =>
      spots.form(pieces) === 'scattered' ? pack(pieces, design.registers[group.registers[0]!]!.path) : pieces,
    ),
  }));
  const added = cells.length - design.cells.length;
  const grow = (flags: Uint8Array, value: number) =>
    Uint8Array.from([...flags, ...new Array<number>(added).fill(value)]);
  return {
    design: { ...design, signals, cells },
    fusion: { folded: grow(fusion.folded, 0), live: grow(fusion.live, 1) },
    groups: done,
  };
}
