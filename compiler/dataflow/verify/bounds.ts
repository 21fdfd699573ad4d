/**
 * What can be judged of one instruction alone: field ranges, functions the machine has, slots, DRAM alignment, and that its
 * whole footprint lies in its banks and its tensor. In: an instruction. Out: its accesses, or undefined after a finding.
 */

import type { Diagnostic, Place } from '../../../base/index.js';
import {
  type BufferName,
  bufferBankRows,
  bufferRowFormat,
  type Machine,
  type VectorFunction,
} from '../../../models/machine/index.js';
import {
  type Access,
  accessesOf,
  checkInstruction,
  type Instruction,
  slicesPerColumnBlock,
  slotsPerRow,
} from '../../isa/index.js';
import * as diagnostics from './diagnostics.js';
import type { Findings, Subject } from './subject.js';

type Report = (code: string, make: (where: Place) => Diagnostic) => void;

/** The accesses of a legal instruction; undefined when it is not (which is then reported). */
export function checkBounds(
  subject: Subject,
  index: number,
  findings: Findings,
): readonly Access[] | undefined {
  const instruction = subject.instructions[index]!;
  let clean = true;
  const report: Report = (code, make) => {
    clean = false;
    findings.add(index, code, make);
  };
  for (const fault of checkInstruction(instruction)) {
    report(fault.code, (where) => ({ ...fault, where }));
  }
  if (!clean) return undefined;
  checkVector(instruction, subject.machine, report);
  checkDramAlignment(instruction, subject.machine, report);
  if (!clean) return undefined;
  const accesses = accessesOf(instruction, subject.machine);
  for (const access of accesses) {
    if (access.memory === 'dram') checkTensor(subject, index, access, report);
    else checkBuffer(access, subject.machine, report);
  }
  return clean ? accesses : undefined;
}

const neededFunction: Partial<Record<Instruction['mnemonic'], VectorFunction>> = {
  pool: 'pool',
  dwconv: 'depthwise',
  add: 'add',
};

function checkVector(instruction: Instruction, machine: Machine, report: Report): void {
  const fields: Readonly<Record<string, number>> = instruction.fields;
  const lookup = fields.lookup === 1 || (instruction.mnemonic === 'load' && fields.buffer === 3);
  const needs: readonly (VectorFunction | undefined)[] = [
    neededFunction[instruction.mnemonic],
    lookup ? 'lookup' : undefined,
    fields.eachRow === 1 ? 'row-parameters' : undefined,
  ];
  for (const name of needs) {
    if (name && !machine.vector.functions.includes(name)) {
      report('verify/vector-function', (w) => diagnostics.functionMissing(instruction.mnemonic, name, w));
    }
  }
  const { min, max, slices, dstSlot, srcSlot } = fields;
  if (min !== undefined && max !== undefined && min > max) {
    report('verify/clamp', (w) => diagnostics.clampOrder(min, max, w));
  }
  const limit = slicesPerColumnBlock(machine);
  if (instruction.mnemonic === 'requant' && slices! > limit) {
    report('verify/slices', (w) => diagnostics.sliceCount(slices!, limit, w));
  }
  for (const [name, slot] of [
    ['dstSlot', dstSlot],
    ['srcSlot', srcSlot],
  ] as const) {
    const slots = slotsPerRow(machine);
    if (slot !== undefined && slot >= slots)
      report('verify/slot', (w) => diagnostics.slotRange(name, slot, slots, w));
  }
}

const bufferNames: readonly BufferName[] = ['act', 'wgt', 'par', 'lut'];

function checkDramAlignment(instruction: Instruction, machine: Machine, report: Report): void {
  if (instruction.mnemonic !== 'load' && instruction.mnemonic !== 'store') return;
  const f = instruction.fields;
  const buffer = instruction.mnemonic === 'load' ? bufferNames[instruction.fields.buffer]! : 'act';
  // Rows of one beat or more start on a beat; rows that share a beat start on their pitch.
  const unit = Math.min(bufferRowFormat(machine, buffer).pitch, machine.bus.bytes);
  const check = (what: string, value: number) => {
    if (value % unit !== 0) {
      report('verify/dram-alignment', (w) => diagnostics.dramAlignment(what, value, unit, w));
    }
  };
  check('the DRAM address', f.dram);
  if (f.runs > 1) check('the DRAM stride of runs', f.runDramStride);
  if (f.planes > 1) check('the DRAM stride of planes', f.planeDramStride);
}

function checkTensor(subject: Subject, index: number, access: Access, report: Report): void {
  const { base, last } = access.rows;
  const tensor = subject.tensorOf(index);
  const kind = access.kind === 'read' ? 'load' : 'store';
  const name = tensor ? `%${tensor.name}` : 'any tensor';
  if (!tensor || base < tensor.address || last >= tensor.address + tensor.bytes) {
    report('verify/out-of-tensor', (w) => diagnostics.outOfTensor(kind, base, last, name, w));
  } else if (access.kind === 'write' && tensor.kind !== 'tensor' && tensor.kind !== 'output') {
    report('verify/store-target', (w) => diagnostics.storeTarget(name, tensor.kind, w));
  }
}

/** Name of a bank in messages: `act bank 1`, `wgt` (its first or only bank), `wgt bank 1`. */
export function bankName({ memory, bank }: Access): string {
  return memory === 'act' || memory === 'acc' || bank > 0 ? `${memory} bank ${bank}` : memory;
}

/** Banks of a memory and rows of one bank. */
export function memorySize(
  memory: Exclude<Access['memory'], 'dram'>,
  machine: Machine,
): { banks: number; rows: number } {
  if (memory === 'acc') return { banks: 2, rows: machine.buffers.accumulator.rowsPerBank };
  if (memory === 'wgt') {
    const { rows, banks } = machine.buffers.weight;
    return { banks, rows: rows / banks };
  }
  const banks = memory === 'act' ? machine.buffers.activation.banks : 1;
  return { banks, rows: bufferBankRows(machine, memory) };
}

function checkBuffer(access: Access, machine: Machine, report: Report): void {
  const { memory, bank } = access;
  if (memory === 'dram') return;
  const { banks, rows } = memorySize(memory, machine);
  if (bank >= banks) {
    report('verify/bank', (w) => diagnostics.bankMissing(memory, bank, banks, w));
  } else if (access.rows.last >= rows) {
    const fault = { kind: access.kind, place: bankName(access), last: access.rows.last, rows };
    report('verify/out-of-buffer', (w) => diagnostics.outOfBuffer(fault, w));
  }
}
