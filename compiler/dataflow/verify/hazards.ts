/**
 * Data hazards, ports and unwritten reads. In: instructions in an order that respects happens-before, with their accesses and
 * clocks. Out: findings. Two accesses are ordered when the later one's clock knows the earlier one's instruction; since
 * earlier instructions of a unit end before later ones, the last access of each unit stands for all before it.
 *
 * State is kept a row (act: written slots, a bit each way), so the work is the number of rows that all instructions touch,
 * which is below the cycles that the program runs. A race is looked for row by row only when the banks' last accesses
 * leave one possible.
 */

import { greatestCommonDivisor, type Place } from '../../../base/index.js';
import { bufferRowFormat, type Machine } from '../../../models/machine/index.js';
import { type Access, type RowSet, rowsOverlap, slotsPerRow, unitNames } from '../../isa/index.js';
import { bankName, memorySize } from './bounds.js';
import * as diagnostics from './diagnostics.js';
import { type Order, UNITS } from './order.js';
import type { Findings, Subject, VerifiedTensor } from './subject.js';

/** The latest use of one bank (or writable DRAM tensor), by unit: ordinals, 0 for none. */
interface Bank {
  readonly rows: number;
  readonly lastRead: Int32Array;
  readonly lastWrite: Int32Array;
  /** By unit, then row; made when the unit first uses the bank. */
  readonly readRows: (Int32Array | undefined)[];
  readonly writeRows: (Int32Array | undefined)[];
  /** Written slots of each row (a flag, or a count up to `slots`). */
  readonly written: Uint16Array;
  readonly slots: number;
  /** Which slots of a row: only for act with more than one slot. */
  readonly slotWritten: Uint8Array | undefined;
}

function makeBank(rows: number, slots: number): Bank {
  return {
    rows,
    lastRead: new Int32Array(UNITS),
    lastWrite: new Int32Array(UNITS),
    readRows: new Array<undefined>(UNITS).fill(undefined),
    writeRows: new Array<undefined>(UNITS).fill(undefined),
    written: new Uint16Array(rows),
    slots,
    slotWritten: slots > 1 ? new Uint8Array(rows * slots) : undefined,
  };
}

export class HazardChecker {
  private readonly banks = new Map<string, Bank>();
  private readonly tensorBanks = new Map<VerifiedTensor, Bank>();
  /** Bytes that DRAM state is kept by: divides every act and wgt row. */
  private readonly granule: number;
  private readonly machine: Machine;

  constructor(
    private readonly subject: Subject,
    private readonly order: Order,
    private readonly findings: Findings,
  ) {
    this.machine = subject.machine;
    const pitch = (buffer: 'act' | 'wgt') => bufferRowFormat(this.machine, buffer).pitch;
    this.granule = greatestCommonDivisor(pitch('act'), pitch('wgt'));
  }

  /** The next instruction of the order. */
  check(index: number, accesses: readonly Access[]): void {
    this.checkInPlace(index, accesses);
    for (const access of accesses) {
      if (access.memory === 'dram') this.checkDram(index, access);
      else this.checkBank(index, access, this.bankOf(access), access.rows);
    }
    // Written marks come last: an instruction does not read what it writes itself, except where `own` says so.
    for (const access of accesses) if (access.kind === 'write') this.markWritten(index, access);
  }

  /** Output tensors that the program does not store completely. */
  checkOutputs(): void {
    for (const tensor of this.subject.tensors) {
      if (tensor.kind !== 'output') continue;
      if (this.tensorBank(tensor)?.written.every((count) => count > 0)) continue;
      const where = this.subject.tensorPlace(tensor);
      this.findings.addGlobal(diagnostics.unwrittenOutput(`%${tensor.name}`, where));
    }
  }

  private bankOf(access: Access): Bank {
    const key = `${access.memory}${access.bank}`;
    let bank = this.banks.get(key);
    if (!bank) {
      const { memory } = access;
      const { rows } = memorySize(memory as Exclude<Access['memory'], 'dram'>, this.machine);
      bank = makeBank(rows, memory === 'act' ? slotsPerRow(this.machine) : 1);
      this.banks.set(key, bank);
    }
    return bank;
  }

