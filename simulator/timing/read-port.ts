/**
 * The read side of the memory model, burst by burst (docs/microarchitecture.md, section 4): a queue of `outstanding` bursts, the first
 * beat `readLatency` after the address, beats `cyclesPerBeat` apart. In: when an address is valid. Out: when it is
 * accepted and when the first beat is offered; the unit reports when it took the last one.
 */

import type { Machine } from '../../models/machine/index.js';

export class ReadPort {
  /** Cycle in which the last beat of each of the last `outstanding` bursts was taken. */
  private readonly lastTaken: Float64Array;
  private readonly latency: number;
  readonly cyclesPerBeat: number;
  private burst = 0;
  /** Cycle in which the last beat of the port was taken. */
  private previousBeat = Number.NEGATIVE_INFINITY;
  /** Cycle in which the latest address was accepted. */
  accepted = 0;

  constructor({ memory }: Machine) {
    this.lastTaken = new Float64Array(memory.outstanding).fill(Number.NEGATIVE_INFINITY);
    this.latency = memory.readLatency;
    this.cyclesPerBeat = memory.cyclesPerBeat;
  }

  /** Puts an address forward in cycle `valid`. Returns the cycle in which the burst's first beat is offered. */
  request(valid: number): number {
    this.accepted = Math.max(valid, this.lastTaken[this.burst % this.lastTaken.length]! + 1);
    const ready = this.accepted + this.latency;
    const ranEmpty = this.accepted > this.previousBeat;
    return ranEmpty ? ready : Math.max(ready, this.previousBeat + this.cyclesPerBeat);
  }

  /** States when the last beat of the burst just requested was taken. */
  take(last: number): void {
    this.previousBeat = last;
    this.lastTaken[this.burst % this.lastTaken.length] = last;
    this.burst++;
  }
}
