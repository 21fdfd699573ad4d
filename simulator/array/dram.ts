/**
 * The memory model of docs/microarchitecture.md, section 3, as a circuit: one read port, one write port, each moved on by one
 * `tick` a cycle. In: what the unit does with the port in this cycle. Out: what the port offers, and beats moved.
 */

import type { Machine } from '../../models/machine/index.js';

type Memory = Machine['memory'];

/** A queue of bursts whose beats come in order. */
export class ReadMemory {
  private readonly queue: { readonly ready: number; left: number }[] = [];
  private nextBeat = 0;
  beatsMoved = 0;

  constructor(private readonly memory: Memory) {}

  addressReady(): boolean {
    return this.queue.length < this.memory.outstanding;
  }

  /** Whether a beat is offered in cycle `now`. */
  offers(now: number): boolean {
    const head = this.queue[0];
    return head !== undefined && now >= head.ready && now >= this.nextBeat;
  }

  /** Ends cycle `now`, in which a burst of `accepted` beats (0: none) was accepted and, if `taken`, a beat taken. */
  tick(now: number, accepted: number, taken: boolean): void {
    if (accepted > 0) this.queue.push({ ready: now + this.memory.readLatency, left: accepted });
    if (!taken) return;
    this.beatsMoved++;
    this.nextBeat = now + this.memory.cyclesPerBeat;
    const head = this.queue[0]!;
    head.left--;
    if (head.left === 0) this.queue.shift();
  }
}

/** One burst's data at a time; responses follow later. The unit takes a response in the cycle in which it comes. */
export class WriteMemory {
  private readonly due: number[] = [];
  private left = 0;
  private nextBeat = 0;
  beatsMoved = 0;

  constructor(private readonly memory: Memory) {}

  addressReady(): boolean {
    return this.left === 0 && this.due.length < this.memory.outstanding;
  }

  /** Whether a beat would be taken in cycle `now`. */
  ready(now: number): boolean {
    return this.left > 0 && now >= this.nextBeat;
  }

  responds(now: number): boolean {
    return this.due.length > 0 && now >= this.due[0]!;
  }

  /** Ends cycle `now`: see {@link ReadMemory.tick}. */
  tick(now: number, accepted: number, taken: boolean): void {
    if (this.responds(now)) this.due.shift();
    if (taken) {
      this.beatsMoved++;
      this.nextBeat = now + this.memory.cyclesPerBeat;
      this.left--;
      if (this.left === 0) this.due.push(now + this.memory.writeLatency);
    }
    if (accepted > 0) this.left = accepted;
  }
}