  /** State of a tensor that the program may write; undefined for inputs and constants. */
  private tensorBank(tensor: VerifiedTensor | undefined): Bank | undefined {
    if (!tensor || (tensor.kind !== 'tensor' && tensor.kind !== 'output')) return undefined;
    let bank = this.tensorBanks.get(tensor);
    if (!bank) {
      bank = makeBank(Math.ceil(tensor.bytes / this.granule), 1);
      this.tensorBanks.set(tensor, bank);
    }
    return bank;
  }

  /** A row read while it is written has no defined value, and vector's reads run ahead of its writes. */
  private checkInPlace(index: number, accesses: readonly Access[]): void {
    for (const write of accesses) {
      if (write.kind !== 'write' || write.memory !== 'act') continue;
      const read = accesses.find(
        (a) =>
          a.kind === 'read' && a.memory === 'act' && a.bank === write.bank && rowsOverlap(a.rows, write.rows),
      );
      if (!read) continue;
      const row = Math.max(read.rows.base, write.rows.base);
      this.findings.add(index, 'verify/in-place', (w) => diagnostics.inPlace(bankName(write), row, w));
    }
  }

  private checkBank(index: number, access: Access, bank: Bank, rows: RowSet): void {
    this.checkPort(index, access, bank);
    this.checkRaces(index, access, bank, rows);
    if (access.kind === 'read' && !access.own) this.checkWritten(index, access, bank, rows);
    this.record(index, access, bank, rows);
  }

  private checkPort(index: number, access: Access, bank: Bank): void {
    const last = access.kind === 'read' ? bank.lastRead : bank.lastWrite;
    const rival = this.unordered(index, last);
    if (rival === undefined) return;
    const units = `${unitNames[this.order.unit[index]!]} and ${unitNames[rival]}`;
    const fault = { port: access.kind, place: bankName(access), units };
    this.findings.add(index, 'verify/port', (where) =>
      diagnostics.portConflict(fault, where, this.related(rival, last[rival]!)),
    );
  }

  /** A unit (not the instruction's own) whose last use is not known to have ended. */
  private unordered(index: number, last: Int32Array): number | undefined {
    const own = this.order.unit[index]!;
    for (let u = 0; u < UNITS; u++) {
      if (u !== own && last[u]! > this.order.clocks[UNITS * index + u]!) return u;
    }
    return undefined;
  }

  private related(unit: number, ordinal: number): { message: string; where: Place }[] {
    const other = this.order.perUnit[unit]![ordinal - 1]!;
    return [{ message: `the ${unitNames[unit]} instruction is here`, where: this.subject.place(other) }];
  }

  /** A read against writes of other units, a write against their reads. Write against write is the ports' matter. */
  private checkRaces(index: number, access: Access, bank: Bank, rows: RowSet): void {
    const reading = access.kind === 'read';
    const last = reading ? bank.lastWrite : bank.lastRead;
    if (this.unordered(index, last) === undefined) return;
    const own = this.order.unit[index]!;
    const byUnit = reading ? bank.writeRows : bank.readRows;
    for (let u = 0; u < UNITS; u++) {
      const stamps = byUnit[u];
      if (u === own || !stamps) continue;
      const row = firstLater(rows, stamps, this.order.clocks[UNITS * index + u]!);
      if (row === undefined) continue;
      this.reportRace(index, this.order.perUnit[u]![stamps[row]! - 1]!, access, row);
      return;
    }
  }

  /** At the later of the two in the program: that is where the wait is missing. */
  private reportRace(index: number, other: number, access: Access, row: number): void {
    const [here, there] = access.kind === 'read' ? ['read', 'written'] : ['written', 'read'];
    const [first, last] = other < index ? [other, index] : [index, other];
    const swapped = last !== index;
    const fault = {
      here: swapped ? there : here,
      there: swapped ? here : there,
      unit: unitNames[this.order.unit[first]!]!,
      place: this.placeName(access, index),
      row: row * this.rowScale(access),
    };
    this.findings.add(last, 'verify/race', (where) => {
      const message = `the ${fault.unit} instruction is here`;
      return diagnostics.race(fault, where, [{ message, where: this.subject.place(first) }]);
    });
  }

  private placeName(access: Access, index: number): string {
    return access.memory === 'dram' ? `%${this.subject.tensorOf(index)?.name}` : bankName(access);
  }

  /** DRAM state counts granules; messages count bytes. */
  private rowScale(access: Access): number {
    return access.memory === 'dram' ? this.granule : 1;
  }

