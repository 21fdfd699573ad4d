/**
 * Expressions for operands. A value of up to 64 bits is an i32 or i64; what its bits above the word's width hold is the
 * reader's wish ({@link Upper}). Narrow signals live in locals, in memory, or nowhere (folded cells).
 */

import binaryen from 'binaryen';
import { InternalError } from '../../base/index.js';
import { type Cell, type Operand, operandWidth, type Piece, sliceOperand } from './design.js';
import { extendsSign } from './fuse.js';
import { wordBytes } from './layout.js';

export type Expression = binaryen.ExpressionRef;
export type Bits = 32 | 64;
/** Locals may also be vectors. */
export type LocalBits = Bits | 128;

/** Bits above the width: zero, copies of the sign bit, or anything. */
export type Upper = 'zero' | 'sign' | 'any';

export const bitsFor = (width: number): Bits => (width <= 32 ? 32 : 64);

/** A word as computed: `zero` says that the bits above its width are zero. */
export interface Value {
  readonly expression: Expression;
  readonly bits: Bits;
  readonly zero: boolean;
}

export type Place =
  | { readonly kind: 'local'; readonly index: number; readonly bits: Bits }
  | { readonly kind: 'memory'; readonly address: number }
  | { readonly kind: 'folded'; readonly cell: Cell };

export interface Places {
  /** Where a signal is found from the function that is being written. */
  of(signal: number): Place;
  width(signal: number): number;
}

/** Bytes of memory whose changes are collected in a local: not 0 once a store changed one. */
export interface Watch {
  readonly from: number;
  readonly to: number;
  readonly local: number;
}

/** Writes the expressions of one function. */
export class Emitter {
  private readonly locals: LocalBits[] = [];
  /** Stores to constant addresses inside are compared with what was there. */
  watch: Watch | undefined;

  constructor(
    readonly m: binaryen.Module,
    private readonly places: Places,
    /** The value of a folded cell. */
    private readonly fold: (emitter: Emitter, cell: Cell) => Value,
  ) {}

  get localTypes(): readonly LocalBits[] {
    return this.locals;
  }

  local(bits: LocalBits): number {
    this.locals.push(bits);
    return this.locals.length - 1;
  }

  get(local: number): Expression {
    return this.m.local.get(local, this.typeOf(this.locals[local]!));
  }

  /** Statements, then a value. */
  block(bits: Bits, children: readonly Expression[]): Expression {
    return this.m.block(null, children, this.typeOf(bits));
  }

  private typeOf(bits: LocalBits): binaryen.Type {
    return bits === 32 ? binaryen.i32 : bits === 64 ? binaryen.i64 : binaryen.v128;
  }

  /** Operations of i32 or i64 by width. */
  ops(bits: Bits): binaryen.Module['i32'] | binaryen.Module['i64'] {
    return bits === 32 ? this.m.i32 : this.m.i64;
  }

  constant(bits: Bits, value: bigint): Expression {
    return bits === 32
      ? this.m.i32.const(Number(BigInt.asIntN(32, value)))
      : this.m.i64.const(BigInt.asIntN(64, value));
  }

  mask(bits: Bits, width: number, expression: Expression): Expression {
    if (width >= bits) return expression;
    return this.ops(bits).and(expression, this.constant(bits, (1n << BigInt(width)) - 1n));
  }

  /** Sign bit `width - 1` copied upwards. */
  signExtend(bits: Bits, width: number, expression: Expression): Expression {
    if (width >= bits) return expression;
    const ops = this.ops(bits);
    if (width === 8) return ops.extend8_s(expression);
    if (width === 16) return ops.extend16_s(expression);
    const distance = this.constant(bits, BigInt(bits - width));
    return ops.shr_s(ops.shl(expression, distance), this.constant(bits, BigInt(bits - width)));
  }

  shiftLeft(bits: Bits, expression: Expression, distance: number): Expression {
    return distance === 0
      ? expression
      : this.ops(bits).shl(expression, this.constant(bits, BigInt(distance)));
  }

  shiftRight(bits: Bits, expression: Expression, distance: number): Expression {
    return distance === 0
      ? expression
      : this.ops(bits).shr_u(expression, this.constant(bits, BigInt(distance)));
  }

  /** Between i32 and i64; the upper half of the result is zero, or copies of bit 31. */
  convert(expression: Expression, from: Bits, to: Bits, signed = false): Expression {
    if (from === to) return expression;
    if (to === 32) return this.m.i32.wrap(expression);
    return signed ? this.m.i64.extend_s(expression) : this.m.i64.extend_u(expression);
  }

  /** 1 when the value is not zero. */
  isNonZero(bits: Bits, expression: Expression): Expression {
    return bits === 32
      ? this.m.i32.ne(expression, this.m.i32.const(0))
      : this.m.i64.ne(expression, this.m.i64.const(0n));
  }

