/**
 * A group of like registers as SIMD code. In: the group and where words lie. Out: statements that compute every lane's next value
 * and then store them all. A word of a lane has 8, 16 or 32 bits for the vector's lanes; 16 lanes of 32 bits are four vectors.
 */

import type binaryen from 'binaryen';
import { assertNever, InternalError } from '../../base/index.js';
import type { Piece } from './design.js';
import type { Emitter, Expression } from './emitter.js';
import { type LaneGroup, type Shape, STRAY_LANES, samePiece, wholeLane } from './lanes.js';
import { wordBytes } from './layout.js';

type LaneBits = 8 | 16 | 32;
/** What is known of the bits above a word's width. */
type Above = 'zero' | 'sign' | 'any';

interface Lanes {
  readonly bits: LaneBits;
  readonly above: Above;
  readonly vectors: readonly Expression[];
}

/** What the code needs to know of places. */
export interface LanePlaces {
  /** Byte address of a signal that lies in memory. */
  address(signal: number): number;
  width(signal: number): number;
}

const laneBitsOf = (width: number): LaneBits => (8 * wordBytes(width)) as LaneBits;
const VECTOR_BITS = 128;

export interface LaneTarget {
  /** Address of lane 0 of the group's block. */
  readonly block: number;
  readonly width: number;
  readonly resetValues: readonly bigint[];
  readonly enableHigh: boolean;
  readonly resetHigh: boolean;
  readonly overEnable: boolean;
}

/** Statements that take all next values to `destination`, the group's own block or a place for later. */
export function laneStatements(
  e: Emitter,
  group: LaneGroup,
  places: LanePlaces,
  target: LaneTarget,
  destination = target.block,
): Expression[] {
  return new LaneWriter(e, group, places).commit(target, destination);
}

/** Moves a block of `bytes`, whole vectors. */
export function copyBlock(e: Emitter, from: number, to: number, bytes: number): Expression[] {
  const { m } = e;
  return Array.from({ length: bytes / 16 }, (_, i) =>
    e.storeVector(to + 16 * i, m.v128.load(from + 16 * i, 1, m.i32.const(0))),
  );
}

/** Bytes of a group's block: whole vectors, so that stores of them meet nothing else. */
export const blockBytes = (lanes: number, width: number) => Math.ceil((lanes * wordBytes(width)) / 16) * 16;

class LaneWriter {
  private readonly statements: Expression[] = [];
  private readonly lanes: number;

  constructor(
    private readonly e: Emitter,
    private readonly group: LaneGroup,
    private readonly places: LanePlaces,
  ) {
    this.lanes = group.registers.length;
  }

  commit(target: LaneTarget, destination: number): Expression[] {
    const { e } = this;
    const { shape } = this.group;
    const bits = laneBitsOf(target.width);
    const count = this.count(bits);
    const old = () => Array.from({ length: count }, (_, k) => this.load(target.block + 16 * k));
    let next = this.as(shape.d, bits, 'zero').map((vector) => this.hold(vector));
    const clear = () => {
      if (!shape.reset) return;
      const mask = this.mask(shape.reset, bits, target.resetHigh);
      const values = this.constants(target.resetValues, bits);
      next = next.map((vector, k) => this.hold(e.m.v128.bitselect(values[k]!, this.get(vector), mask[k]!)));
    };
    const enable = () => {
      if (!shape.enable) return;
      const mask = this.mask(shape.enable, bits, target.enableHigh);
      const kept = old();
      next = next.map((vector, k) => this.hold(e.m.v128.bitselect(this.get(vector), kept[k]!, mask[k]!)));
    };
    if (target.overEnable) {
      enable();
      clear();
    } else {
      clear();
      enable();
    }
    const stores = next.map((vector, k) => e.storeVector(destination + 16 * k, this.get(vector)));
    return [...this.statements, ...stores];
  }

  private count(bits: LaneBits): number {
    return Math.ceil((this.lanes * bits) / VECTOR_BITS);
  }

