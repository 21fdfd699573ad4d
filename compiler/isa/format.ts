/**
 * Instructions as text. In: an Instruction (its fields may be out of range: diagnostics print it too). Out: one line,
 *
 *     load buffer=act address=0:11 dram=0x3000 rows=8 ... wait(matmul) signal(matmul)
 *
 * Fields come in table order; act and acc addresses print as `bank:row`, DRAM addresses in hexadecimal, enums by name.
 */

import type { Instruction } from './program.js';
import { accBank, accRow, actBank, actRow } from './program.js';
import { type Field, type FieldKind, specOf, unitNames } from './table.js';

/** The fields of any instruction by name, for code that walks the table. */
export function fieldsOf(instruction: Instruction): Readonly<Record<string, number>> {
  return instruction.fields;
}

/**
 * What a field's number means in this instruction: the table's kind, except for the buffer address of `load`, which is
 * an act, wgt or par address depending on its `buffer` (a lut address stays a plain value).
 */
export function kindOfField(field: Field, mnemonic: string, buffer: number | undefined): FieldKind {
  if (mnemonic !== 'load' || field.name !== 'address') return field.kind;
  return (['act', 'wgt', 'par', 'value'] as const)[buffer ?? 3] ?? 'value';
}

/** A number as the assembler writes it. */
export function formatField(field: Field, kind: FieldKind, value: number): string {
  if (!Number.isInteger(value) || value < 0) return String(value);
  switch (kind) {
    case 'act':
      return `${actBank(value)}:${actRow(value)}`;
    case 'acc':
      return `${accBank(value)}:${accRow(value)}`;
    case 'dram':
      return `0x${value.toString(16)}`;
    case 'enum':
      return field.names?.[value] ?? String(value);
    default:
      return String(value);
  }
}

/** The units of a mask, lowest first: `unitsOf(0b0101)` is `['load', 'vector']`. */
export function unitsOf(mask: number): readonly (typeof unitNames)[number][] {
  return unitNames.filter((_, index) => (mask >>> index) & 1);
}

/** One instruction as one line of assembly. `parse` of it gives the instruction back. */
export function formatInstruction(instruction: Instruction): string {
  const fields = fieldsOf(instruction);
  const parts: string[] = [instruction.mnemonic];
  for (const field of specOf[instruction.mnemonic].fields) {
    const kind = kindOfField(field, instruction.mnemonic, fields.buffer);
    parts.push(`${field.name}=${formatField(field, kind, fields[field.name] ?? Number.NaN)}`);
  }
  if (instruction.wait) parts.push(`wait(${unitsOf(instruction.wait).join(',')})`);
  if (instruction.signal) parts.push(`signal(${unitsOf(instruction.signal).join(',')})`);
  return parts.join(' ');
}
