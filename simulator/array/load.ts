/**
 * The load unit's counters, cycle by cycle: an address generator and a row writer that takes a beat when it is about to be free.
 * And fill, which writes a row a cycle. Values move when the instruction is accepted (see engine.ts).
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import type { BufferName, Machine } from '../../models/machine/index.js';
import type { Datapath } from './datapath.js';
import { ReadMemory } from './dram.js';
import { type TransferBeats, transferBeats } from './transfer-beats.js';

const buffers: readonly BufferName[] = ['act', 'wgt', 'par', 'lut'];
/** Running cycles before the first address is valid. */
const ADDRESS_SETUP = 3;

export class LoadDatapath implements Datapath<InstructionOf<'load'>['fields']> {
  readonly memory: ReadMemory;
  private work: TransferBeats = { rows: [], bursts: [] };
  private burst = 0;
  private beat = 0;
  /** Rows of the latest beat not yet written. */
  private rowsLeft = 0;
  private addressValid = false;
  private setup = 0;

  constructor(private readonly machine: Machine) {
    this.memory = new ReadMemory(machine.memory);
  }

  start(fields: InstructionOf<'load'>['fields']): void {
    this.work = transferBeats(this.machine, buffers[fields.buffer]!, fields);
    this.burst = 0;
    this.beat = 0;
    this.rowsLeft = 0;
    this.addressValid = false;
    this.setup = ADDRESS_SETUP;
  }

  tick(now: number): boolean {
    const accepted = this.addressValid && this.memory.addressReady();
    const taken = this.rowsLeft <= 1 && this.memory.offers(now);
    const done = this.beat === this.work.rows.length && this.rowsLeft === 1;
    this.memory.tick(now, accepted ? this.work.bursts[this.burst]! : 0, taken);
    if (this.rowsLeft > 0) this.rowsLeft--;
    if (taken) this.rowsLeft = this.work.rows[this.beat++]!;
    this.advanceAddress(accepted);
    return done;
  }

  private advanceAddress(accepted: boolean): void {
    if (accepted) this.burst++;
    if (this.setup > 1) this.setup--;
    else if (accepted) this.addressValid = false;
    else this.addressValid = this.burst < this.work.bursts.length;
  }
}

export class FillDatapath implements Datapath<InstructionOf<'fill'>['fields']> {
  private fields: { readonly rows: number; readonly runs: number; readonly planes: number } | undefined;
  private row = 0;
  private run = 0;
  private plane = 0;

  start(fields: InstructionOf<'fill'>['fields']): void {
    this.fields = fields;
    this.row = 0;
    this.run = 0;
    this.plane = 0;
  }

  /** Writes one row. */
  tick(): boolean {
    this.row++;
    if (this.row < this.fields!.rows) return false;
    this.row = 0;
    this.run++;
    if (this.run < this.fields!.runs) return false;
    this.run = 0;
    this.plane++;
    return this.plane === this.fields!.planes;
  }
}
