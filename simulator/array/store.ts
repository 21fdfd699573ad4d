/**
 * The store unit's counters, cycle by cycle: rows are gathered into a beat while the one before waits in the write register; an
 * address goes out for each burst once the data of the last one are sent; the last response ends the instruction.
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Datapath } from './datapath.js';
import { WriteMemory } from './dram.js';
import { type TransferBeats, transferBeats } from './transfer-beats.js';

/** Running cycles before the first address is valid, and before the first act row is read. */
const ADDRESS_SETUP = 3;
const READ_SETUP = 1;

export class StoreDatapath implements Datapath<InstructionOf<'store'>['fields']> {
  readonly memory: WriteMemory;
  private work: TransferBeats = { rows: [], bursts: [] };
  private burst = 0;
  private sentOfBurst = 0;
  private beat = 0;
  /** Rows of the next beat gathered so far; whether the write register holds a beat. */
  private gathered = 0;
  private full = false;
  private readSetup = 0;
  private addressSetup = 0;
  private addressValid = false;
  private addressed = false;
  private responses = 0;

  constructor(private readonly machine: Machine) {
    this.memory = new WriteMemory(machine.memory);
  }

  start(fields: InstructionOf<'store'>['fields']): void {
    this.work = transferBeats(this.machine, 'act', fields);
    this.burst = 0;
    this.sentOfBurst = 0;
    this.beat = 0;
    this.gathered = 0;
    this.full = false;
    this.readSetup = READ_SETUP;
    this.addressSetup = ADDRESS_SETUP;
    this.addressValid = false;
    this.addressed = false;
    this.responses = 0;
  }

  tick(now: number): boolean {
    const done = this.responses === this.work.bursts.length;
    const responded = this.memory.responds(now);
    const accepted = this.addressValid && this.memory.addressReady();
    const offered = this.full && (this.addressValid || this.addressed);
    const taken = offered && this.memory.ready(now);
    this.memory.tick(now, accepted ? this.work.bursts[this.burst]! : 0, taken);
    this.gather(taken);
    this.advanceAddress(accepted, taken);
    if (responded) this.responses++;
    return done;
  }

  /** Reads a row unless the gathered beat waits for the register; hands a complete beat over once that is free. */
  private gather(taken: boolean): void {
    if (taken) this.full = false;
    if (this.readSetup > 0) {
      this.readSetup--;
      return;
    }
    const rows = this.work.rows[this.beat];
    if (rows === undefined) return;
    if (this.gathered < rows) this.gathered++;
    if (this.gathered < rows || this.full) return;
    this.full = true;
    this.gathered = 0;
    this.beat++;
  }

  private advanceAddress(accepted: boolean, taken: boolean): void {
    if (accepted) {
      this.addressValid = false;
      this.addressed = true;
    }
    if (taken) this.sentOfBurst++;
    if (this.sentOfBurst === this.work.bursts[this.burst]) {
      this.sentOfBurst = 0;
      this.burst++;
      this.addressed = false;
      this.addressValid = this.burst < this.work.bursts.length;
    } else if (this.addressSetup > 0) {
      this.addressSetup--;
      if (this.addressSetup === 0) this.addressValid = true;
    }
  }
}
