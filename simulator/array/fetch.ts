/**
 * The fetch unit, cycle by cycle: asks for bursts of instruction words while its buffer has room, shows the head. In: whether
 * the head is dispatched in this cycle. Out: the number of words complete, and bursts asked for.
 */

import {
  FETCH_BUFFER_INSTRUCTIONS,
  FETCH_BURST_INSTRUCTIONS,
  INSTRUCTION_BYTES,
  type Machine,
} from '../../models/machine/index.js';
import { ReadMemory } from './dram.js';

export class FetchUnit {
  readonly memory: ReadMemory;
  /** Words dispatched so far: the index of the head. */
  dispatched = 0;
  /** `end` was dispatched: nothing more is asked for. */
  ended = false;
  private asked = 0;
  private addressValid = false;
  private readonly busBytes: number;

  constructor(machine: Machine) {
    this.memory = new ReadMemory(machine.memory);
    this.busBytes = machine.bus.bytes;
  }

  /** Whether the buffer's head is a complete word. */
  get hasHead(): boolean {
    return (this.dispatched + 1) * INSTRUCTION_BYTES <= this.bytesFetched;
  }

  /** Bytes of all bursts asked for. */
  get bytesAsked(): number {
    return this.asked * FETCH_BURST_INSTRUCTIONS * INSTRUCTION_BYTES;
  }

  private get bytesFetched(): number {
    return this.memory.beatsMoved * this.busBytes;
  }

  /** Ends cycle `now`. */
  tick(now: number, dispatch: boolean, end: boolean): void {
    const accepted = this.addressValid && this.memory.addressReady();
    const beats = (FETCH_BURST_INSTRUCTIONS * INSTRUCTION_BYTES) / this.busBytes;
    const reserved = this.asked * FETCH_BURST_INSTRUCTIONS - this.dispatched;
    const room = reserved + FETCH_BURST_INSTRUCTIONS <= FETCH_BUFFER_INSTRUCTIONS;
    if (accepted) this.addressValid = false;
    else if (!this.addressValid && room && !this.ended) {
      this.addressValid = true;
      this.asked++;
    }
    this.memory.tick(now, accepted ? beats : 0, this.memory.offers(now));
    if (dispatch) this.dispatched++;
    if (end) this.ended = true;
  }
}
