/**
 * The shell that all units share: a queue, waiting for semaphores, one instruction at a time (docs/microarchitecture.md, section 1).
 * In: pushes, semaphore counts. Out: which instruction it accepts or ends in a cycle, and what it did with its cycles.
 */

import { type Instruction, unitNames } from '../../compiler/isa/index.js';
import type { UnitCycles } from '../engine/index.js';

/** Counters of the 16 pairs: entry 4 * producer + consumer. Changes of a cycle take effect at its end. */
export class Semaphores {
  readonly counts = new Int32Array(16);
  private readonly changes = new Int32Array(16);
  /** Whether the cycle has any. */
  private changed = false;

  change(producer: number, consumer: number, by: number): void {
    this.changed = true;
    this.changes[4 * producer + consumer]! += by;
  }

  /** Ends the cycle. Returns the first pair whose 8-bit counter overflowed, or -1. */
  tick(): number {
    if (!this.changed) return -1;
    this.changed = false;
    let overflow = -1;
    for (let pair = 0; pair < 16; pair++) {
      this.counts[pair]! += this.changes[pair]!;
      this.changes[pair] = 0;
      if (this.counts[pair]! > 255 && overflow < 0) overflow = pair;
    }
    return overflow;
  }
}

export class UnitShell {
  /** Indices of queued instructions, head first. */
  readonly queue: number[] = [];
  /** Index of the running instruction; -1: none. */
  running = -1;
  private busy = 0;
  private readonly waiting = [0, 0, 0, 0];

  constructor(
    private readonly unit: number,
    private readonly semaphores: Semaphores,
  ) {}

  get idle(): boolean {
    return this.running < 0 && this.queue.length === 0;
  }

  /** Accepts the head if the unit is free and no semaphore is missing; counts the cycle. Returns its index or -1. */
  accept(instructions: readonly Instruction[]): number {
    const head = this.queue[0];
    if (head === undefined) return -1;
    const { wait } = instructions[head]!;
    for (let producer = 0; producer < 4; producer++) {
      if (!((wait >> producer) & 1) || this.semaphores.counts[4 * producer + this.unit]! > 0) continue;
      this.waiting[producer]!++;
      return -1;
    }
    for (let producer = 0; producer < 4; producer++) {
      if ((wait >> producer) & 1) this.semaphores.change(producer, this.unit, -1);
    }
    this.queue.shift();
    this.running = head;
    return head;
  }

  /** Counts a running cycle; in the last one signals and becomes free for the next cycle. */
  run(instruction: Instruction, done: boolean): void {
    this.busy++;
    if (!done) return;
    this.running = -1;
    for (let consumer = 0; consumer < 4; consumer++) {
      if ((instruction.signal >> consumer) & 1) this.semaphores.change(this.unit, consumer, 1);
    }
  }

  /** What the unit did in a run of `cycles` cycles. */
  cycles(cycles: number): UnitCycles {
    const [load = 0, matmul = 0, vector = 0, store = 0] = this.waiting;
    const idle = cycles - this.busy - load - matmul - vector - store;
    return { busy: this.busy, waiting: { load, matmul, vector, store }, idle };
  }

  /** Name for messages. */
  get name() {
    return unitNames[this.unit]!;
  }
}
