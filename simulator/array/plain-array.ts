/**
 * The array of any machine, register by register in plain TypeScript: every multiplier depth. In and out: as {@link ArrayModel}.
 * Slower than the WebAssembly array, which knows one kind of PE; `test/engine/plain-array.test.ts` holds the two to one another.
 *
 * Skews are histories of what the edges showed: array row r takes lane r of the act row shown r cycles ago, column c the weight
 * shown c cycles ago, and leaves its sum C - 1 - c cycles ahead.
 */

import type { Machine } from '../../models/machine/index.js';
import type { ArrayModel, PePlane } from './array-model.js';

/** Cycles that may be shown ahead. */
const AHEAD = 256;

export class PlainPeArray implements ArrayModel {
  private readonly rows: number;
  private readonly columns: number;
  private readonly accumulatorBits: number;
  /** Ring places of the edges: what was shown R or C cycles ago is still needed. */
  private readonly places: number;
  private readonly acts: Int8Array;
  private readonly enables: Uint8Array;
  private readonly bus: Int8Array;
  private readonly sums: Int32Array;
  /** PE registers, row by row; `products[0]` is the first stage. */
  private readonly a: Int8Array;
  private readonly w: Int8Array;
  private readonly we: Uint8Array;
  private readonly p: Int32Array;
  private readonly products: readonly Int32Array[];
  private acc: Int32Array = new Int32Array(0);
  private cycle = 0;
  /** For {@link register}: the latest vector of each ring place, and the cycle of each array row's first weight. */
  private readonly entered: Float64Array;
  private readonly firstWeight: Float64Array;

  constructor(machine: Machine) {
    const { rows, columns, multiplierStages } = machine.array;
    this.rows = rows;
    this.columns = columns;
    this.accumulatorBits = machine.elements.accumulatorBits;
    this.places = AHEAD + rows + columns;
    this.acts = new Int8Array(this.places * rows);
    this.enables = new Uint8Array(this.places);
    this.bus = new Int8Array(this.places * columns);
    this.sums = new Int32Array(this.places * columns);
    this.a = new Int8Array(rows * columns);
    this.w = new Int8Array(rows * columns);
    this.we = new Uint8Array(rows * columns);
    this.p = new Int32Array(rows * columns);
    this.products = Array.from({ length: multiplierStages }, () => new Int32Array(rows * columns));
    this.entered = new Float64Array(rows + columns + multiplierStages).fill(-1);
    this.firstWeight = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  }

  begin(acc: Int32Array): void {
    this.acts.fill(0);
    this.enables.fill(0);
    this.acc = Int32Array.from(acc);
  }

  accumulators(rows: number): Int32Array {
    return this.acc.subarray(0, rows * this.columns);
  }

  prepare(wanted: number): number {
    const count = Math.min(wanted, AHEAD);
    for (let ahead = 0; ahead < count; ahead++) {
      const place = this.place(ahead);
      this.acts.fill(0, place * this.rows, (place + 1) * this.rows);
      this.enables[place] = 0;
    }
    return count;
  }

  showAct(ahead: number, source: Int8Array, from: number): void {
    this.acts.set(source.subarray(from, from + this.rows), this.place(ahead) * this.rows);
    const cycle = this.cycle + ahead;
    this.entered[cycle % this.entered.length] = cycle;
  }

  showWeight(ahead: number, row: number, source: Int8Array, from: number): void {
    this.bus.set(source.subarray(from, from + this.columns), this.place(ahead) * this.columns);
    const cycle = this.cycle + ahead;
    if (cycle < this.firstWeight[row]!) this.firstWeight[row] = cycle;
    if (row === 0) this.enables[this.place(ahead)] = 1;
  }

  run(count: number): void {
    for (let end = this.cycle + count; this.cycle < end; this.cycle++) this.step();
  }

  accumulate(to: number, behind: number, rows: number): void {
    const unused = 32 - this.accumulatorBits;
    for (let row = 0; row < rows; row++) {
      const sums = this.place(row - behind) * this.columns;
      const acc = (to + row) * this.columns;
      for (let c = 0; c < this.columns; c++)
        this.acc[acc + c] = ((this.acc[acc + c]! + this.sums[sums + c]!) << unused) >> unused;
    }
  }

  register(plane: PePlane, row: number, column: number): number | undefined {
    const pe = row * this.columns + column;
    const stages = this.products.length;
    if (plane === 'we') return -this.we[pe]!;
    const behind = plane === 'p' ? stages : plane === 'm' ? stages - 1 : 0;
    const step = this.cycle - 1 - row - column - behind;
    if (plane === 'w') return step >= this.firstWeight[row]! - row ? this.w[pe]! : undefined;
    if (step < 0 || this.entered[step % this.entered.length] !== step) return undefined;
    return plane === 'a' ? this.a[pe]! : plane === 'p' ? this.p[pe]! : this.products[stages - 1]![pe]!;
  }

  /** Ring place of the cycle `ahead` of the present one (behind it, if negative). */
  private place(ahead: number): number {
    return (this.cycle + ahead + this.places) % this.places;
  }

  /** One cycle. From the south-east corner, so that neighbours to the north and west still hold old values. */
  private step(): void {
    const { rows, columns, places } = this;
    const now = this.cycle % places;
    const last = (rows - 1) * columns;
    for (let c = 0; c < columns; c++)
      this.sums[this.place(columns - 1 - c) * columns + c] = this.p[last + c]!;
    for (let r = rows - 1; r >= 0; r--) {
      const shown = (now - r + places) % places;
      for (let c = columns - 1; c >= 0; c--) {
        const west = c === 0;
        const pe = r * columns + c;
        this.element(pe, {
          activation: west ? this.acts[shown * rows + r]! : this.a[pe - 1]!,
          enable: west ? this.enables[shown]! : this.we[pe - 1]!,
          weight: this.bus[((now - c + places) % places) * columns + c]!,
          sum: r === 0 ? 0 : this.p[pe - columns]!,
        });
      }
    }
  }

  /** The registers of one PE take their next values from what its neighbours show. */
  private element(
    pe: number,
    shown: {
      readonly activation: number;
      readonly enable: number;
      readonly weight: number;
      readonly sum: number;
    },
  ): void {
    const { products } = this;
    const stages = products.length;
    const product = shown.activation * this.w[pe]!;
    this.p[pe] = shown.sum + (stages === 0 ? product : products[stages - 1]![pe]!);
    for (let stage = stages - 1; stage > 0; stage--) products[stage]![pe] = products[stage - 1]![pe]!;
    if (stages > 0) products[0]![pe] = product;
    if (shown.enable === 1) this.w[pe] = shown.weight;
    this.a[pe] = shown.activation;
    this.we[pe] = shown.enable;
  }
}
