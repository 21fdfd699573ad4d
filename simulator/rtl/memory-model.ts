/**
 * The DRAM behind a core's AXI ports: the deterministic memory model of docs/microarchitecture.md (sections 3 and 4), cycle
 * by cycle, the same as `axi_read_model.v` and `axi_write_model.v`. A port is asked first what it offers in a cycle, then told what the
 * core did in it; what it offers depends on earlier cycles only.
 */

import type { Machine } from '../../models/machine/index.js';

export type MemoryTiming = Omit<Machine['memory'], 'technology'>;

/** First-in first-out of a fixed number of entries of `fields` numbers each. */
class Ring {
  private readonly numbers: Float64Array;
  private head = 0;
  count = 0;

  constructor(
    private readonly capacity: number,
    private readonly fields: number,
  ) {
    this.numbers = new Float64Array(capacity * fields);
  }

  push(...entry: readonly number[]): void {
    const at = ((this.head + this.count) % this.capacity) * this.fields;
    for (let i = 0; i < this.fields; i++) this.numbers[at + i] = entry[i]!;
    this.count++;
  }

  /** A field of the oldest entry. */
  front(field: number): number {
    return this.numbers[this.head * this.fields + field]!;
  }

  pop(): void {
    this.head = (this.head + 1) % this.capacity;
    this.count--;
  }
}

const ADDRESS = 0;
const BEATS = 1;
const DUE = 2;

/**
 * A read port: bursts queue up, `outstanding` at most, the one in service included. The first beat of a burst comes no earlier than
 * `readLatency` cycles after its address was accepted, and beats of the port keep `cyclesPerBeat` between them.
 */
export class ReadPort {
  /** Beats taken since the start. */
  beats = 0;
  private readonly bursts: Ring;
  private now = 0;
  private earliest = 0;
  private beat = 0;

  constructor(
    private readonly timing: MemoryTiming,
    private readonly busBytes: number,
  ) {
    this.bursts = new Ring(timing.outstanding, 3);
  }

  get addressReady(): boolean {
    return this.bursts.count < this.timing.outstanding;
  }

  get valid(): boolean {
    return this.bursts.count > 0 && this.now >= this.bursts.front(DUE) && this.now >= this.earliest;
  }

  /** No burst is due or under way: without a new address nothing happens. */
  get idle(): boolean {
    return this.bursts.count === 0;
  }

  /** Ends a cycle in which the port was idle and got no address. */
  skip(): void {
    this.now++;
  }

  /** Byte address of the beat that is offered; meaningless unless `valid`. */
  get address(): number {
    return this.bursts.front(ADDRESS) + this.beat * this.busBytes;
  }

  get last(): boolean {
    return this.bursts.count > 0 && this.beat === this.bursts.front(BEATS) - 1;
  }

  /** Ends the cycle. @param length `arlen`: beats of the burst less one. */
  tick(addressValid: boolean, address: number, length: number, dataReady: boolean): void {
    const accepted = addressValid && this.addressReady;
    if (this.valid && dataReady) this.take();
    if (accepted) this.bursts.push(address, length + 1, this.now + this.timing.readLatency);
    this.now++;
  }

  private take(): void {
    const done = this.last;
    this.beats++;
    this.earliest = this.now + this.timing.cyclesPerBeat;
    this.beat = done ? 0 : this.beat + 1;
    if (done) this.bursts.pop();
  }
}

/**
 * The write port: an address is accepted when the data of the burst before are complete and fewer than `outstanding` responses are due;
 * beats are taken every `cyclesPerBeat` cycles from the next cycle on; the response comes `writeLatency` cycles after the last beat.
 */
export class WritePort {
  /** Beats taken since the start. */
  beats = 0;
  private readonly responses: Ring;
  private pending = 0;
  private busy = false;
  private next = 0;
  private left = 0;
  private now = 0;
  private earliest = 0;

  constructor(
    private readonly timing: MemoryTiming,
    private readonly busBytes: number,
  ) {
    this.responses = new Ring(timing.outstanding, 1);
  }

  get addressReady(): boolean {
    return !this.busy && this.pending < this.timing.outstanding;
  }

  get dataReady(): boolean {
    return this.busy && this.now >= this.earliest;
  }

  get responseValid(): boolean {
    return this.responses.count > 0 && this.now >= this.responses.front(0);
  }

  /** No burst and no response is due: without a new address nothing happens. */
  get idle(): boolean {
    return !this.busy && this.pending === 0;
  }

  /** Ends a cycle in which the port was idle and got no address. */
  skip(): void {
    this.now++;
  }

  /** Byte address of the beat that is taken when data are valid and ready. */
  get address(): number {
    return this.next;
  }

  /** Ends the cycle. @param length `awlen`: beats of the burst less one. */
  tick(core: {
    readonly addressValid: boolean;
    readonly address: number;
    readonly length: number;
    readonly dataValid: boolean;
    readonly responseReady: boolean;
  }): void {
    const accepted = core.addressValid && this.addressReady;
    const taken = core.dataValid && this.dataReady;
    if (this.responseValid && core.responseReady) {
      this.responses.pop();
      this.pending--;
    }
    if (taken) this.take();
    if (accepted) {
      this.busy = true;
      this.next = core.address;
      this.left = core.length + 1;
      this.pending++;
    }
    this.now++;
  }

  private take(): void {
    this.beats++;
    this.next += this.busBytes;
    this.left--;
    this.earliest = this.now + this.timing.cyclesPerBeat;
    if (this.left > 0) return;
    this.busy = false;
    this.responses.push(this.now + this.timing.writeLatency);
  }
}
