/**
 * Which segments must run: a bit each, in linear memory. In: the plan of a cycle. Out: the code that looks at the bits, and the code that sets
 * them when something that a segment reads has changed.
 */

import type binaryen from 'binaryen';
import type { Design } from './design.js';
import type { Emitter, Expression } from './emitter.js';
import { type Layout, wordBytes } from './layout.js';
import type { Segments } from './segments.js';
import { limbsOf } from './wide.js';

/** Locals that collect changes, one for each set of segments that want to know. */
export class Changes {
  private readonly locals = new Map<string, readonly [number, readonly number[]]>();

  constructor(private readonly emitter: Emitter) {}

  local(readers: readonly number[]): number {
    const key = readers.join();
    const known = this.locals.get(key);
    if (known) return known[0];
    const local = this.emitter.local(32);
    this.locals.set(key, [local, readers]);
    return local;
  }

  all(): readonly (readonly [number, readonly number[]])[] {
    return [...this.locals.values()];
  }
}

export class RunFlags {
  /** Of the first word; all ones at the start. */
  readonly address: number;
  readonly words: number;

  constructor(
    private readonly module: binaryen.Module,
    private readonly layout: Layout,
    private readonly plan: Segments,
  ) {
    this.words = Math.ceil(plan.segments.length / 32);
    this.address = layout.bytes(4 * this.words);
  }

  private wordOf(segment: number): number {
    return this.address + 4 * (segment >> 5);
  }

  whenDirty(segment: number, calls: readonly Expression[]): Expression {
    const { i32 } = this.module;
    const at = this.wordOf(segment);
    const bit = 1 << (segment & 31);
    const word = () => i32.load(at, 4, i32.const(0));
    return this.module.if(
      i32.and(word(), i32.const(bit)),
      this.module.block(null, [i32.store(at, 4, i32.const(0), i32.and(word(), i32.const(~bit))), ...calls]),
    );
  }

  /** Calls a function of `count` segments from `first` on, all in one word, where one of them must run. */
  whenAnyDirty(first: number, count: number, call: Expression): Expression {
    const { i32 } = this.module;
    const mask = ((2 ** count - 1) << (first & 31)) | 0;
    return this.module.if(i32.and(i32.load(this.wordOf(first), 4, i32.const(0)), i32.const(mask)), call);
  }

  /** Says that segments must run. */
  mark(readers: readonly number[]): Expression[] {
    const { i32 } = this.module;
    const masks = new Map<number, number>();
    for (const reader of readers) {
      const at = this.wordOf(reader);
      masks.set(at, (masks.get(at) ?? 0) | (1 << (reader & 31)));
    }
    return [...masks].map(([at, mask]) =>
      i32.store(at, 4, i32.const(0), i32.or(i32.load(at, 4, i32.const(0)), i32.const(mask))),
    );
  }

  markAll(): Expression[] {
    const { i32 } = this.module;
    return Array.from({ length: this.words }, (_, i) =>
      i32.store(this.address + 4 * i, 4, i32.const(0), i32.const(-1)),
    );
  }

  /** Inputs are written from outside: each is compared with what it was. */
  noticeInputs(inputs: Design['inputs'], addresses: readonly number[]): Expression[] {
    const { i64 } = this.module;
    const base = () => this.module.i32.const(0);
    return inputs.flatMap(({ signal, width }, i) => {
      const readers = this.plan.readers.get(signal);
      if (!readers) return [];
      const shadow = this.layout.bytes(wordBytes(Math.max(width, 64)));
      const limbs = Array.from({ length: limbsOf(width) }, (_, k) => 8 * k);
      const load = (address: number) => i64.load(address, 8, base());
      const input = addresses[i]!;
      const differs = limbs
        .map((k) => i64.ne(load(input + k), load(shadow + k)))
        .reduce((x, y) => this.module.i32.or(x, y));
      const keep = limbs.map((k) => i64.store(shadow + k, 8, base(), load(input + k)));
      return [this.module.if(differs, this.module.block(null, [...keep, ...this.mark(readers)]))];
    });
  }
}
