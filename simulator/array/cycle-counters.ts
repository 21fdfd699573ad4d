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

/**
 * What the module counts, in the order of the words at `Layout.counts`: `weight`, the enables and the weight skew change only when a
 * weight row is shown, and are counted there.
 */
export const countedClasses = [
  'product',
  'sum',
  'activation',
  'activationSkew',
  'sumAlignment',
] as const satisfies readonly RegisterClass[];
/** Registers of a PE that the module compares with their old values. */
export type ComparedPlane = 'product' | 'sum';

export class CycleCounters {
  private readonly planes: Readonly<Record<ComparedPlane, BitCounter>>;
  /** Totals of the edges, four 32-bit lanes each. */
  private readonly edges: Readonly<Record<'activation' | 'activationSkew' | 'sumAlignment', number>>;
  private readonly changed: number;
  private readonly sumMask: number;

  constructor(
    private readonly m: binaryen.Module,
    private readonly at: Layout,
    locals: Locals,
  ) {
    this.sumMask = 2 ** at.sumBits - 1;
    this.planes = { product: new BitCounter(m, locals), sum: new BitCounter(m, locals, this.sumMask) };
    const total = () => locals.take(binaryen.v128);
    this.edges = { activation: total(), activationSkew: total(), sumAlignment: total() };
    this.changed = total();
  }

  /** Counts a difference of old and new registers. */
  plane(name: ComparedPlane, difference: number): number[] {
    return this.planes[name].add(difference);
  }

  /**
   * The west edge against the entry before: lane r passes r stages of skew, then C PEs. @param act address of the streams, to which
   * `entry` adds this cycle's vector.
   */
  westEdge(act: () => number, entry: number): number[] {
    const { m, at } = this;
    const ones = () => m.local.get(this.changed, binaryen.v128);
    return Array.from({ length: Math.ceil(at.rows / GROUP) }, (_, k) => {
      const load = (back: number) => m.v128.load(entry + k * GROUP - back * at.actPitch, 1, act());
      const lanes = (stages: (row: number) => number) =>
        m.v128.const(
          Array.from({ length: GROUP }, (_, i) => (k * GROUP + i < at.rows ? stages(k * GROUP + i) : 0)),
        );
      const weighted = (weights: () => number) =>
        m.i32x4.extadd_pairwise_i16x8_u(
          m.i16x8.add(
            m.i16x8.extmul_low_i8x16_u(ones(), weights()),
            m.i16x8.extmul_high_i8x16_u(ones(), weights()),
          ),
        );
      return [
        m.local.set(this.changed, m.i8x16.popcnt(m.v128.xor(load(0), load(1)))),
        this.addTo(
          'activationSkew',
          weighted(() => lanes((row) => row)),
        ),
        this.addTo(
          'activation',
          weighted(() => lanes(() => 1)),
        ),
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
      this.addTo('sumAlignment', m.i32x4.dot_i16x8_s(halves, stages)),
      m.v128.store(last, 16, m.i32.const(0), sums()),
    ];
  }

  /** After the loop: adds everything to the words at `counts`. */
  finish(): number[] {
    const { m, at } = this;
    const [edge, plane] = [this.edges, this.planes];
    const counts = [
      plane.product.sum(),
      plane.sum.sum(),
      m.i32.mul(addLanes(m, edge.activation), m.i32.const(at.columns)),
      addLanes(m, edge.activationSkew),
      addLanes(m, edge.sumAlignment),
    ];
    return counts.map((count, index) => {
      const place = at.counts + index * WORD;
      const before = m.i32.load(place, WORD, m.i32.const(0));
      return m.i32.store(place, WORD, m.i32.const(0), m.i32.add(before, count));
    });
  }

  private addTo(edge: keyof CycleCounters['edges'], lanes: number): number {
    const { m } = this;
    const total = this.edges[edge];
    return m.local.set(total, m.i32x4.add(m.local.get(total, binaryen.v128), lanes));
  }
}