  /** An operand of at most 64 bits as a value of `bits` bits; the operand must fit. */
  read(operand: Operand, bits: Bits, upper: Upper): Expression {
    const width = operandWidth(operand);
    if (width > bits) throw new InternalError(`a word of ${width} bits read as i${bits}`);
    if (width === 0) return this.constant(bits, 0n);
    const extended = this.readExtended(operand, bits, upper);
    if (extended !== undefined) return extended;
    if (operand.length === 1) return this.readPiece(operand[0]!, bits, upper);
    let low = 0;
    let result: Expression | undefined;
    let ones = 0n;
    for (const [i, piece] of operand.entries()) {
      if (piece.kind === 'constant') ones |= piece.value << BigInt(low);
      else {
        const last = i === operand.length - 1 && upper !== 'zero';
        const part = this.shiftLeft(bits, this.readPiece(piece, bits, last ? upper : 'zero'), low);
        result = result === undefined ? part : this.ops(bits).or(result, part);
      }
      low += piece.width;
    }
    if (result === undefined)
      return this.constant(bits, upper === 'sign' ? BigInt.asIntN(width, ones) : ones);
    if (ones !== 0n) result = this.ops(bits).or(result, this.constant(bits, ones));
    return upper === 'sign' && operand.at(-1)!.kind === 'constant'
      ? this.signExtend(bits, width, result)
      : result;
  }

  /** The common forms of extension: zeros above, or the top bit repeated. */
  private readExtended(operand: Operand, bits: Bits, upper: Upper): Expression | undefined {
    const top = operand.at(-1)!;
    const rest = operand.slice(0, -1);
    if (rest.length === 0) return undefined;
    if (top.kind === 'constant' && top.value === 0n) {
      return this.read(rest, bits, 'zero');
    }
    const below = rest.at(-1)!;
    if (extendsSign(top, below)) {
      const value = this.read(rest, bits, 'sign');
      return upper === 'zero' ? this.mask(bits, operandWidth(operand), value) : value;
    }
    return undefined;
  }

  private readPiece(piece: Piece, bits: Bits, upper: Upper): Expression {
    const { width } = piece;
    if (piece.kind === 'constant') {
      return this.constant(bits, upper === 'sign' ? BigInt.asIntN(width, piece.value) : piece.value);
    }
    if (piece.kind === 'repeat') {
      const bit = this.readSlice({ ...piece, kind: 'slice', width: 1 }, bits, 'zero');
      const all = this.ops(bits).sub(this.constant(bits, 0n), bit);
      return upper === 'zero' ? this.mask(bits, width, all) : all;
    }
    return this.readSlice(piece, bits, upper);
  }

  private readSlice(piece: Piece & { kind: 'slice' }, bits: Bits, upper: Upper): Expression {
    const place = this.places.of(piece.signal);
    if (place.kind === 'memory') return this.loadSlice(piece, place.address, bits, upper);
    const width = this.places.width(piece.signal);
    const value =
      place.kind === 'local'
        ? { expression: this.get(place.index), bits: place.bits, zero: true }
        : this.fold(this, place.cell);
    return this.extract(value, width, piece, bits, upper);
  }

  /** Bits of a value that is not in memory. */
  private extract(
    value: Value,
    signalWidth: number,
    { offset, width }: { offset: number; width: number },
    bits: Bits,
    upper: Upper,
  ): Expression {
    const exact = value.zero && offset + width === signalWidth;
    if (upper === 'sign') {
      const own = this.signExtend(value.bits, width, this.shiftRight(value.bits, value.expression, offset));
      return this.convert(own, value.bits, bits, true);
    }
    const shifted = this.shiftRight(value.bits, value.expression, offset);
    const converted = this.convert(shifted, value.bits, bits);
    return exact || upper === 'any' ? converted : this.mask(bits, width, converted);
  }

  /** Bits of a word in memory, by the narrowest load that holds them. */
  private loadSlice(piece: Piece & { kind: 'slice' }, address: number, bits: Bits, upper: Upper): Expression {
    const { offset, width } = piece;
    const skip = offset & 7;
    const at = address + (offset >> 3);
    const span = skip + width;
    if (span > 64) {
      const low = 64 - skip;
      const high = this.loadSlice({ ...piece, offset: offset + low, width: width - low }, address, 64, upper);
      const lower = this.loadSlice({ ...piece, width: low }, address, 64, 'zero');
      return this.m.i64.or(lower, this.shiftLeft(64, high, low));
    }
    const size = span <= 8 ? 8 : span <= 16 ? 16 : span <= 32 ? 32 : 64;
    const loadBits: Bits = size === 64 ? 64 : bits;
    const own = this.places.width(piece.signal);
    const top = offset + width === own && (offset >> 3) + size / 8 <= wordBytes(own);
    if (upper === 'sign') {
      if (skip === 0 && width === size)
        return this.convert(this.load(at, size, loadBits, true), loadBits, bits, true);
      const value = this.shiftRight(loadBits, this.load(at, size, loadBits, false), skip);
      return this.convert(this.signExtend(loadBits, width, value), loadBits, bits, true);
    }
    const shifted = this.shiftRight(loadBits, this.load(at, size, loadBits, false), skip);
    const masked = top || upper === 'any' || span === size ? shifted : this.mask(loadBits, width, shifted);
    return this.convert(masked, loadBits, bits);
  }

