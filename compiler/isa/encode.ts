/**
 * Instructions to 256-bit words and back, by the table. In: Instructions (or bytes). Out: 32 bytes each, little-endian
 * (or Instructions). Encoding refuses what `checkInstruction` refuses; decoding refuses unknown opcodes, set unused
 * bits and field values that encoding would refuse, so the two are inverse.
 */

import { DiagnosticError, fail, type Place, type Result, succeed, unwrap } from '../../base/index.js';
import { INSTRUCTION_BYTES } from '../../models/machine/index.js';
import { checkInstruction, instructionPlace } from './check.js';
import { unknownOpcode, unusedBits, wordLength } from './diagnostics.js';
import { fieldsOf } from './format.js';
import type { Instruction } from './program.js';
import {
  HEADER_BITS,
  type InstructionSpec,
  instructionSet,
  type Mnemonic,
  type PlacedField,
  placeFields,
  specOf,
  WORD_BITS,
} from './table.js';

/** The fields of every mnemonic with their bit offsets, computed once. */
const placed: Readonly<Record<string, readonly PlacedField[]>> = Object.fromEntries(
  instructionSet.map((spec) => [spec.mnemonic, placeFields(spec)]),
);
const specByOpcode: ReadonlyMap<number, InstructionSpec> = new Map(
  instructionSet.map((spec) => [spec.opcode, spec]),
);

/** Bits that a mnemonic uses: header and fields. The rest of the word is zero. */
export function usedBits(spec: InstructionSpec): number {
  return spec.fields.reduce((bits, field) => bits + field.bits, HEADER_BITS);
}

/**
 * The 32 bytes of one instruction.
 * @throws DiagnosticError when a field or mask is out of range.
 */
export function encode(instruction: Instruction, where?: Place): Uint8Array {
  const bytes = new Uint8Array(INSTRUCTION_BYTES);
  encodeInto(bytes, 0, instruction, where);
  return bytes;
}

/**
 * The words of a program, 32 bytes an instruction. `name` is the program's name in diagnostics.
 * @throws DiagnosticError with every fault of every instruction.
 */
export function encodeProgram(instructions: readonly Instruction[], name = 'program'): Uint8Array {
  const faults = instructions.flatMap((instruction, index) =>
    checkInstruction(instruction).length === 0
      ? []
      : checkInstruction(instruction, instructionPlace(name, index, instruction)),
  );
  if (faults.length > 0) throw new DiagnosticError(faults);
  const words = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  for (const [index, instruction] of instructions.entries()) {
    writeWord(words, index * INSTRUCTION_BYTES, instruction);
  }
  return words;
}

function encodeInto(bytes: Uint8Array, start: number, instruction: Instruction, where?: Place): void {
  const faults = checkInstruction(instruction, where);
  if (faults.length > 0) throw new DiagnosticError(faults);
  writeWord(bytes, start, instruction);
}

function writeWord(bytes: Uint8Array, start: number, instruction: Instruction): void {
  writeBits(bytes, start, { offset: 0, bits: 4 }, specOf[instruction.mnemonic].opcode);
  writeBits(bytes, start, { offset: 4, bits: 4 }, instruction.wait);
  writeBits(bytes, start, { offset: 8, bits: 4 }, instruction.signal);
  const values = fieldsOf(instruction);
  for (const field of placed[instruction.mnemonic]!) writeBits(bytes, start, field, values[field.name]!);
}

interface BitRange {
  readonly offset: number;
  readonly bits: number;
}

/** Writes `value` (two's complement if negative) into bits of a word whose bytes there are still zero. */
function writeBits(bytes: Uint8Array, start: number, { offset, bits }: BitRange, value: number): void {
  let rest = value < 0 ? value + 2 ** bits : value;
  for (let done = 0; done < bits; ) {
    const bit = offset + done;
    const room = 8 - (bit & 7);
    bytes[start + (bit >>> 3)]! |= (rest % 2 ** room) << (bit & 7);
    rest = Math.floor(rest / 2 ** room);
    done += room;
  }
}

/** Reads bits of a word as an unsigned number (at most 32 bits). */
function readBits(bytes: Uint8Array, start: number, { offset, bits }: BitRange): number {
  let value = 0;
  for (let done = 0; done < bits; ) {
    const bit = offset + done;
    const take = Math.min(8 - (bit & 7), bits - done);
    const piece = (bytes[start + (bit >>> 3)]! >>> (bit & 7)) & (2 ** take - 1);
    value += piece * 2 ** done;
    done += take;
  }
  return value;
}

/** The instruction in 32 bytes, or what is wrong with them. */
export function decode(bytes: Uint8Array, where?: Place): Result<Instruction> {
  if (bytes.length !== INSTRUCTION_BYTES) return fail(wordLength(bytes.length, where));
  return decodeAt(bytes, 0, where);
}

/** The instructions in `words`, 32 bytes each, or every fault in them. `name` is the program's name in diagnostics. */
export function decodeProgram(words: Uint8Array, name = 'program'): Result<readonly Instruction[]> {
  if (words.length % INSTRUCTION_BYTES !== 0) return fail(wordLength(words.length));
  const results: Result<Instruction>[] = [];
  for (let start = 0; start < words.length; start += INSTRUCTION_BYTES) {
    const place: Place = {
      kind: 'instruction',
      program: name,
      index: start / INSTRUCTION_BYTES,
      text: hexWord(words, start),
    };
    results.push(decodeAt(words, start, place));
  }
  const faults = results.flatMap((result) => result.diagnostics);
  return faults.length > 0 ? fail(...faults) : succeed(results.map(unwrap));
}

/** A word as 64 hexadecimal digits, most significant first. */
export function hexWord(words: Uint8Array, start = 0): string {
  const digits = [...words.subarray(start, start + INSTRUCTION_BYTES)].reverse();
  return digits.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function decodeAt(bytes: Uint8Array, start: number, where: Place | undefined): Result<Instruction> {
  const opcode = readBits(bytes, start, { offset: 0, bits: 4 });
  const spec = specByOpcode.get(opcode);
  if (!spec) return fail(unknownOpcode(opcode, where));
  const stray = firstSetBit(bytes, start, usedBits(spec));
  if (stray !== undefined) return fail(unusedBits(spec.mnemonic, stray, where));
  const fields: Record<string, number> = {};
  for (const field of placed[spec.mnemonic]!) fields[field.name] = readField(bytes, start, field);
  const instruction = {
    mnemonic: spec.mnemonic as Mnemonic,
    wait: readBits(bytes, start, { offset: 4, bits: 4 }),
    signal: readBits(bytes, start, { offset: 8, bits: 4 }),
    fields,
  } as unknown as Instruction;
  const faults = checkInstruction(instruction, where);
  return faults.length > 0 ? fail(...faults) : succeed(instruction);
}

function readField(bytes: Uint8Array, start: number, field: PlacedField): number {
  const value = readBits(bytes, start, field);
  return field.signed && value >= 2 ** (field.bits - 1) ? value - 2 ** field.bits : value;
}

function firstSetBit(bytes: Uint8Array, start: number, from: number): number | undefined {
  for (let bit = from; bit < WORD_BITS; bit++) {
    if ((bytes[start + (bit >>> 3)]! >>> (bit & 7)) & 1) return bit;
  }
  return undefined;
}
