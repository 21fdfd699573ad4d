/**
 * Assembly text to instructions and back, by the table. One instruction a line:
 *
 *     matmul act=0:0 wgt=0 acc=0:0 accumulate=0 ny=8 ... wait(load) signal(vector)   # comment
 *
 * Every field of the mnemonic is given, in any order, as a decimal or hexadecimal number, a `bank:row` pair or the name of
 * an enum value. In: text. Out: Instructions, or located diagnostics of every faulty line. `disassemble` prints the
 * canonical form (formatInstruction), which assembles to the same instructions.
 */

import {
  type Diagnostic,
  DiagnosticError,
  fail,
  type Place,
  type Result,
  succeed,
} from '../../base/index.js';
import { checkInstruction } from './check.js';
import * as diagnostics from './diagnostics.js';
import { decodeProgram } from './encode.js';
import { formatInstruction } from './format.js';
import { accAddress, actAddress, type Instruction } from './program.js';
import {
  type Field,
  type InstructionSpec,
  instructionSet,
  type UnitName,
  unitIndex,
  unitNames,
} from './table.js';

/** The canonical text of instruction words, one line each. @throws DiagnosticError when a word is no instruction. */
export function disassemble(words: Uint8Array, name = 'program'): string {
  const decoded = decodeProgram(words, name);
  if (!decoded.ok) throw new DiagnosticError(decoded.diagnostics);
  return formatInstructions(decoded.value);
}

/** Assembly text of instructions, one line each, with a final newline when there are any. */
export function formatInstructions(instructions: readonly Instruction[]): string {
  return instructions.map((instruction) => `${formatInstruction(instruction)}\n`).join('');
}

/** The instructions of an assembly text. `file` is its name in diagnostics. */
export function assemble(text: string, file = 'assembly'): Result<readonly Instruction[]> {
  const faults: Diagnostic[] = [];
  const instructions: Instruction[] = [];
  let start = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const parser = new LineParser({ file, source: text, start, line: index + 1 }, line);
    const instruction = parser.parse();
    faults.push(...parser.faults);
    if (instruction && parser.faults.length === 0) instructions.push(instruction);
    start += line.length + 1;
  }
  return faults.length > 0 ? fail(...faults) : succeed(instructions);
}

interface LineOrigin {
  readonly file: string;
  readonly source: string;
  /** Offset of the line's first character. */
  readonly start: number;
  readonly line: number;
}

interface Token {
  readonly text: string;
  readonly column: number;
}

const specs: ReadonlyMap<string, InstructionSpec> = new Map(
  instructionSet.map((spec) => [spec.mnemonic, spec]),
);

/** Parses one line; its faults are collected, so that one wrong word hides no other. */
class LineParser {
  readonly faults: Diagnostic[] = [];
  private readonly tokens: readonly Token[];
  private readonly values: Record<string, number> = {};
  private readonly masks: Partial<Record<'wait' | 'signal', number>> = {};

  constructor(
    private readonly origin: LineOrigin,
    line: string,
  ) {
    const code = line.replace(/#.*$/, '');
    this.tokens = [...code.matchAll(/\S+/g)].map((m) => ({ text: m[0], column: m.index }));
  }

  parse(): Instruction | undefined {
    const [head, ...rest] = this.tokens;
    if (!head) return undefined;
    const spec = specs.get(head.text);
    if (!spec) {
      this.faults.push(diagnostics.unknownMnemonic(head.text, [...specs.keys()], this.place(head)));
      return undefined;
    }
    for (const token of rest) this.parseItem(spec, token);
    const instruction = {
      mnemonic: spec.mnemonic,
      wait: this.masks.wait ?? 0,
      signal: this.masks.signal ?? 0,
      fields: inTableOrder(spec, this.values),
    } as unknown as Instruction;
    if (this.faults.length === 0) this.faults.push(...checkInstruction(instruction, this.place(head)));
    return instruction;
  }

  private place(token: Token): Place {
    const { file, source, start, line } = this.origin;
    const begin = start + token.column;
    const span = { start: begin, end: begin + token.text.length, line, column: token.column + 1 };
    return { kind: 'text', file, source, span };
  }

  private parseItem(spec: InstructionSpec, token: Token): void {
    const mask = /^(wait|signal)\(([a-z,]*)\)$/.exec(token.text);
    if (mask) {
      this.parseMask(spec, mask[1] as 'wait' | 'signal', mask[2]!, token);
      return;
    }
    const pair = /^([A-Za-z]\w*)=(.+)$/.exec(token.text);
    if (!pair) {
      const expected = 'field=value, wait(units) or signal(units)';
      this.faults.push(diagnostics.syntax(expected, token.text, this.place(token)));
      return;
    }
    this.parseField(spec, pair[1]!, pair[2]!, token);
  }

  private parseMask(spec: InstructionSpec, which: 'wait' | 'signal', list: string, token: Token): void {
    if (this.masks[which] !== undefined) {
      this.faults.push(diagnostics.duplicateField(spec.mnemonic, which, this.place(token)));
    }
    let mask = 0;
    for (const name of list.split(',')) {
      if (isUnit(name)) mask |= 1 << unitIndex[name];
      else
        this.faults.push(diagnostics.unknownName('unit', name || '(nothing)', unitNames, this.place(token)));
    }
    this.masks[which] = mask;
  }

  private parseField(spec: InstructionSpec, name: string, text: string, token: Token): void {
    const field = spec.fields.find((f) => f.name === name);
    if (!field) {
      this.faults.push(diagnostics.unknownField(spec.mnemonic, name, this.place(token)));
      return;
    }
    if (this.values[name] !== undefined) {
      this.faults.push(diagnostics.duplicateField(spec.mnemonic, name, this.place(token)));
    }
    const value = parseValue(field, text);
    if (value !== undefined) this.values[name] = value;
    else if (field.names)
      this.faults.push(diagnostics.unknownName(name, text, field.names, this.place(token)));
    else this.faults.push(diagnostics.syntax(`a number for ${name}`, text, this.place(token)));
  }
}

function isUnit(name: string): name is UnitName {
  return (unitNames as readonly string[]).includes(name);
}

function inTableOrder(
  spec: InstructionSpec,
  values: Readonly<Record<string, number>>,
): Record<string, number> {
  const given = spec.fields.filter((field) => values[field.name] !== undefined);
  return Object.fromEntries(given.map((field) => [field.name, values[field.name]!]));
}

/** A field's number, or undefined when the text is none. `bank:row` is an acc address for acc fields, else an act address. */
function parseValue(field: Field, text: string): number | undefined {
  const name = field.names?.indexOf(text) ?? -1;
  if (name >= 0) return name;
  const pair = /^(\d+):(\d+)$/.exec(text);
  if (pair && (field.kind === 'acc' || field.kind === 'act' || field.name === 'address')) {
    return parsePair(field, Number(pair[1]), Number(pair[2]));
  }
  return /^(-?\d+|0x[0-9a-fA-F]+)$/.test(text) ? Number(text) : undefined;
}

/** A row past its bank's address bits is no address: it would silently name the next bank. */
function parsePair(field: Field, bank: number, row: number): number | undefined {
  const rows = field.kind === 'acc' ? 32768 : 65536;
  if (row >= rows) return undefined;
  return field.kind === 'acc' ? accAddress(bank, row) : actAddress(bank, row);
}
