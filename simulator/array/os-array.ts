/**
 * The registers of an output-stationary array, in plain TypeScript: transposer, skews, processing elements, alignment of what drains. In:
 * an act row, a weight row and the control of a cycle. Out: drained sums, registers, toggles. `pe_array_os.v` is the same circuit.
 */

import type { ElementArray } from '../../base/index.js';
import { perRegisterClass, type RegisterClass, type Toggles } from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import { changed } from './changed-bits.js';

/** Registers of an output-stationary PE: activation, weight, last product, sum, drained sum, turn. */
export type OsPlane = 'a' | 'w' | 'm' | 's' | 'd' | 't';

/** Hands over the sums of so many pixels (0: what was there before the first block). */
export interface Turn {
  readonly pixels: number;
}

/** Control of one cycle. */
export interface OsControl {
  /** Pixel 0 of a tile is at the transposer. */
  readonly load: boolean;
  /** A channel of a block is at PE(0, 0), with its weight. */
  readonly streaming: boolean;
  /** PE(0, 0) begins a new sum. */
  readonly turn: Turn | undefined;
}

/** A PE's registers. */
interface Elements {
  readonly a: Int32Array;
  readonly w: Int32Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly m: Int32Array;
  readonly s: Int32Array;
  readonly d: Int32Array;
}

export class OsArray {
  private readonly rows: number;
  private readonly columns: number;
  private readonly stages: number;
  private readonly activationBits: number;
  private readonly weightBits: number;
  private readonly sumBits: number;
  private readonly pe: Elements;
  /** Whether a drained sum is of a pixel. */
  private readonly drained: Uint8Array;
  private readonly act: Int32Array;
  private readonly bus: Int32Array;
  /** Row r of the transposer, its next channel first. */
  private readonly transposer: Int32Array;
  /** What the edges showed: cycle n at n modulo the ring's length. */
  private readonly ring: number;
  private readonly loads: Uint8Array;
  private readonly streams: Uint8Array;
  private readonly turns: Int32Array;
  private readonly weights: Int32Array;
  private readonly outs: Int32Array;
  private cycle = 0;
  /** Between instructions: clocked on or gated, as the target has it, so nothing is said of the registers. */
  private resting = true;
  private toggles: Record<RegisterClass, number> | undefined;

  constructor(machine: Machine, counting: boolean) {
    const { rows, columns, multiplierStages } = machine.array;
    const count = rows * columns;
    this.rows = rows;
    this.columns = columns;
    this.stages = multiplierStages;
    this.activationBits = machine.elements.activationBits;
    this.weightBits = machine.elements.weightBits;
    this.sumBits = machine.elements.accumulatorBits;
    const plane = () => new Int32Array(count);
    this.pe = { a: plane(), w: plane(), low: plane(), high: plane(), m: plane(), s: plane(), d: plane() };
    this.drained = new Uint8Array(count);
    this.act = new Int32Array(rows);
    this.bus = new Int32Array(columns);
    this.transposer = new Int32Array(rows * rows);
    this.ring = rows + columns + multiplierStages + 2;
    this.loads = new Uint8Array(this.ring);
    this.streams = new Uint8Array(this.ring);
    this.turns = new Int32Array(this.ring).fill(-1);
    this.weights = new Int32Array(this.ring * columns);
    this.outs = new Int32Array(this.ring * columns);
    this.toggles = counting ? perRegisterClass(() => 0) : undefined;
  }

  /** An instruction begins. What an earlier one left on its way, in or out, says nothing any more: the hardware may have moved on. */
  wake(): void {
    this.resting = false;
    this.drained.fill(0);
    this.streams.fill(0);
  }

  /** The last sum of an instruction is out. */
  rest(): void {
    this.resting = true;
  }

  /** Shows R channels of a pixel from now on. */
  showAct(source: ElementArray, from: number): void {
    for (let r = 0; r < this.rows; r++) this.act[r] = source[from + r]!;
  }

  /** Shows C weights from now on. */
  showWeight(source: ElementArray, from: number): void {
    for (let c = 0; c < this.columns; c++) this.bus[c] = source[from + c]!;
  }

  /** Moves every register through one cycle. */
  step({ load, streaming, turn }: OsControl): void {
    const at = this.cycle % this.ring;
    this.loads[at] = Number(load);
    this.streams[at] = Number(streaming);
    this.turns[at] = turn ? turn.pixels : -1;
    this.weights.set(this.bus, at * this.columns);
    for (let c = 0; c < this.columns; c++) this.outs[at * this.columns + c] = this.pe.d[c]!;
    if (this.toggles) this.countControl();
    if (this.toggles) this.countDelays();
    this.stepDrains();
    this.stepElements();
    this.stepTransposer();
    this.cycle++;
  }

  /** The drained sums that were aligned in the latest cycle: column c left C - 1 - c cycles before. */
  sums(): Int32Array {
    const { columns } = this;
    return Int32Array.from({ length: columns }, (_, c) => this.outs[this.back(columns - c) * columns + c]!);
  }

  /** A register of PE(row, column), signed; undefined where no result depends on it. */
  register(plane: OsPlane, row: number, column: number): number | undefined {
    if (this.resting) return undefined;
    const place = row * this.columns + column;
    if (plane === 'd') return this.drained[place] === 1 ? this.pe.d[place]! : undefined;
    const behind = plane === 's' ? this.stages : plane === 'm' ? this.stages - 1 : 0;
    const step = 1 + row + column + behind;
    if (this.cycle < step || this.streams[this.back(step)] === 0) return undefined;
    if (plane === 't') return this.turns[this.back(step)]! >= 0 ? -1 : 0;
    return this.pe[plane][place]!;
  }