  private load(address: number): Expression {
    return this.e.m.v128.load(address, 1, this.e.m.i32.const(0));
  }

  private hold(expression: Expression): number {
    const local = this.e.local(128);
    this.statements.push(this.e.m.local.set(local, expression));
    return local;
  }

  private get(local: number): Expression {
    return this.e.get(local);
  }

  /** All ones in the lanes whose bit is `high`. */
  private mask(bit: Shape, bits: LaneBits, high: boolean): Expression[] {
    const { m } = this.e;
    const zero = () => this.splat(bits, m.i32.const(0));
    return this.as(bit, bits, 'zero').map((vector) =>
      high
        ? this.ops(bits).sub(zero(), vector)
        : this.ops(bits).sub(vector, this.splat(bits, m.i32.const(1))),
    );
  }

  private ops(bits: LaneBits) {
    const { m } = this.e;
    return bits === 8 ? m.i8x16 : bits === 16 ? m.i16x8 : m.i32x4;
  }

  private splat(bits: LaneBits, value: Expression): Expression {
    return this.ops(bits).splat(value);
  }

  private constants(values: readonly bigint[], bits: LaneBits): Expression[] {
    const bytes = new Uint8Array(16 * this.count(bits));
    values.forEach((value, lane) => {
      for (let i = 0; i < bits / 8; i++)
        bytes[(lane * bits) / 8 + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    });
    return Array.from({ length: this.count(bits) }, (_, k) =>
      this.e.m.v128.const([...bytes.subarray(16 * k, 16 * k + 16)]),
    );
  }

  /** The lanes of a shape as `bits` each, with the bits above its width as wanted. */
  private as(shape: Shape, bits: LaneBits, above: Above): Expression[] {
    if (shape.kind === 'leaf') {
      const direct = this.leafAs(shape, bits, above);
      if (direct) return direct;
    }
    // An extension is what its word gives when that is asked for the extension's own kind.
    if (shape.kind === 'extend') return this.extended(shape, bits, above);
    const own = this.value(shape);
    return this.convert(own, shape.width, bits, above);
  }

  private extended(shape: Shape & { readonly kind: 'extend' }, bits: LaneBits, above: Above): Expression[] {
    if (!shape.signed) return this.as(shape.of, bits, 'zero');
    const vectors = this.as(shape.of, bits, 'sign');
    return above === 'zero' ? this.masked(vectors, bits, shape.width) : vectors;
  }

  private convert(own: Lanes, width: number, bits: LaneBits, above: Above): Expression[] {
    if (own.bits > bits) return this.convert(this.narrowed(own), width, bits, above);
    if (own.bits === bits) return this.fixed(own, width, above);
    const kind = above === 'sign' ? 'sign' : 'zero';
    const clean = this.fixed(own, width, above === 'any' && width === own.bits ? 'any' : kind);
    let [at, vectors]: [LaneBits, readonly Expression[]] = [own.bits, clean];
    while (at < bits) {
      vectors = this.widened(vectors, at, kind === 'sign');
      at = (2 * at) as LaneBits;
    }
    return vectors.slice(0, this.count(bits));
  }

  private widened(vectors: readonly Expression[], from: LaneBits, signed: boolean): Expression[] {
    const { m } = this.e;
    return vectors.flatMap((vector) => {
      const local = this.hold(vector);
      const x = () => this.get(local);
      if (from === 8)
        return signed
          ? [m.i16x8.extend_low_i8x16_s(x()), m.i16x8.extend_high_i8x16_s(x())]
          : [m.i16x8.extend_low_i8x16_u(x()), m.i16x8.extend_high_i8x16_u(x())];
      return signed
        ? [m.i32x4.extend_low_i16x8_s(x()), m.i32x4.extend_high_i16x8_s(x())]
        : [m.i32x4.extend_low_i16x8_u(x()), m.i32x4.extend_high_i16x8_u(x())];
    });
  }

  /** Lanes cut to half their bits. */
  private narrowed({ bits, vectors }: Lanes): Lanes {
    const half = (bits / 2) as LaneBits;
    const step = bits / 8;
    const take = Array.from({ length: 16 }, (_, i) => Math.floor(i / (step / 2)) * step + (i % (step / 2)));
    const out = Array.from({ length: this.count(half) }, (_, k) => {
      const low = this.hold(vectors[2 * k]!);
      const high = vectors[2 * k + 1];
      const second = high === undefined ? this.get(low) : high;
      return this.e.m.i8x16.shuffle(this.get(low), second, take);
    });
    return { bits: half, above: 'any', vectors: out };
  }

  /** Bits above `width` made as wanted, lanes as they are. */
  private fixed({ bits, above: known, vectors }: Lanes, width: number, above: Above): Expression[] {
    if (above === 'any' || known === above || width >= bits) return [...vectors];
    if (above === 'zero') return this.masked(vectors, bits, width);
    const { m } = this.e;
    const ops = this.ops(bits);
    const distance = () => m.i32.const(bits - width);
    return vectors.map((vector) => ops.shr_s(ops.shl(vector, distance()), distance()));
  }

  private masked(vectors: readonly Expression[], bits: LaneBits, width: number): Expression[] {
    if (width >= bits) return [...vectors];
    const mask = (2 ** width - 1) | 0;
    return vectors.map((vector) => this.e.m.v128.and(vector, this.splat(bits, this.e.m.i32.const(mask))));
  }

  private value(shape: Exclude<Shape, { kind: 'extend' }>): Lanes {
    switch (shape.kind) {
      case 'leaf':
        return this.leaf(shape);
      case 'slice': {
        const own = this.value(shape.of as Exclude<Shape, { kind: 'extend' }>);
        const ops = this.ops(own.bits);
        const shifted =
          shape.offset === 0
            ? own.vectors
            : own.vectors.map((vector) => ops.shr_u(vector, this.e.m.i32.const(shape.offset)));
        return this.trim({ bits: own.bits, above: 'any', vectors: shifted }, shape.width);
      }
      case 'concat':
        return this.concat(shape);
      case 'cell':
        return this.cell(shape);
      default:
        return assertNever(shape, 'shape');
    }
  }

  /** Lanes no wider than the width needs, so that every value of a width has the same lanes. */
  private trim(lanes: Lanes, width: number): Lanes {
    return lanes.bits > laneBitsOf(width) ? this.trim(this.narrowed(lanes), width) : lanes;
  }

  private concat(shape: Shape & { readonly kind: 'concat' }): Lanes {
    const bits = laneBitsOf(shape.width);
    const { m } = this.e;
    let low = 0;
    let sum: Expression[] | undefined;
    for (const part of shape.parts) {
      const distance = low;
      const vectors = this.as(part, bits, 'zero').map((vector) =>
        distance === 0 ? vector : this.ops(bits).shl(vector, m.i32.const(distance)),
      );
      sum = sum ? sum.map((vector, k) => m.v128.or(vector, vectors[k]!)) : vectors;
      low += part.width;
    }
    return { bits, above: 'zero', vectors: sum! };
  }

  private cell(shape: Shape & { readonly kind: 'cell' }): Lanes {
    const { type, width } = shape;
    const { v128 } = this.e.m;
    const bits = laneBitsOf(width);
    const two = (
      combine: (x: Expression, y: Expression) => Expression,
      above: Above = 'any',
      at = bits,
    ): Lanes => {
      const [x, y] = [this.operand(shape.a, shape, at), this.operand(shape.b!, shape, at)];
      return { bits: at, above, vectors: x.map((vector, k) => combine(vector, y[k]!)) };
    };
    const ops = this.ops(bits);
    switch (type) {
      case '$add':
        return two(ops.add);
      case '$sub':
        return two(ops.sub);
      case '$mul': {
        // There is no product of bytes.
        const at = bits === 8 ? 16 : bits;
        return this.trim(two(at === 16 ? this.e.m.i16x8.mul : this.e.m.i32x4.mul, 'any', at), width);
      }
      case '$and':
        return two(v128.and);
      case '$or':
        return two(v128.or);
      case '$xor':
        return two(v128.xor);
      case '$xnor':
        return two((x, y) => v128.not(v128.xor(x, y)));
      case '$not':
        return { bits, above: 'any', vectors: this.operand(shape.a, shape, bits).map((x) => v128.not(x)) };
      case '$neg':
        return { bits, above: 'any', vectors: this.operand(shape.a, shape, bits).map((x) => ops.neg(x)) };
      case '$copy':
        return { bits, above: 'zero', vectors: this.as(shape.a, bits, 'zero') };
      case '$mux':
        return this.choice(shape, bits);
      default:
        return this.truth(shape);
    }
  }

  private operand(
    word: Shape,
    { width, signed }: { readonly width: number; readonly signed: boolean },
    bits: LaneBits,
  ): Expression[] {
    return this.as(word, bits, word.width >= width ? 'any' : signed ? 'sign' : 'zero');
  }

  private choice({ a, b, s }: Shape & { readonly kind: 'cell' }, bits: LaneBits): Lanes {
    const [no, yes] = [this.as(a, bits, 'zero'), this.as(b!, bits, 'zero')];
    const mask = this.mask(s!, bits, true);
    return {
      bits,
      above: 'zero',
      vectors: no.map((vector, k) => this.e.m.v128.bitselect(yes[k]!, vector, mask[k]!)),
    };
  }

  /** Cells with a one-bit result. */
  private truth(shape: Shape & { readonly kind: 'cell' }): Lanes {
    const { a, b, type, signed } = shape;
    if (type === '$logic_and' || type === '$logic_or') {
      const [x, y] = [this.nonZero(a), this.nonZero(b!)];
      const { v128 } = this.e.m;
      const combine = type === '$logic_and' ? v128.and : v128.or;
      return this.asFlag(
        { bits: 8, above: 'any', vectors: x.map((vector, k) => combine(vector, y[k]!)) },
        shape.width,
      );
    }
    const bits = laneBitsOf(Math.max(a.width, b?.width ?? 1));
    const ops = this.ops(bits);
    if (!b) {
      const word = this.as(a, bits, 'zero');
      const all = (2 ** a.width - 1) | 0;
      const [test, against] =
        type === '$reduce_and' ? [ops.eq, all] : type === '$logic_not' ? [ops.eq, 0] : [ops.ne, 0];
      const vectors = word.map((vector) => test(vector, this.splat(bits, this.e.m.i32.const(against))));
      return this.asFlag({ bits, above: 'any', vectors }, shape.width);
    }
    const upper = signed ? 'sign' : 'zero';
    const [x, y] = [this.as(a, bits, upper), this.as(b, bits, upper)];
    const test = comparison(ops, type, signed);
    return this.asFlag(
      { bits, above: 'any', vectors: x.map((vector, k) => test(vector, y[k]!)) },
      shape.width,
    );
  }

  /** As masks of bytes. */
  private nonZero(word: Shape): Expression[] {
    const bits = laneBitsOf(word.width);
    const vectors = this.as(word, bits, 'zero').map((vector) =>
      this.ops(bits).ne(vector, this.splat(bits, this.e.m.i32.const(0))),
    );
    return [...this.trim({ bits, above: 'any', vectors }, 1).vectors];
  }

  /** Masks to 0 and 1 in a word of `width` bits. */
  private asFlag(masks: Lanes, width: number): Lanes {
    const { bits, vectors } = this.trim(masks, 1);
    const one = vectors.map((vector) => this.e.m.v128.and(vector, this.splat(bits, this.e.m.i32.const(1))));
    const target = laneBitsOf(width);
    return {
      bits: target,
      above: 'zero',
      vectors: this.convert({ bits, above: 'zero', vectors: one }, 1, target, 'zero'),
    };
  }

  /** A leaf loaded and extended in one instruction, where memory holds it whole and in a row. */
  private leafAs(
    shape: Shape & { readonly kind: 'leaf' },
    bits: LaneBits,
    above: Above,
  ): Expression[] | undefined {
    const own = laneBitsOf(shape.width);
    const row = this.row(this.group.leaves[shape.index]!, shape.width);
    if (!row || row.strays.length > 0 || bits !== 2 * own) return undefined;
    if (above === 'sign' && shape.width !== own) return undefined;
    const { v128 } = this.e.m;
    const base = this.e.m.i32.const(0);
    const load =
      own === 8
        ? above === 'sign'
          ? v128.load8x8_s
          : v128.load8x8_u
        : above === 'sign'
          ? v128.load16x4_s
          : v128.load16x4_u;
    return Array.from({ length: this.count(bits) }, (_, k) =>
      load(row.base + 8 * k, 1, k === 0 ? base : this.e.m.i32.const(0)),
    );
  }

  private leaf({ width, index }: Shape & { readonly kind: 'leaf' }): Lanes {
    const pieces = this.group.leaves[index]!;
    const bits = laneBitsOf(width);
    const count = this.count(bits);
    if (pieces.every(({ kind }) => kind === 'constant')) {
      const values = pieces.map((piece) => (piece.kind === 'constant' ? piece.value : 0n));
      return { bits, above: 'zero', vectors: this.constants(values, bits) };
    }
    if (pieces.every((piece) => samePiece(piece, pieces[0]!))) {
      const local = this.hold(this.splat(bits, this.scalar(pieces[0]!)));
      return { bits, above: 'zero', vectors: Array.from({ length: count }, () => this.get(local)) };
    }
    const row = this.row(pieces, width);
    if (!row) throw new InternalError('a leaf of a lane group is scattered');
    const vectors = Array.from({ length: count }, (_, k) => this.load(row.base + 16 * k));
    const perVector = VECTOR_BITS / bits;
    for (const lane of row.strays) {
      const k = Math.floor(lane / perVector);
      vectors[k] = this.ops(bits).replace_lane(vectors[k]!, lane % perVector, this.scalar(pieces[lane]!));
    }
    return { bits, above: 'zero', vectors };
  }

  private scalar(piece: Piece): Expression {
    return this.e.read([piece], 32, 'zero');
  }

  /** Where lane 0 of a leaf would lie if the strays lay beside the others. */
  private row(
    pieces: readonly Piece[],
    width: number,
  ): { readonly base: number; readonly strays: readonly number[] } | undefined {
    const stride = wordBytes(width);
    const starts = pieces.map((piece, lane) => {
      if (piece.kind !== 'slice' || !wholeLane(piece, this.places.width(piece.signal))) return Number.NaN;
      return this.places.address(piece.signal) + piece.offset / 8 - lane * stride;
    });
    const counts = new Map<number, number>();
    for (const start of starts) if (!Number.isNaN(start)) counts.set(start, (counts.get(start) ?? 0) + 1);
    const best = [...counts].sort(([, x], [, y]) => y - x)[0];
    if (!best || best[1] < pieces.length - STRAY_LANES || best[0] < 0) return undefined;
    return { base: best[0], strays: starts.flatMap((start, lane) => (start === best[0] ? [] : [lane])) };
  }
}

type Comparisons = Pick<
  binaryen.Module['i8x16'],
  'eq' | 'ne' | 'lt_s' | 'lt_u' | 'le_s' | 'le_u' | 'gt_s' | 'gt_u' | 'ge_s' | 'ge_u'
>;

function comparison(ops: Comparisons, type: string, signed: boolean) {
  switch (type) {
    case '$eq':
      return ops.eq;
    case '$ne':
      return ops.ne;
    case '$lt':
      return signed ? ops.lt_s : ops.lt_u;
    case '$le':
      return signed ? ops.le_s : ops.le_u;
    case '$gt':
      return signed ? ops.gt_s : ops.gt_u;
    case '$ge':
      return signed ? ops.ge_s : ops.ge_u;
    default:
      throw new InternalError(`no lane rule for ${type}`);
  }
}