  /** A load of `size` bits from a constant address. */
  load(address: number, size: number, bits: Bits, signed: boolean): Expression {
    const base = this.m.i32.const(0);
    return this.loadAt(base, address, size, bits, signed);
  }

  loadAt(base: Expression, offset: number, size: number, bits: Bits, signed: boolean): Expression {
    const { i32, i64 } = this.m;
    if (bits === 32) {
      if (size === 8) return signed ? i32.load8_s(offset, 1, base) : i32.load8_u(offset, 1, base);
      if (size === 16) return signed ? i32.load16_s(offset, 1, base) : i32.load16_u(offset, 1, base);
      return i32.load(offset, 1, base);
    }
    if (size === 8) return signed ? i64.load8_s(offset, 1, base) : i64.load8_u(offset, 1, base);
    if (size === 16) return signed ? i64.load16_s(offset, 1, base) : i64.load16_u(offset, 1, base);
    if (size === 32) return signed ? i64.load32_s(offset, 1, base) : i64.load32_u(offset, 1, base);
    return i64.load(offset, 1, base);
  }

  /** Stores a word of `width` <= 64 bits, with zeros above. */
  store(address: number, width: number, value: Value): Expression {
    const changed = this.watched(address);
    if (changed === undefined) return this.storeAt(this.m.i32.const(0), address, width, value);
    const size = width <= 8 ? 8 : width <= 16 ? 16 : width <= 32 ? 32 : 64;
    const bits = size === 64 ? 64 : 32;
    const clean = value.zero
      ? value.expression
      : this.mask(value.bits, Math.min(width, value.bits), value.expression);
    const local = this.local(bits);
    const get = () => this.get(local);
    return this.m.block(null, [
      this.m.local.set(local, this.convert(clean, value.bits, bits)),
      this.note(changed, this.differ(bits, get(), this.load(address, size, bits, false))),
      this.storeAt(this.m.i32.const(0), address, width, { expression: get(), bits, zero: true }),
    ]);
  }

  /** Stores 64 bits; `value` has zeros where the word has ended. */
  storeLimb(address: number, value: Expression): Expression {
    return this.store(address, 64, { expression: value, bits: 64, zero: true });
  }

  storeVector(address: number, value: Expression): Expression {
    const { m } = this;
    const base = () => m.i32.const(0);
    const changed = this.watched(address);
    if (changed === undefined) return m.v128.store(address, 1, base(), value);
    const local = this.local(128);
    const difference = m.v128.xor(this.get(local), m.v128.load(address, 1, base()));
    return m.block(null, [
      m.local.set(local, value),
      this.note(changed, m.v128.any_true(difference)),
      m.v128.store(address, 1, base(), this.get(local)),
    ]);
  }

  private watched(address: number): number | undefined {
    const { watch } = this;
    return watch && address >= watch.from && address < watch.to ? watch.local : undefined;
  }

  /** Not 0 where the values differ. */
  private differ(bits: Bits, a: Expression, b: Expression): Expression {
    return bits === 32 ? this.m.i32.xor(a, b) : this.m.i64.ne(a, b);
  }

  /** Adds to a local that collects changes. */
  note(changed: number, difference: Expression): Expression {
    return this.m.local.set(changed, this.m.i32.or(this.get(changed), difference));
  }

  storeAt(base: Expression, offset: number, width: number, value: Value): Expression {
    const { i32, i64 } = this.m;
    const size = width <= 8 ? 8 : width <= 16 ? 16 : width <= 32 ? 32 : 64;
    const expression =
      value.zero || width === size ? value.expression : this.mask(value.bits, width, value.expression);
    if (value.bits === 32) {
      if (size === 8) return i32.store8(offset, 1, base, expression);
      if (size === 16) return i32.store16(offset, 1, base, expression);
      if (size === 32) return i32.store(offset, 1, base, expression);
      return i64.store(offset, 1, base, this.convert(expression, 32, 64));
    }
    if (size === 8) return i64.store8(offset, 1, base, expression);
    if (size === 16) return i64.store16(offset, 1, base, expression);
    if (size === 32) return i64.store32(offset, 1, base, expression);
    return i64.store(offset, 1, base, expression);
  }

  /** Limb `k` (64 bits) of an operand, zeros above its end. */
  limb(operand: Operand, k: number): Expression {
    const width = operandWidth(operand);
    if (64 * k >= width) return this.constant(64, 0n);
    return this.read(sliceOperand(operand, 64 * k, Math.min(64, width - 64 * k)), 64, 'zero');
  }

  /** Whether a one-bit operand equals `activeHigh`, as i32. */
  condition(operand: Operand, activeHigh: boolean): Expression {
    const bit = this.read(operand, 32, 'zero');
    return activeHigh ? bit : this.m.i32.eqz(bit);
  }
}
