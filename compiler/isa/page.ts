/** docs/isa.md as a function of the instruction table. In: nothing but the table. Out: Markdown. */

import { fieldLimits } from './check.js';
import { usedBits } from './encode.js';
import {
  type Field,
  HEADER_BITS,
  type InstructionSpec,
  instructionSet,
  placeFields,
  unitIndex,
  unitNames,
  WORD_BITS,
} from './table.js';

/** The instruction set's reference page. A test holds docs/isa.md equal to it. */
export function renderIsaPage(): string {
  return [...introduction(), ...summary(), ...instructionSet.flatMap(section)].join('\n');
}

function introduction(): string[] {
  const units = unitNames.map((unit) => `${unitIndex[unit]} ${unit}`).join(', ');
  return [
    '# Instruction set',
    '',
    '<!-- Generated from compiler/isa/table.ts by renderIsaPage (node --import tsx scripts/render-isa-page.mjs). -->',
    '',
    `A word is ${WORD_BITS} bits, little-endian, unused bits zero. Every word starts with a ${HEADER_BITS}-bit header:`,
    '',
    '| bits | meaning |',
    '| --- | --- |',
    '| 3:0 | opcode |',
    '| 7:4 | wait mask: bit p takes one from semaphore (unit p -> this unit) before the instruction starts |',
    '| 11:8 | signal mask: bit c adds one to semaphore (this unit -> unit c) when it is done |',
    '',
    `Units: ${units}. A unit's own bit is zero. The fields follow without gaps, in table order. An act address has its`,
    'bank in bits 19:16 and its row in bits 15:0, an acc address its bank in bit 15 and its row in bits 14:0; text',
    'writes both as `bank:row`.',
    '',
  ];
}

function summary(): string[] {
  const row = (spec: InstructionSpec) =>
    `| ${spec.opcode} | [\`${spec.mnemonic}\`](#${spec.mnemonic}) | ${spec.unit} | ${usedBits(spec)} | ${spec.summary} |`;
  return [
    '| opcode | mnemonic | unit | bits | what it does |',
    '| --- | --- | --- | --- | --- |',
    ...instructionSet.map(row),
    '',
  ];
}

function section(spec: InstructionSpec): string[] {
  const heading = [`## ${spec.mnemonic}`, '', spec.summary, ''];
  if (spec.fields.length === 0) return [...heading, 'No fields.', ''];
  const rows = placeFields(spec).map(
    (f) =>
      `| ${f.offset + f.bits - 1}:${f.offset} | \`${f.name}\` | ${f.kind} | ${range(f)} | ${f.meaning} |`,
  );
  return [
    ...heading,
    '| bits | field | kind | range | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

function range(field: Field): string {
  if (field.names) return field.names.map((name, index) => `${index} ${name}`).join(', ');
  const { low, high } = fieldLimits(field);
  return `${low} to ${high}`;
}
