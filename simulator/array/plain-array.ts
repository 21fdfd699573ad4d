/**
 * The array of any machine, register by register in plain TypeScript: every width of element, every multiplier depth. In and out: as
 * {@link ArrayModel}. Slower than the WebAssembly array, which knows one kind of PE; `test/engine/plain-array.test.ts` holds the two
 * to one another.
 *
 * Skews are histories of what the edges showed: array row r takes lane r of the act row shown r cycles ago, column c the weight
 * shown c cycles ago, and leaves its sum C - 1 - c cycles ahead.
 */

import type { ElementArray } from '../../base/index.js';
import { perRegisterClass, type RegisterClass, type Toggles } from '../../models/activity/index.js';
import { type Machine, partialSumBits } from '../../models/machine/index.js';
import type { ArrayModel, PePlane } from './array-model.js';
import { changed } from './changed-bits.js';

/** Cycles that may be shown ahead. */
const AHEAD = 256;

/** Bits of the registers of a PE; `half` of a weight are its low half. */
interface Widths {
  readonly activation: number;
  readonly weight: number;
  readonly half: number;
  readonly product: number;
  readonly sum: number;
}

/** What a PE's neighbours and its column's bus show. */
interface Shown {
  readonly activation: number;
  readonly enable: number;
  readonly weight: number;
  readonly sum: number;
}

export class PlainPeArray implements ArrayModel {
  private readonly rows: number;
  private readonly columns: number;
  private readonly stages: number;
  private readonly accumulatorBits: number;
  private readonly bits: Widths;
  /** Ring places of the edges: what was shown R or C cycles ago is still needed. */
  private readonly places: number;
  private readonly acts: Int16Array;
  private readonly enables: Uint8Array;
  private readonly bus: Int16Array;
  private readonly sums: Int32Array;
  /** PE registers, row by row. A PE without stages has no product, one with fewer than two no halves. */
  private readonly a: Int16Array;
  private readonly w: Int16Array;
  private readonly we: Uint8Array;
  private readonly p: Int32Array;
  private readonly product: Int32Array;
  private readonly low: Int32Array;
  private readonly high: Int32Array;
  private acc: Int32Array = new Int32Array(0);
  private cycle = 0;
  /** For {@link register}: the latest vector of each ring place, and the cycle of each array row's first weight. */
  private readonly entered: Float64Array;
  private readonly firstWeight: Float64Array;
  /** Toggles since they were last taken, undefined where nobody counts, and the weight row that the bus shows. */
  private toggles: Record<RegisterClass, number> | undefined;
  private readonly shownBus: Int16Array;

  /** @param counting whether toggles are counted. */
  constructor(machine: Machine, counting = false) {
    const { rows, columns, multiplierStages } = machine.array;
    const elements = rows * columns;
    this.rows = rows;
    this.columns = columns;
    this.stages = multiplierStages;
    this.accumulatorBits = machine.elements.accumulatorBits;
    this.bits = widthsOf(machine);
    this.places = AHEAD + rows + columns;
    this.acts = new Int16Array(this.places * rows);
    this.enables = new Uint8Array(this.places);
    this.bus = new Int16Array(this.places * columns);
    this.sums = new Int32Array(this.places * columns);
    this.a = new Int16Array(elements);
    this.w = new Int16Array(elements);
    this.we = new Uint8Array(elements);
    this.p = new Int32Array(elements);
    this.product = new Int32Array(elements);
    this.low = new Int32Array(elements);
    this.high = new Int32Array(elements);
    this.entered = new Float64Array(rows + columns + multiplierStages).fill(-1);
    this.firstWeight = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
    this.toggles = counting ? perRegisterClass(() => 0) : undefined;
    this.shownBus = new Int16Array(columns);
  }

  begin(acc: Int32Array): void {
    this.acc = Int32Array.from(acc);
  }

  accumulators(rows: number): Int32Array {
    return this.acc.subarray(0, rows * this.columns);
  }

  prepare(wanted: number): number {
    const count = Math.min(wanted, AHEAD);
    for (let ahead = 0; ahead < count; ahead++) this.enables[this.place(ahead)] = 0;
    return count;
  }

  holdAct(ahead: number): void {
    const { rows } = this;
    const before = this.place(ahead - 1) * rows;
    this.acts.copyWithin(this.place(ahead) * rows, before, before + rows);
  }

  showAct(ahead: number, source: ElementArray, from: number): void {
    this.acts.set(source.subarray(from, from + this.rows), this.place(ahead) * this.rows);
    const cycle = this.cycle + ahead;
    this.entered[cycle % this.entered.length] = cycle;
  }

  showWeight(ahead: number, row: number, source: ElementArray, from: number): void {
    const shown = source.subarray(from, from + this.columns);
    this.bus.set(shown, this.place(ahead) * this.columns);
    if (this.toggles) this.countBus(this.toggles, shown, row === 0);
    const cycle = this.cycle + ahead;
    if (cycle < this.firstWeight[row]!) this.firstWeight[row] = cycle;
    if (row === 0) this.enables[this.place(ahead)] = 1;
  }

