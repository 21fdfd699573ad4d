/**
 * Range checks of a single instruction against the table. In: an Instruction. Out: Diagnostics, empty when `encode`
 * can write it. What instructions mean together (hazards, bounds, deadlock) is the dataflow verifier's work.
 */

import type { Diagnostic, Place } from '../../base/index.js';
import { countZero, endMask, fieldRange, maskRange, missingField, ownUnitMask } from './diagnostics.js';
import { fieldsOf, formatInstruction } from './format.js';
import { type Instruction, unitOf } from './program.js';
import { type Field, specOf, unitIndex } from './table.js';

/** Smallest and largest number that a field can hold (count fields hold 0 too, but may not be 0). */
export function fieldLimits(field: Field): { readonly low: number; readonly high: number } {
  if (field.signed) return { low: -(2 ** (field.bits - 1)), high: 2 ** (field.bits - 1) - 1 };
  if (field.kind === 'enum' && field.names) return { low: 0, high: field.names.length - 1 };
  return { low: field.kind === 'count' ? 1 : 0, high: 2 ** field.bits - 1 };
}

/** The place of instruction `index` of a program, for diagnostics. */
export function instructionPlace(program: string, index: number, instruction: Instruction): Place {
  return { kind: 'instruction', program, index, text: formatInstruction(instruction) };
}

/** Everything that keeps an instruction from being encoded. `where` goes into the diagnostics. */
export function checkInstruction(instruction: Instruction, where?: Place): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const values = fieldsOf(instruction);
  for (const field of specOf[instruction.mnemonic].fields) {
    const fault = checkField(field, instruction, values[field.name], where);
    if (fault) found.push(fault);
  }
  found.push(...checkMask(instruction, 'wait', where), ...checkMask(instruction, 'signal', where));
  return found;
}

function checkField(
  field: Field,
  { mnemonic }: Instruction,
  value: number | undefined,
  where: Place | undefined,
): Diagnostic | undefined {
  if (value === undefined) return missingField(mnemonic, field.name, where);
  if (field.kind === 'count' && value === 0) return countZero(mnemonic, field.name, where);
  const { low, high } = fieldLimits(field);
  if (Number.isInteger(value) && value >= low && value <= high) return undefined;
  return fieldRange({ mnemonic, field: field.name, value, low, high }, where);
}

function checkMask(
  instruction: Instruction,
  which: 'wait' | 'signal',
  where: Place | undefined,
): readonly Diagnostic[] {
  const mask = instruction[which];
  if (!Number.isInteger(mask) || mask < 0 || mask > 15) {
    return [maskRange(instruction.mnemonic, which, mask, where)];
  }
  if (mask === 0) return [];
  const unit = unitOf(instruction);
  if (unit === undefined) return instruction.mnemonic === 'end' ? [endMask(which, where)] : [];
  const own = (mask >>> unitIndex[unit]) & 1;
  return own ? [ownUnitMask(instruction.mnemonic, which, unit, where)] : [];
}
