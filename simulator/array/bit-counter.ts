/**
 * Counts the set bits of many vectors in WebAssembly. Population counts are dear (a dozen machine instructions a vector), so vectors go
 * through a tree of carry-save adders first, bit column by bit column: two vectors of weight 1 and the remainder of those before become
 * a remainder and one vector of weight 2, and so on; only every eighth vector, of weight 8, is counted.
 *
 *     add --1--> ones --2--> twos --4--> fours --8--> popcount, bytes --end of body--> 32-bit totals
 *
 * In: expressions. Out: statements, for a loop body that `add`s the same number of vectors every time (at most 248).
 */

import binaryen from 'binaryen';
import { invariant } from '../../base/index.js';

/** Vectors of weight 1, 2 and 4 wait for a partner; those of weight 8 are counted. */
const LEVELS = 3;
/** A byte holds this many population counts of a byte. */
const FULL_BYTES = 31;

/** Hands out a function's locals. */
export class Locals {
  readonly types: number[] = [];

  constructor(private readonly parameters: number) {}

  take(type: number): number {
    return this.parameters + this.types.push(type) - 1;
  }
}

export class BitCounter {
  /** Remainder and vector waiting for a partner, of each level. */
  private readonly remainders: readonly number[];
  private readonly waiting: readonly number[];
  private readonly waits = [false, false, false];
  private readonly value: number;
  private readonly half: number;
  private readonly bytes: number;
  private readonly totals: number;
  private counted = 0;

  /** @param mask bits of each 32-bit lane that count. */
  constructor(
    private readonly m: binaryen.Module,
    locals: Locals,
    private readonly mask = 0xffffffff,
  ) {
    const vector = () => locals.take(binaryen.v128);
    this.remainders = [vector(), vector(), vector()];
    this.waiting = [vector(), vector(), vector()];
    this.value = vector();
    this.half = vector();
    this.bytes = vector();
    this.totals = vector();
  }

  /** Counts the set bits of a vector. */
  add(vector: number): number[] {
    return this.push(0, vector);
  }

  /** The end of a loop body: nobody waits any more, bytes are widened before they overflow. */
  endBody(): number[] {
    const { m } = this;
    const code: number[] = [];
    for (let level = 0; level < LEVELS; level++) {
      if (!this.waits[level]) continue;
      this.waits[level] = false;
      const [rest, waiting] = [this.remainders[level]!, this.waiting[level]!];
      code.push(m.local.set(this.value, m.v128.and(this.get(rest), this.get(waiting))));
      code.push(m.local.set(rest, m.v128.xor(this.get(rest), this.get(waiting))));
      code.push(...this.push(level + 1, this.get(this.value)));
    }
    invariant(this.counted <= FULL_BYTES, 'a loop body counts more vectors than bytes can hold');
    if (this.counted === 0) return code;
    this.counted = 0;
    code.push(m.local.set(this.totals, m.i32x4.add(this.get(this.totals), this.widen(this.get(this.bytes)))));
    code.push(m.local.set(this.bytes, zeros(m)));
    return code;
  }

  /** After the loop: an i32, everything counted. */
  sum(): number {
    const { m } = this;
    const lanes = this.remainders.reduce(
      (sum, rest, level) =>
        m.i32x4.add(sum, m.i32x4.shl(this.widen(this.ones(this.get(rest))), m.i32.const(level))),
      m.i32x4.shl(this.get(this.totals), m.i32.const(LEVELS)),
    );
    return m.block(null, [m.local.set(this.value, lanes), addLanes(m, this.value)], binaryen.i32);
  }

  private get(local: number): number {
    return this.m.local.get(local, binaryen.v128);
  }

  private push(level: number, vector: number): number[] {
    const { m } = this;
    if (level === LEVELS) {
      this.counted++;
      return [m.local.set(this.bytes, m.i8x16.add(this.get(this.bytes), this.ones(vector)))];
    }
    const waiting = this.waiting[level]!;
    this.waits[level] = !this.waits[level];
    if (this.waits[level]) return [m.local.set(waiting, vector)];
    const rest = this.remainders[level]!;
    const { half, value } = this;
    const carry = m.v128.or(
      m.v128.and(this.get(waiting), this.get(value)),
      m.v128.and(this.get(half), this.get(rest)),
    );
    return [
      m.local.set(value, vector),
      m.local.set(half, m.v128.xor(this.get(waiting), this.get(value))),
      m.local.set(waiting, carry),
      m.local.set(rest, m.v128.xor(this.get(half), this.get(rest))),
      ...this.push(level + 1, this.get(waiting)),
    ];
  }

  private ones(vector: number): number {
    const { m, mask } = this;
    return m.i8x16.popcnt(mask === 0xffffffff ? vector : m.v128.and(vector, words(m, mask)));
  }

  private widen(bytes: number): number {
    const { m } = this;
    return m.i32x4.extadd_pairwise_i16x8_u(m.i16x8.extadd_pairwise_i8x16_u(bytes));
  }
}

/** Sum of the four 32-bit lanes of a local. */
export function addLanes(m: binaryen.Module, local: number): number {
  const lane = (index: number) => m.i32x4.extract_lane(m.local.get(local, binaryen.v128), index);
  return m.i32.add(m.i32.add(lane(0), lane(1)), m.i32.add(lane(2), lane(3)));
}

/** The same 32-bit word in every lane. */
export function words(m: binaryen.Module, word: number): number {
  return m.v128.const(Array.from({ length: 16 }, (_, i) => (word >>> (8 * (i & 3))) & 255));
}

export function zeros(m: binaryen.Module): number {
  return words(m, 0);
}
