/**
 * The one table of the AXI4-Lite slave's registers: the page, the JSON map and the C driver of a bundle derive from it, and
 * tests hold `control_registers.v` and the micro-architecture page to it. In: nothing. Out: the table and its renderings.
 */

import { type Machine, machineHashWord } from '../../models/machine/index.js';
import { toolVersion } from './templates.generated.js';

/** What a host may do: read only, write only (reads give 0), or both. */
export type RegisterAccess = 'read' | 'write' | 'read-write';

/** Bits `high` down to `low` of a register. */
export interface RegisterField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly meaning: string;
}

/** A 32-bit register, or `count` of them that follow one another, one a unit. */
export interface RegisterSpec {
  readonly name: string;
  /** Byte offset of the first one; a multiple of 4. */
  readonly offset: number;
  readonly count: number;
  readonly access: RegisterAccess;
  /** Value after reset: a number, or what it is of the machine. */
  readonly reset: number | 'machine-hash';
  readonly meaning: string;
  readonly fields: readonly RegisterField[];
}

/** Value of register ID: "SYST". */
export const REGISTER_ID = 0x53595354;

/** Bytes of address space that the slave decodes (12 address bits). */
export const REGISTER_SPACE_BYTES = 4096;

/** Codes of the ERROR register's cause, by value. */
export const errorCauses = [
  { name: 'NONE', meaning: 'no error' },
  { name: 'ILLEGAL_OPCODE', meaning: 'an instruction that this machine does not have' },
  { name: 'READ_RESPONSE', meaning: 'the data port answered a read with another response than OKAY' },
  { name: 'WRITE_RESPONSE', meaning: 'the data port answered a write with another response than OKAY' },
  {
    name: 'INSTRUCTION_READ_RESPONSE',
    meaning: 'the instruction port answered with another response than OKAY',
  },
  { name: 'SEMAPHORE_OVERFLOW', meaning: 'a unit signalled a semaphore that stood at 255' },
] as const;

/** Units as the ERROR register and the counters number them. */
export const registerUnits = ['LOAD', 'MATMUL', 'VECTOR', 'STORE', 'FETCH'] as const;

const one = { count: 1, reset: 0 } as const;

/** Every register, by offset. Offsets between them read 0 and ignore writes. */
export const registerTable: readonly RegisterSpec[] = [
  {
    ...one,
    name: 'CONTROL',
    offset: 0x00,
    access: 'write',
    meaning: 'Starts a run. Ignored while busy.',
    fields: [{ name: 'START', high: 0, low: 0, meaning: 'write 1: start; clears done and error' }],
  },
  {
    ...one,
    name: 'STATUS',
    offset: 0x04,
    access: 'read',
    meaning: 'State of the present or last run.',
    fields: [
      { name: 'BUSY', high: 0, low: 0, meaning: 'a run is under way' },
      { name: 'DONE', high: 1, low: 1, meaning: 'the last run came to its end' },
      { name: 'ERROR', high: 2, low: 2, meaning: 'the last run was stopped by an error' },
    ],
  },
  {
    ...one,
    name: 'ERROR',
    offset: 0x08,
    access: 'read',
    meaning: 'What stopped the run; only the first error counts.',
    fields: [
      { name: 'CAUSE', high: 3, low: 0, meaning: 'cause code' },
      { name: 'UNIT', high: 10, low: 8, meaning: 'unit: 0 load, 1 matmul, 2 vector, 3 store, 4 fetch' },
    ],
  },
  {
    ...one,
    name: 'PROGRAM',
    offset: 0x0c,
    access: 'read-write',
    meaning: 'Byte address of instruction 0, 4 KiB aligned. Whole words only; ignored while busy.',
    fields: [{ name: 'PAGE', high: 31, low: 12, meaning: 'address bits 31:12' }],
  },
  {
    ...one,
    name: 'BASE',
    offset: 0x10,
    access: 'read-write',
    meaning:
      'Added to every DRAM address of load and store, 4 KiB aligned. Whole words only; ignored while busy.',
    fields: [{ name: 'PAGE', high: 31, low: 12, meaning: 'address bits 31:12' }],
  },
  {
    ...one,
    name: 'CYCLES_LOW',
    offset: 0x14,
    access: 'read',
    meaning: 'Cycles of the present or last run, bits 31:0.',
    fields: [],
  },
  {
    ...one,
    name: 'CYCLES_HIGH',
    offset: 0x18,
    access: 'read',
    meaning: 'Cycles of the present or last run, bits 63:32.',
    fields: [],
  },
  {
    ...one,
    name: 'BUSY',
    offset: 0x20,
    count: 4,
    access: 'read',
    meaning: 'Cycles that a unit was running.',
    fields: [],
  },
  {
    ...one,
    name: 'WAIT',
    offset: 0x30,
    count: 4,
    access: 'read',
    meaning: 'Cycles that a unit had an instruction and missed a semaphore.',
    fields: [],
  },
  {
    ...one,
    name: 'ID',
    offset: 0x40,
    access: 'read',
    reset: REGISTER_ID,
    meaning: 'The text "SYST".',
    fields: [],
  },
  {
    ...one,
    name: 'MACHINE_HASH',
    offset: 0x44,
    access: 'read',
    reset: 'machine-hash',
    meaning: "First 32 bits of the machine's hash; the driver refuses another one.",
    fields: [],
  },
];