  /** Toggles since this was last asked; undefined where nobody counts. */
  takeToggles(): Toggles | undefined {
    const taken = this.toggles;
    if (taken) this.toggles = perRegisterClass(() => 0);
    return taken;
  }

  /** Ring place of `cycles` cycles before the present one. */
  private back(cycles: number): number {
    return (((this.cycle - cycles) % this.ring) + this.ring) % this.ring;
  }

  /** The turn at PE(r, c) in this cycle: pixels, -1 for none. */
  private turnAt(row: number, column: number): number {
    return this.cycle < row + column ? -1 : this.turns[this.back(row + column)]!;
  }

  /** drain_q takes the PE's own sum, or that of the PE below. */
  private stepDrains(): void {
    const { rows, columns, drained } = this;
    const { d, s } = this.pe;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const place = r * columns + c;
        const pixels = this.turnAt(r, c);
        const below = r === rows - 1 ? 0 : d[place + columns]!;
        const next = pixels >= 0 ? s[place]! : below;
        const known = r === rows - 1 ? 0 : drained[place + columns]!;
        drained[place] = pixels >= 0 ? Number(r < pixels) : known;
        this.note('sum', d[place]!, next, this.sumBits);
        d[place] = next;
      }
    }
  }

  /** Products and sums, then operands: from the last PE to the first, so that each still sees what its neighbours held. */
  private stepElements(): void {
    const { rows, columns } = this;
    for (let r = rows - 1; r >= 0; r--) {
      for (let c = columns - 1; c >= 0; c--) {
        const place = r * columns + c;
        const activation = c === 0 ? this.transposer[r * rows]! : this.pe.a[place - 1]!;
        const weight = r === 0 ? this.weights[this.back(c) * columns + c]! : this.pe.w[place - columns]!;
        this.element(place, activation, weight, this.turnAt(r, c) >= 0);
      }
    }
  }

  private element(place: number, activation: number, weight: number, turn: boolean): void {
    const { stages, activationBits, weightBits } = this;
    const { a, w, low, high, m, s } = this.pe;
    const half = weightBits / 2;
    const product = activation * weight;
    const unused = 32 - this.sumBits;
    const sum = (((turn ? 0 : s[place]!) + (stages === 0 ? product : m[place]!)) << unused) >> unused;
    this.note('sum', s[place]!, sum, this.sumBits);
    s[place] = sum;
    if (stages > 0) {
      const last = stages === 1 ? product : high[place]! * 2 ** half + low[place]!;
      this.note('product', m[place]!, last, activationBits + weightBits);
      m[place] = last;
    }
    if (stages === 2) {
      const lowWeight = weight & (2 ** half - 1);
      const nextLow = activation * lowWeight;
      const nextHigh = activation * ((weight - lowWeight) / 2 ** half);
      this.note('product', low[place]!, nextLow, activationBits + half);
      this.note('product', high[place]!, nextHigh, activationBits + half);
      low[place] = nextLow;
      high[place] = nextHigh;
    }
    this.note('activation', a[place]!, activation, activationBits);
    this.note('weight', w[place]!, weight, weightBits);
    a[place] = activation;
    w[place] = weight;
  }

  /** Row r loads r cycles after row 0, else moves up a channel and takes a zero. */
  private stepTransposer(): void {
    const { rows, transposer } = this;
    for (let r = 0; r < rows; r++) {
      const load = this.cycle >= r && this.loads[this.back(r)] === 1;
      for (let k = 0; k < rows; k++) {
        const place = r * rows + k;
        const next = load ? this.act[k]! : k === rows - 1 ? 0 : transposer[place + 1]!;
        this.note('activationSkew', transposer[place]!, next, this.activationBits);
        transposer[place] = next;
      }
    }
  }

  /** turn_q of the PEs, and load_q and turn_q in front of rows 1 to R - 1. */
  private countControl(): void {
    const { rows, columns } = this;
    const turn = (back: number) => Number(this.turns[this.back(back)]! >= 0);
    const load = (back: number) => this.loads[this.back(back)]!;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) this.note('writeEnable', turn(r + c + 1), turn(r + c), 1);
    for (let r = 1; r < rows; r++) {
      this.note('writeSkew', turn(r), turn(r - 1), 1);
      this.note('writeSkew', load(r), load(r - 1), 1);
    }
  }

  /** Stage i of column c's delay lines takes what was shown i cycles ago. */
  private countDelays(): void {
    const { columns, weights, outs } = this;
    for (let i = 0; i < columns - 1; i++) {
      const [now, before] = [this.back(i) * columns, this.back(i + 1) * columns];
      for (let c = i + 1; c < columns; c++)
        this.note('weightSkew', weights[before + c]!, weights[now + c]!, this.weightBits);
      for (let c = 0; c < columns - 1 - i; c++)
        this.note('sumAlignment', outs[before + c]!, outs[now + c]!, this.sumBits);
    }
  }

  private note(name: RegisterClass, before: number, after: number, bits: number): void {
    if (!this.toggles || before === after) return;
    this.toggles[name] += changed(before, after, bits);
  }
}
