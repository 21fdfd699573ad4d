/**
 * Counts the set bits of vectors in WebAssembly, 64 bits at a time: processors count the bits of a word in one instruction, but
 * those of a vector's bytes in a dozen (a tree of carry-save adders in front of byte counts was a third slower). In:
 * expressions. Out: statements for a loop body, and the sum after it.
 */

import binaryen from 'binaryen';

/** Hands out a function's locals. */
export class Locals {
  readonly types: number[] = [];

  constructor(private readonly parameters: number) {}

  take(type: number): number {
    return this.parameters + this.types.push(type) - 1;
  }
}

export class BitCounter {
  private readonly vector: number;
  private readonly total: number;

  /** @param mask bits of each 32-bit lane that count. */
  constructor(
    private readonly m: binaryen.Module,
    locals: Locals,
    private readonly mask = 0xffffffff,
  ) {
    this.vector = locals.take(binaryen.v128);
    this.total = locals.take(binaryen.i64);
  }

  /** Counts the set bits of a vector. */
  add(vector: number): number[] {
    const { m, mask } = this;
    const masked = mask === 0xffffffff ? vector : m.v128.and(vector, words(m, mask));
    const ones = (half: number) =>
      m.i64.popcnt(m.i64x2.extract_lane(m.local.get(this.vector, binaryen.v128), half));
    const total = m.local.get(this.total, binaryen.i64);
    return [
      m.local.set(this.vector, masked),
      m.local.set(this.total, m.i64.add(total, m.i64.add(ones(0), ones(1)))),
    ];
  }

  /** After the loop: an i32, everything counted. */
  sum(): number {
    return this.m.i32.wrap(this.m.local.get(this.total, binaryen.i64));
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
