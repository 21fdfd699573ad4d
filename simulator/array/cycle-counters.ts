/**
 * What the array's module adds to its cycle loop when it counts toggles: for each class of register, bits that a cycle changes. In: the
 * vectors in which old and new values differ. Out: statements, and words at `Layout.counts` that grow by the counts of a call.
 *
 * Delay lines need no state of their own: each stage repeats, a cycle later, what entered the line, so a change of what a line
 * is shown counts once a stage. At rest (the edges hold still for R + C cycles) that is exact.
 */

import binaryen from 'binaryen';
import type { RegisterClass } from '../../models/activity/index.js';
import { addLanes, BitCounter, type Locals, words } from './bit-counter.js';
import { GROUP, type Layout, WORD } from './layout.js';

/** What the module counts, in the order of the words at `Layout.counts`; the rest is counted where weights are shown. */
export const countedClasses = [
  'activation',
  'product',
  'sum',
  'weight',
  'writeEnable',
  'activationSkew',
  'sumAlignment',
] as const satisfies readonly RegisterClass[];
/** Registers of a PE. */
export type CountedPlane = 'activation' | 'product' | 'sum' | 'weight' | 'writeEnable';

export class CycleCounters {
  private readonly planes: ReadonlyMap<CountedPlane, BitCounter>;
  private readonly activationSkew: number;
  private readonly sumAlignment: number;
  private readonly changed: number;
  private readonly sumMask: number;

  /** @param writing whether weights move. */
  constructor(
    private readonly m: binaryen.Module,
    private readonly at: Layout,
    locals: Locals,
    writing: boolean,
  ) {
    this.sumMask = 2 ** at.sumBits - 1;
    const planes: [CountedPlane, BitCounter][] = [
      ['activation', new BitCounter(m, locals)],
      ['product', new BitCounter(m, locals)],
      ['sum', new BitCounter(m, locals, this.sumMask)],
    ];
    // An enable is a byte of ones; it counts as one bit.
    if (writing)
      planes.push(
        ['weight', new BitCounter(m, locals)],
        ['writeEnable', new BitCounter(m, locals, 0x01010101)],
      );
    this.planes = new Map(planes);
    this.activationSkew = locals.take(binaryen.v128);
    this.sumAlignment = locals.take(binaryen.v128);
    this.changed = locals.take(binaryen.v128);
  }

  /** Counts a difference of old and new registers of a group; lanes past the last column hold what leaves the array. */
  plane(name: CountedPlane, group: number, difference: number): number[] {
    const { m, at } = this;
    const unused = GROUP * (group + 1) - at.columns;
    const passesThrough = name === 'activation' || name === 'writeEnable';
    if (unused <= 0 || !passesThrough) return this.planes.get(name)!.add(difference);
    const lanes = Array.from({ length: GROUP }, (_, i) => (i < GROUP - unused ? 255 : 0));
    return this.planes.get(name)!.add(m.v128.and(difference, m.v128.const(lanes)));
  }

  /** The end of a block of rows. */
  endRows(): number[] {
    return [...this.planes.values()].flatMap((counter) => counter.endBody());
  }

  /** The west edge: lane r, which passes r stages, against the entry before. @param act address of this cycle's entry. */
  westEdge(act: () => number, entry: number): number[] {
    const { m, at } = this;
    return Array.from({ length: Math.ceil(at.rows / GROUP) }, (_, k) => {
      const load = (back: number) => m.v128.load(entry + k * GROUP - back * at.actPitch, 1, act());
      const stages = m.v128.const(
        Array.from({ length: GROUP }, (_, i) => (k * GROUP + i < at.rows ? k * GROUP + i : 0)),
      );
      const ones = () => m.local.get(this.changed, binaryen.v128);
      const weighted = m.i16x8.add(
        m.i16x8.extmul_low_i8x16_u(ones(), stages),
        m.i16x8.extmul_high_i8x16_u(ones(), stages),
      );
      return [
        m.local.set(this.changed, m.i8x16.popcnt(m.v128.xor(load(0), load(1)))),
        this.addTo(this.activationSkew, m.i32x4.extadd_pairwise_i16x8_u(weighted)),
      ];
    }).flat();
  }

  /** The south edge: four columns' partial sums, which pass C-1-c stages, against those of the cycle before. */
  southEdge(quad: number, sums: () => number): number[] {
    const { m, at } = this;
    const last = at.lastSums + quad * GROUP;
    const stages = m.v128.const(
      Array.from({ length: 4 }, (_, i) => {
        const depth = Math.max(0, at.columns - 1 - (4 * quad + i));
        return [depth, 0, depth, 0];
      }).flat(),
    );
    const before = m.v128.load(last, 16, m.i32.const(0));
    const changed = m.v128.and(m.v128.xor(sums(), before), words(m, this.sumMask));
    const halves = m.i16x8.extadd_pairwise_i8x16_u(m.i8x16.popcnt(changed));
    return [
      this.addTo(this.sumAlignment, m.i32x4.dot_i16x8_s(halves, stages)),
      m.v128.store(last, 16, m.i32.const(0), sums()),
    ];
  }

  /** After the loop: adds everything to the words at `counts`. */
  finish(): number[] {
    const { m, at } = this;
    const edges = { activationSkew: this.activationSkew, sumAlignment: this.sumAlignment };
    return countedClasses.flatMap((name, index) => {
      const place = at.counts + index * WORD;
      const grow = (by: number) =>
        m.i32.store(place, WORD, m.i32.const(0), m.i32.add(m.i32.load(place, WORD, m.i32.const(0)), by));
      if (name === 'activationSkew' || name === 'sumAlignment') return [grow(addLanes(m, edges[name]))];
      const counter = this.planes.get(name);
      return counter ? [grow(counter.sum())] : [];
    });
  }

  private addTo(total: number, lanes: number): number {
    const { m } = this;
    return m.local.set(total, m.i32x4.add(m.local.get(total, binaryen.v128), lanes));
  }
}
