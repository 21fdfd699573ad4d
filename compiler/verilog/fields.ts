/**
 * The instruction decoders in Verilog, generated from the instruction table: bit positions stand nowhere else. In: the
 * table. Out: module texts by name:
 *
 *     fields_MNEMONIC      instruction_i[255:0] -> match_o and one output a field, NAME_o in snake case
 *     fields_header        instruction_i[255:0] -> wait_o[3:0], signal_o[3:0]
 *     instruction_target   instruction_i[255:0] -> legal_o, target_o[2:0] (unit, or 4: `end`)
 */

import { InternalError } from '../../base/index.js';
import {
  HEADER_BITS,
  type InstructionSpec,
  instructionSet,
  type Mnemonic,
  type PlacedField,
  placeFields,
  unitIndex,
  WORD_BITS,
} from '../isa/index.js';

/** Where the header's parts lie (see the head comment of the table). */
const OPCODE = { offset: 0, bits: 4 };
const WAIT = { offset: 4, bits: 4 };
const SIGNAL = { offset: 8, bits: 4 };

/** Instructions that a machine may lack, and the parameter that says whether it has them. */
const optional: Partial<Record<Mnemonic, string>> = {
  pool: 'HAS_POOL',
  dwconv: 'HAS_DEPTHWISE',
  add: 'HAS_ADD',
};

/** All generated decoder modules: module name to text. */
export function decoderModules(): ReadonlyMap<string, string> {
  return new Map([
    ...instructionSet.map((spec): [string, string] => [`fields_${spec.mnemonic}`, fieldsModule(spec)]),
    ['fields_header', headerModule()],
    ['instruction_target', targetModule()],
  ]);
}

interface BitRange {
  readonly offset: number;
  readonly bits: number;
}

const slice = ({ offset, bits }: BitRange) =>
  bits === 1 ? `instruction_i[${offset}]` : `instruction_i[${offset + bits - 1}:${offset}]`;
const range = (bits: number) => (bits === 1 ? '' : `[${bits - 1}:0]`);
const literal = (bits: number, value: number) => `${bits}'d${value}`;

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

interface ModuleText {
  readonly name: string;
  readonly comment: string;
  readonly parameters?: readonly string[];
  /** Output ports as [name, bits]. */
  readonly outputs: readonly (readonly [string, number])[];
  /** Bits of the word that the body reads. */
  readonly used: readonly BitRange[];
  readonly body: readonly string[];
}

function moduleText(m: ModuleText): string {
  const parameters = m.parameters?.length
    ? ` #(\n${m.parameters.map((p) => `  parameter ${p} = 1`).join(',\n')}\n)`
    : '';
  const outputs = m.outputs.map(([name, bits]) => `  output wire ${range(bits).padEnd(7)} ${name}`);
  return [
    `// ${m.comment}`,
    '`default_nettype none',
    `module ${m.name}${parameters} (`,
    ['  input  wire [255:0] instruction_i', ...outputs].join(',\n'),
    ');',
    ...m.body,
    ...unusedBits(m.used),
    'endmodule',
    '`default_nettype wire',
    '',
  ].join('\n');
}

/** A sink for the bits that the module has no use for, so that lint reports only true oversights. */
function unusedBits(used: readonly BitRange[]): readonly string[] {
  const gaps: BitRange[] = [];
  let from = 0;
  for (const { offset, bits } of [...used].sort((a, b) => a.offset - b.offset)) {
    if (offset > from) gaps.push({ offset: from, bits: offset - from });
    from = offset + bits;
  }
  if (from < WORD_BITS) gaps.push({ offset: from, bits: WORD_BITS - from });
  if (gaps.length === 0) return [];
  return [
    '',
    '  // Bits that belong to other fields.',
    '  wire unused_bits;',
    `  assign unused_bits = &{1'b0, ${gaps.map(slice).join(', ')}};`,
  ];
}

function fieldsModule(spec: InstructionSpec): string {
  const placed = placeFields(spec);
  const port = (field: PlacedField) => `${snakeCase(field.name)}_o`;
  const width = Math.max(...placed.map((field) => port(field).length), 'match_o'.length);
  const assign = (name: string, value: string, meaning: string) =>
    `  assign ${name.padEnd(width)} = ${value};  // ${meaning}`;
  return moduleText({
    name: `fields_${spec.mnemonic}`,
    comment: `Fields of the instruction ${spec.mnemonic}. ${spec.summary}`,
    outputs: [['match_o', 1], ...placed.map((f) => [port(f), f.bits] as const)],
    used: [OPCODE, ...placed],
    body: [
      assign(
        'match_o',
        `(${slice(OPCODE)} == ${literal(OPCODE.bits, spec.opcode)})`,
        `it is ${spec.mnemonic}`,
      ),
      ...placed.map((f) => assign(port(f), slice(f), f.meaning)),
    ],
  });
}

function headerModule(): string {
  if (OPCODE.bits + WAIT.bits + SIGNAL.bits !== HEADER_BITS)
    throw new InternalError('the header has other parts');
  return moduleText({
    name: 'fields_header',
    comment: 'Semaphore masks of an instruction; bit u names unit u.',
    outputs: [
      ['wait_o', 4],
      ['signal_o', 4],
    ],
    used: [WAIT, SIGNAL],
    body: [`  assign wait_o   = ${slice(WAIT)};`, `  assign signal_o = ${slice(SIGNAL)};`],
  });
}

function targetModule(): string {
  const sync = instructionSet.find((spec) => spec.unit === 'any');
  const unitField = sync && placeFields(sync).find((field) => field.name === 'unit');
  if (!sync || !unitField) throw new InternalError('the table has no instruction that names its unit');
  return moduleText({
    name: 'instruction_target',
    comment: 'Which unit executes an instruction (4: fetch itself), and whether this machine has it.',
    parameters: Object.values(optional),
    outputs: [
      ['legal_o', 1],
      ['target_o', 3],
    ],
    used: [OPCODE, unitField],
    body: [
      '  reg       legal;',
      '  reg [2:0] target;',
      '',
      '  assign legal_o  = legal;',
      '  assign target_o = target;',
      '',
      '  always @* begin',
      "    legal  = 1'b1;",
      "    target = 3'd4;",
      `    case (${slice(OPCODE)})`,
      ...instructionSet.map((spec) => `      ${targetCase(spec, unitField)}`),
      "      default: legal = 1'b0;",
      '    endcase',
      '  end',
    ],
  });
}

function targetCase(spec: (typeof instructionSet)[number], unitField: PlacedField): string {
  const label = literal(OPCODE.bits, spec.opcode);
  const comment = `  // ${spec.mnemonic}`;
  const parameter = optional[spec.mnemonic];
  switch (spec.unit) {
    case 'fetch':
      return `${label}: target = 3'd4;${comment}`;
    case 'any':
      return `${label}: target = {1'b0, ${slice(unitField)}};${comment}`;
    default: {
      const target = `target = 3'd${unitIndex[spec.unit]};`;
      if (!parameter) return `${label}: ${target}${comment}`;
      return `${label}: begin ${target} legal = (${parameter} != 0); end${comment}`;
    }
  }
}