/** The registers that a machine has: BUSY and WAIT only with counters of the units; their offsets read 0 without. */
export function registersOf(machine: Machine): readonly RegisterSpec[] {
  if (machine.counters === 'all') return registerTable;
  return registerTable.filter(({ name }) => name !== 'BUSY' && name !== 'WAIT');
}

const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;

function resetOf(spec: RegisterSpec, machine: Machine): number {
  return spec.reset === 'machine-hash' ? machineHashWord(machine) : spec.reset;
}

/** The map as JSON: schema `systole.registers/1`; numbers are decimal, offsets in bytes. */
export function registerJson(machine: Machine): string {
  const map = {
    schema: 'systole.registers/1',
    tool: `systole ${toolVersion}`,
    machine: machine.name,
    bus: 'AXI4-Lite',
    addressBits: 12,
    dataBits: 32,
    registers: registersOf(machine).map((spec) => ({ ...spec, reset: resetOf(spec, machine), stride: 4 })),
    errorCauses: errorCauses.map((cause, code) => ({ code, ...cause })),
    units: registerUnits,
  };
  return `${JSON.stringify(map, null, 2)}\n`;
}

/** The map as a page for people, in Markdown. */
export function registerMarkdown(machine: Machine): string {
  return [
    `# Registers of ${machine.name}`,
    '',
    `AXI4-Lite slave, 32-bit words, ${REGISTER_SPACE_BYTES} bytes. Written by systole ${toolVersion}.`,
    'Offsets that are not listed read 0 and ignore writes; every access is answered OKAY.',
    '',
    '| offset | name | access | after reset | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...registersOf(machine).map((spec) => row(spec, machine)),
    '',
    '## Fields',
    '',
    '| register | bits | field | meaning |',
    '| --- | --- | --- | --- |',
    ...registersOf(machine).flatMap(({ name, fields }) =>
      fields.map((f) => `| ${name} | ${bitRange(f)} | ${f.name} | ${f.meaning} |`),
    ),
    '',
    '## Causes in ERROR',
    '',
    '| code | name | meaning |',
    '| --- | --- | --- |',
    ...errorCauses.map(({ name, meaning }, code) => `| ${code} | ${name} | ${meaning} |`),
    '',
  ].join('\n');
}

function row(spec: RegisterSpec, machine: Machine): string {
  const { name, offset, count, access, meaning } = spec;
  const where = count === 1 ? hex(offset, 2) : `${hex(offset, 2)} + 4u`;
  const what = count === 1 ? name : `${name}_u, u = 0 to ${count - 1}`;
  return `| ${where} | ${what} | ${access} | ${hex(resetOf(spec, machine), 8)} | ${meaning} |`;
}

function bitRange({ high, low }: RegisterField): string {
  return high === low ? `${high}` : `${high}:${low}`;
}