  run(count: number): void {
    for (let end = this.cycle + count; this.cycle < end; this.cycle++) {
      if (this.toggles) this.countWest(this.toggles);
      this.step();
    }
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
    if (plane === 'we') return this.we[pe] === 1 ? -1 : 0;
    const behind = plane === 'p' ? this.stages : plane === 'm' ? this.stages - 1 : 0;
    const step = this.cycle - 1 - row - column - behind;
    if (plane === 'w') return step >= this.firstWeight[row]! - row ? this.w[pe]! : undefined;
    if (step < 0 || this.entered[step % this.entered.length] !== step) return undefined;
    return plane === 'a' ? this.a[pe]! : plane === 'p' ? this.p[pe]! : this.product[pe]!;
  }

  takeToggles(): Toggles | undefined {
    const taken = this.toggles;
    if (taken) this.toggles = perRegisterClass(() => 0);
    return taken;
  }

  /** Ring place of the cycle `ahead` of the present one (behind it, if negative). */
  private place(ahead: number): number {
    return (this.cycle + ahead + this.places) % this.places;
  }

  /** One cycle. From the south-east corner, so that neighbours to the north and west still hold old values. */
  private step(): void {
    const { rows, columns } = this;
    const last = (rows - 1) * columns;
    for (let c = 0; c < columns; c++)
      this.sums[this.place(columns - 1 - c) * columns + c] = this.p[last + c]!;
    for (let r = rows - 1; r >= 0; r--) {
      const edge = this.place(-r);
      for (let c = columns - 1; c >= 0; c--) {
        const pe = r * columns + c;
        this.element(pe, {
          activation: c === 0 ? this.acts[edge * rows + r]! : this.a[pe - 1]!,
          enable: c === 0 ? this.enables[edge]! : this.we[pe - 1]!,
          weight: this.bus[this.place(-c) * columns + c]!,
          sum: r === 0 ? 0 : this.p[pe - columns]!,
        });
      }
    }
  }

  /** The registers of one PE take their next values. */
  private element(pe: number, shown: Shown): void {
    const { stages } = this;
    const split = 2 ** this.bits.half;
    const weight = this.w[pe]!;
    const product = shown.activation * weight;
    const halves = this.high[pe]! * split + this.low[pe]!;
    const low = weight & (split - 1);
    const next = {
      sum: (shown.sum + (stages === 0 ? product : this.product[pe]!)) | 0,
      product: stages === 0 ? 0 : stages === 1 ? product : halves,
      low: stages < 2 ? 0 : shown.activation * low,
      high: stages < 2 ? 0 : shown.activation * ((weight - low) / split),
      weight: shown.enable === 1 ? shown.weight : weight,
    };
    if (this.toggles) this.countElement(this.toggles, pe, shown, next);
    this.p[pe] = next.sum;
    this.product[pe] = next.product;
    this.low[pe] = next.low;
    this.high[pe] = next.high;
    this.w[pe] = next.weight;
    this.a[pe] = shown.activation;
    this.we[pe] = shown.enable;
  }

  private countElement(
    toggles: Record<RegisterClass, number>,
    pe: number,
    shown: Shown,
    next: Readonly<Record<'sum' | 'product' | 'low' | 'high' | 'weight', number>>,
  ): void {
    const { bits } = this;
    const sum = changed(this.p[pe]!, next.sum, bits.sum);
    toggles.sum += sum;
    const column = pe % this.columns;
    // A change of a bottom sum passes every stage of its column's delay line.
    if (pe - column === (this.rows - 1) * this.columns)
      toggles.sumAlignment += (this.columns - 1 - column) * sum;
    toggles.product +=
      changed(this.product[pe]!, next.product, bits.product) +
      changed(this.low[pe]!, next.low, bits.activation + bits.half) +
      changed(this.high[pe]!, next.high, bits.activation + bits.weight - bits.half);
    toggles.weight += changed(this.w[pe]!, next.weight, bits.weight);
    toggles.activation += changed(this.a[pe]!, shown.activation, bits.activation);
    toggles.writeEnable += this.we[pe]! ^ shown.enable;
  }

  /** A change at the west edge passes r stages in array row r. */
  private countWest(toggles: Record<RegisterClass, number>): void {
    const [now, before] = [this.place(0) * this.rows, this.place(-1) * this.rows];
    for (let r = 1; r < this.rows; r++)
      toggles.activationSkew +=
        r * changed(this.acts[before + r]!, this.acts[now + r]!, this.bits.activation);
  }

  /** A weight row on the bus: column c's part passes c stages, and an enable passes one to the row below each of R-1 rows. */
  private countBus(toggles: Record<RegisterClass, number>, shown: ElementArray, first: boolean): void {
    for (let c = 0; c < this.columns; c++)
      toggles.weightSkew += c * changed(this.shownBus[c]!, shown[c]!, this.bits.weight);
    this.shownBus.set(shown);
    // Tiles are at least two cycles apart: an enable rises and falls in every register that it passes.
    if (first) toggles.writeSkew += 2 * (this.rows - 1);
  }
}

function widthsOf(machine: Machine): Widths {
  const { activationBits, weightBits } = machine.elements;
  return {
    activation: activationBits,
    weight: weightBits,
    half: weightBits / 2,
    product: activationBits + weightBits,
    sum: partialSumBits(machine),
  };
}