  private checkWritten(index: number, access: Access, bank: Bank, rows: RowSet): void {
    const { firstSlot, endSlot } = access;
    forEachRun(rows, (start, end) => {
      for (let row = start; row < end; row++) {
        const count = bank.written[row]!;
        if (count === bank.slots) continue;
        if (count === 0) {
          this.reportUnwritten(index, access, row);
          return false;
        }
        for (let slot = firstSlot; slot < endSlot; slot++) {
          if (bank.slotWritten?.[row * bank.slots + slot]) continue;
          this.findings.add(index, 'verify/unwritten', (w) =>
            diagnostics.unwrittenSlot(bankName(access), row, slot, w),
          );
          return false;
        }
      }
      return true;
    });
  }

  private reportUnwritten(index: number, access: Access, row: number): void {
    this.findings.add(index, 'verify/unwritten', (w) =>
      access.memory === 'dram'
        ? diagnostics.unwrittenDram(this.placeName(access, index), row * this.granule, w)
        : diagnostics.unwritten(bankName(access), row, w),
    );
  }

  private record(index: number, access: Access, bank: Bank, rows: RowSet): void {
    const unit = this.order.unit[index]!;
    const ordinal = this.order.ordinal[index]!;
    const reading = access.kind === 'read';
    (reading ? bank.lastRead : bank.lastWrite)[unit] = ordinal;
    const byUnit = reading ? bank.readRows : bank.writeRows;
    byUnit[unit] ??= new Int32Array(bank.rows);
    const stamps = byUnit[unit];
    forEachRun(rows, (start, end) => {
      stamps.fill(ordinal, start, end);
      return true;
    });
  }

  private markWritten(index: number, access: Access): void {
    if (access.memory === 'dram') {
      const tensor = this.subject.tensorOf(index);
      const bank = this.tensorBank(tensor);
      if (tensor && bank) mark(bank, this.granules(tensor, access.rows), access);
      return;
    }
    mark(this.bankOf(access), access.rows, access);
  }

  private checkDram(index: number, access: Access): void {
    const tensor = this.subject.tensorOf(index);
    const bank = this.tensorBank(tensor);
    if (!tensor || !bank) return;
    const rows = this.granules(tensor, access.rows);
    this.checkRaces(index, access, bank, rows);
    if (access.kind === 'read') this.checkWritten(index, access, bank, rows);
    this.record(index, access, bank, rows);
  }

  /** Bytes of DRAM as granules of a tensor, rounded out (exact for act and wgt rows). */
  private granules(tensor: VerifiedTensor, bytes: RowSet): RowSet {
    const base = bytes.base - tensor.address;
    const first = Math.floor(base / this.granule);
    const runs = bytes.runs.map((edge, i) =>
      i % 2 === 0
        ? Math.floor((base + edge) / this.granule) - first
        : Math.ceil((base + edge) / this.granule) - first,
    );
    return { base: first, last: first + runs[runs.length - 1]! - 1, runs };
  }
}

/** Calls `visit` with every run [start, end) until it returns false. */
function forEachRun(rows: RowSet, visit: (start: number, end: number) => boolean): void {
  const { base, runs } = rows;
  for (let i = 0; i < runs.length; i += 2) {
    if (!visit(base + runs[i]!, base + runs[i + 1]!)) return;
  }
}

/** The first row of a set whose stamp is later than `known`. */
function firstLater(rows: RowSet, stamps: Int32Array, known: number): number | undefined {
  let found: number | undefined;
  forEachRun(rows, (start, end) => {
    for (let row = start; row < end; row++) {
      if (stamps[row]! <= known) continue;
      found = row;
      return false;
    }
    return true;
  });
  return found;
}

function mark(bank: Bank, rows: RowSet, { firstSlot, endSlot }: Access): void {
  const { slotWritten, written, slots } = bank;
  forEachRun(rows, (start, end) => {
    if (!slotWritten || endSlot - firstSlot === slots) {
      written.fill(slots, start, end);
      return true;
    }
    for (let row = start; row < end; row++) {
      if (written[row] === slots) continue;
      for (let slot = firstSlot; slot < endSlot; slot++) {
        if (slotWritten[row * slots + slot]) continue;
        slotWritten[row * slots + slot] = 1;
        written[row]! += 1;
      }
    }
    return true;
  });
}
