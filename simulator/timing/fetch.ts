/**
 * The fetch unit's times (docs/microarchitecture.md, section 4): when each instruction word has arrived, given when earlier
 * ones were dispatched. Bursts are asked for lazily, as dispatching proceeds.
 */

import { FETCH_BURST_INSTRUCTIONS, INSTRUCTION_BYTES, type Machine } from '../../models/machine/index.js';

export class FetchTimes {
  private readonly beatsPerBurst: number;
  /** Address accepted, first and last beat of every burst asked for so far. */
  private readonly accepted: number[] = [];
  private readonly firstBeat: number[] = [];
  private readonly lastBeat: number[] = [];

  constructor(
    private readonly machine: Machine,
    /** Dispatch cycles by instruction index, filled in as they become known. */
    private readonly dispatch: Float64Array,
  ) {
    this.beatsPerBurst = (FETCH_BURST_INSTRUCTIONS * INSTRUCTION_BYTES) / machine.bus.bytes;
  }

  /** Cycle in which the last beat of word `index` is taken; words before it must have been dispatched. */
  arrival(index: number): number {
    const burst = Math.floor(index / FETCH_BURST_INSTRUCTIONS);
    while (this.accepted.length <= burst) this.ask(this.askedFrom(this.accepted.length));
    const word = index % FETCH_BURST_INSTRUCTIONS;
    const beat = Math.ceil(((word + 1) * INSTRUCTION_BYTES) / this.machine.bus.bytes) - 1;
    return this.firstBeat[burst]! + beat * this.machine.memory.cyclesPerBeat;
  }

  /** Bytes asked for by the end of a run whose `end` is instruction `endIndex`. */
  bytesAskedFor(endIndex: number): number {
    while (this.mayStillAsk(endIndex)) this.ask(this.askedFrom(this.accepted.length));
    return this.accepted.length * this.beatsPerBurst * this.machine.bus.bytes;
  }

  private mayStillAsk(endIndex: number): boolean {
    const burst = this.accepted.length;
    const freed = FETCH_BURST_INSTRUCTIONS * burst - FETCH_BURST_INSTRUCTIONS - 1;
    return freed <= endIndex && this.askedFrom(burst) <= this.dispatch[endIndex]! + 1;
  }

  /** v_k: the first cycle in which burst k's address is offered. */
  private askedFrom(burst: number): number {
    if (burst === 0) return 1;
    const freed = FETCH_BURST_INSTRUCTIONS * (burst - 1) - 1;
    const room = freed < 0 ? 0 : this.dispatch[freed]! + 2;
    return Math.max(this.accepted[burst - 1]! + 2, room);
  }

  private ask(from: number): void {
    const { readLatency, cyclesPerBeat, outstanding } = this.machine.memory;
    const burst = this.accepted.length;
    const previous = burst === 0 ? Number.NEGATIVE_INFINITY : this.lastBeat[burst - 1]!;
    const room = burst >= outstanding ? this.lastBeat[burst - outstanding]! + 1 : 0;
    const accepted = Math.max(from, room);
    const first = Math.max(accepted + readLatency, previous + cyclesPerBeat);
    this.accepted.push(accepted);
    this.firstBeat.push(first);
    this.lastBeat.push(first + (this.beatsPerBurst - 1) * cyclesPerBeat);
  }
}
