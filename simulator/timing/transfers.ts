/**
 * How long load and store run: the recurrences of docs/microarchitecture.md, section 4, evaluated once a burst (beats inside a
 * burst follow at a constant distance). In: the instruction's fields and the cycle in which it is accepted. Out: its last
 * cycle. Each class keeps the state of its port from one instruction to the next.
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import { bufferRowFormat, type Machine, type RowFormat } from '../../models/machine/index.js';
import { loadBuffers } from '../engine/index.js';
import { forEachBurst } from './bursts.js';
import { ReadPort } from './read-port.js';

/** Cycles from accept until the first address is valid, and from one address accepted to the next one valid. */
const FIRST_ADDRESS = 4;
const NEXT_ADDRESS = 2;

export class LoadTimer {
  private readonly port: ReadPort;
  private readonly formats: readonly RowFormat[];
  /** Cycle in which the latest beat was taken, and the cycles that writing its rows takes. */
  private taken = 0;
  private rowsOfTaken = 0;
  private addressValid = 0;

  constructor(private readonly machine: Machine) {
    this.port = new ReadPort(machine);
    this.formats = loadBuffers.map((buffer) => bufferRowFormat(machine, buffer));
  }

  /** Last cycle of a load accepted in cycle `accept`. */
  end(fields: InstructionOf<'load'>['fields'], accept: number): number {
    this.addressValid = accept + FIRST_ADDRESS;
    this.taken = accept;
    this.rowsOfTaken = 0;
    forEachBurst(this.machine, this.formats[fields.buffer]!, fields, this.burst);
    return this.taken + this.rowsOfTaken;
  }

  private readonly burst = (beats: number, first: number, middle: number, last: number): void => {
    const { port } = this;
    const offered = port.request(this.addressValid);
    this.addressValid = port.accepted + NEXT_ADDRESS;
    this.taken = Math.max(offered, this.taken + this.rowsOfTaken);
    if (beats > 1) {
      const apart = port.cyclesPerBeat;
      this.taken += Math.max(apart, first) + (beats - 2) * Math.max(apart, middle);
    }
    this.rowsOfTaken = beats > 1 ? last : first;
    port.take(this.taken);
  };
}

export class StoreTimer {
  private readonly format: RowFormat;
  private readonly latency: number;
  private readonly cyclesPerBeat: number;
  /** Cycle of the response of each of the last `outstanding` bursts. */
  private readonly responses: Float64Array;
  private burstIndex = 0;
  /** Cycle in which the latest beat was taken; it spaces the beats of the next store too. */
  private taken = Number.NEGATIVE_INFINITY;
  /** Cycle in which the latest beat entered the write register. */
  private filled = 0;
  private addressValid = 0;
  private startOfStore = false;

  constructor(private readonly machine: Machine) {
    this.format = bufferRowFormat(machine, 'act');
    this.latency = machine.memory.writeLatency;
    this.cyclesPerBeat = machine.memory.cyclesPerBeat;
    this.responses = new Float64Array(machine.memory.outstanding).fill(Number.NEGATIVE_INFINITY);
  }

  /** Last cycle of a store accepted in cycle `accept`. */
  end(fields: InstructionOf<'store'>['fields'], accept: number): number {
    this.addressValid = accept + FIRST_ADDRESS;
    this.filled = accept + 1;
    this.startOfStore = true;
    forEachBurst(this.machine, this.format, fields, this.burst);
    return this.taken + this.latency + 1;
  }

  private readonly burst = (beats: number, first: number, middle: number, last: number): void => {
    const place = this.burstIndex++ % this.responses.length;
    const accepted = Math.max(this.addressValid, this.taken + 1, this.responses[place]! + 1);
    this.filled = this.startOfStore ? this.filled + first : Math.max(this.filled + first, this.taken);
    this.startOfStore = false;
    const offered = Math.max(this.filled + 1, this.addressValid);
    this.taken = Math.max(offered, accepted + 1, this.taken + this.cyclesPerBeat);
    if (beats > 2) this.beats(beats - 2, middle);
    if (beats > 1) this.beats(1, last);
    this.responses[place] = this.taken + this.latency;
    this.addressValid = Math.max(this.taken + 1, accepted + NEXT_ADDRESS);
  };

  /**
   * `count` further beats of `rows` rows each. The distance between register and bus settles after at most `rows` beats;
   * the rest follow at a constant pace.
   */
  private beats(count: number, rows: number): void {
    for (let left = count; left > 0; left--) {
      const lead = this.taken - this.filled;
      const step = Math.max(rows, lead);
      this.taken = Math.max(this.filled + rows + 1, this.taken + this.cyclesPerBeat, this.taken + 1);
      this.filled += step;
      if (this.taken - this.filled === lead) {
        this.taken += (left - 1) * step;
        this.filled += (left - 1) * step;
        return;
      }
    }
  }
}
