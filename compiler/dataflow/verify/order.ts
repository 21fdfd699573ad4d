/**
 * The order that semaphores impose. In: instructions. Out: an execution order, a vector clock an instruction, deadlocks.
 *
 * The machine is executed without times: fetch dispatches in order while the target queue has room, a unit takes its head when
 * every awaited semaphore is above zero. Each unit is in order and each semaphore has one producer and one consumer, so
 * which instructions can execute does not depend on who goes first: if this execution gets stuck, so does every timed one.
 *
 * The n-th wait on a semaphore takes the n-th signal. So the clock of an instruction i (for every unit, how many of its
 * instructions have surely ended when i is accepted) is the maximum of its predecessor's in the unit and those of the
 * instructions that signalled it. Order that only the queues impose is not used as proof of anything but semaphore bounds.
 */

import { type Instruction, unitIndex, unitOf } from '../../isa/index.js';

export const UNITS = 4;

export interface Order {
  /** Unit of each instruction. */
  readonly unit: Uint8Array;
  /** Position of each instruction among its unit's, from 1. */
  readonly ordinal: Int32Array;
  /** Instructions of each unit, by ordinal - 1. */
  readonly perUnit: readonly (readonly number[])[];
  /** Instructions in an order that respects happens-before; shorter than the program when it gets stuck. */
  readonly sequence: readonly number[];
  /** clocks[4 * i + u]: instructions of unit u that have ended when i is accepted. */
  readonly clocks: Int32Array;
  /** Unit heads that wait for ever, and the instruction that fetch could not dispatch (undefined: all dispatched). */
  readonly stuck: readonly number[];
  readonly undispatched: number | undefined;
  /** Signals not taken at the end, by 4 * producer + consumer. */
  readonly left: Int32Array;
}

/** Executes; `queueDepth` Infinity leaves the queues out. */
export function executeOrder(instructions: readonly Instruction[], queueDepth: number): Order {
  return new Execution(instructions, queueDepth).run();
}

class Execution {
  private readonly unit: Uint8Array;
  private readonly ordinal: Int32Array;
  private readonly perUnit: number[][] = Array.from({ length: UNITS }, () => []);
  private readonly clocks: Int32Array;
  private readonly sequence: number[] = [];
  private dispatched = 0;
  private readonly dispatchedOf = new Int32Array(UNITS);
  private readonly acceptedOf = new Int32Array(UNITS);
  /** Producers of the signals of each semaphore, in order, and how many were taken. */
  private readonly signals: number[][] = Array.from({ length: UNITS * UNITS }, () => []);
  private readonly taken = new Int32Array(UNITS * UNITS);

  constructor(
    private readonly instructions: readonly Instruction[],
    private readonly queueDepth: number,
  ) {
    this.unit = new Uint8Array(instructions.length);
    this.ordinal = new Int32Array(instructions.length);
    this.clocks = new Int32Array(UNITS * instructions.length);
    for (const [index, instruction] of instructions.entries()) {
      const unit = unitIndex[unitOf(instruction)!];
      this.unit[index] = unit;
      this.ordinal[index] = this.perUnit[unit]!.push(index);
    }
  }

  /**
   * Of the units that can go on, the one with the earliest instruction goes: so the sequence is the program's own order
   * wherever that respects the semaphores, and findings read in that order.
   */
  run(): Order {
    for (;;) {
      this.dispatch();
      let next: number | undefined;
      for (let unit = 0; unit < UNITS; unit++) {
        const head = this.head(unit);
        if (head !== undefined && (next === undefined || head < next) && this.isReady(head)) next = head;
      }
      if (next === undefined) break;
      this.execute(next);
    }
    return {
      unit: this.unit,
      ordinal: this.ordinal,
      perUnit: this.perUnit,
      sequence: this.sequence,
      clocks: this.clocks,
      stuck: this.stuckHeads(),
      undispatched: this.dispatched < this.instructions.length ? this.dispatched : undefined,
      left: Int32Array.from(this.signals, (list, s) => list.length - this.taken[s]!),
    };
  }

  private dispatch(): void {
    while (this.dispatched < this.instructions.length) {
      const unit = this.unit[this.dispatched]!;
      if (this.dispatchedOf[unit]! - this.acceptedOf[unit]! >= this.queueDepth) return;
      this.dispatchedOf[unit]! += 1;
      this.dispatched += 1;
    }
  }

  private head(unit: number): number | undefined {
    const accepted = this.acceptedOf[unit]!;
    return accepted < this.dispatchedOf[unit]! ? this.perUnit[unit]![accepted]! : undefined;
  }

  private stuckHeads(): readonly number[] {
    return [0, 1, 2, 3].map((unit) => this.head(unit)).filter((head) => head !== undefined);
  }

  private isReady(index: number): boolean {
    const unit = this.unit[index]!;
    const { wait } = this.instructions[index]!;
    for (let p = 0; p < UNITS; p++) {
      const s = UNITS * p + unit;
      if ((wait >>> p) & 1 && this.taken[s]! >= this.signals[s]!.length) return false;
    }
    return true;
  }

  private execute(index: number): void {
    const unit = this.unit[index]!;
    const { wait, signal } = this.instructions[index]!;
    this.setClock(index, unit, wait);
    this.acceptedOf[unit]! += 1;
    this.sequence.push(index);
    for (let c = 0; c < UNITS; c++) if ((signal >>> c) & 1) this.signals[UNITS * unit + c]!.push(index);
  }

  private setClock(index: number, unit: number, wait: number): void {
    const ordinal = this.ordinal[index]!;
    if (ordinal > 1) this.join(index, this.perUnit[unit]![ordinal - 2]!);
    for (let p = 0; p < UNITS; p++) {
      if (!((wait >>> p) & 1)) continue;
      const s = UNITS * p + unit;
      this.join(index, this.signals[s]![this.taken[s]!]!);
      this.taken[s]! += 1;
    }
  }

  /** Everything that `earlier` knew, and `earlier` itself, has ended before `index`. */
  private join(index: number, earlier: number): void {
    const { clocks } = this;
    for (let u = 0; u < UNITS; u++) {
      const known = clocks[UNITS * earlier + u]!;
      if (known > clocks[UNITS * index + u]!) clocks[UNITS * index + u] = known;
    }
    const own = UNITS * index + this.unit[earlier]!;
    if (this.ordinal[earlier]! > clocks[own]!) clocks[own] = this.ordinal[earlier]!;
  }
}
