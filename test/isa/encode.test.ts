import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticError, renderDiagnostic, unwrap } from '../../base/index.js';
import {
  assemble,
  checkInstruction,
  decode,
  decodeProgram,
  disassemble,
  encode,
  encodeProgram,
  formatInstruction,
  hexWord,
  type Instruction,
  type InstructionSpec,
  instructionSet,
  usedBits,
  WORD_BITS,
} from '../../compiler/isa/index.js';
import { instructionArbitrary, runs } from './arbitraries.js';

const specs: readonly InstructionSpec[] = instructionSet;
const one = (text: string): Instruction => unwrap(assemble(text))[0]!;
const fillText =
  'fill address=1:5 value=-3 rows=2 runs=1 runStride=0 planes=1 planeStride=0 wait(matmul) signal(matmul,vector)';

describe('the instruction table', () => {
  it('gives every instruction its own opcode of 4 bits and fits it into a word', () => {
    expect(new Set(specs.map((spec) => spec.opcode)).size).toBe(specs.length);
    for (const spec of specs) {
      expect(spec.opcode, spec.mnemonic).toBeLessThan(16);
      expect(usedBits(spec), spec.mnemonic).toBeLessThanOrEqual(WORD_BITS);
      expect(new Set(spec.fields.map((field) => field.name)).size, spec.mnemonic).toBe(spec.fields.length);
    }
  });
});

describe('encoding', () => {
  it('puts fill into the bits that the table says', () => {
    // opcode 3, wait 0010, signal 0110; address 1:5 at bit 12, value -3 at 32, rows 2 at 40, runs 1 at 56, planes 1 at 84.
    const expected =
      3n +
      (2n << 4n) +
      (6n << 8n) +
      (0x10005n << 12n) +
      (0xfdn << 32n) +
      (2n << 40n) +
      (1n << 56n) +
      (1n << 84n);
    expect(BigInt(`0x${hexWord(encode(one(fillText)))}`)).toBe(expected);
  });

  it('law: decode(encode(i)) = i for every legal instruction', () => {
    fc.assert(
      fc.property(instructionArbitrary, (instruction) => {
        expect(checkInstruction(instruction)).toEqual([]);
        expect(unwrap(decode(encode(instruction)))).toEqual(instruction);
      }),
      { numRuns: runs(300) },
    );
  });

  it('law: encode(decode(w)) = w for every word that decodes, and random words mostly do not', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (word) => {
        const decoded = decode(word);
        if (decoded.ok) expect(encode(decoded.value)).toEqual(word);
        else refused++;
      }),
      { numRuns: runs(300) },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('law: a field one past either end of its range is refused', () => {
    fc.assert(
      fc.property(instructionArbitrary, fc.nat(), fc.boolean(), (instruction, pick, above) => {
        const { fields } = specs.find((spec) => spec.mnemonic === instruction.mnemonic)!;
        if (fields.length === 0) return;
        const field = fields[pick % fields.length]!;
        const top = field.signed ? 2 ** (field.bits - 1) : 2 ** field.bits;
        const bottom = field.signed ? -(2 ** (field.bits - 1)) - 1 : -1;
        const values = { ...instruction.fields, [field.name]: above ? top : bottom };
        const broken = { ...instruction, fields: values } as unknown as Instruction;
        expect(() => encode(broken)).toThrow(DiagnosticError);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('assembly text', () => {
  it('law: disassemble and assemble are inverse on words', () => {
    fc.assert(
      fc.property(fc.array(instructionArbitrary, { maxLength: 6 }), (instructions) => {
        const words = encodeProgram(instructions);
        const text = disassemble(words);
        expect(unwrap(assemble(text))).toEqual(instructions);
        expect(unwrap(decodeProgram(words))).toEqual(instructions);
      }),
      { numRuns: runs(100) },
    );
  });

  it('prints the canonical line and reads fields in any order, with comments and blank lines', () => {
    expect(formatInstruction(one(fillText))).toBe(fillText);
    const shuffled =
      '\n# a comment\n  fill planes=1 value=-3 address=0x10005 rows=2 runs=1 signal(vector,matmul) runStride=0 planeStride=0 wait(matmul) # more\n';
    expect(unwrap(assemble(shuffled))).toEqual([one(fillText)]);
  });
});

const load =
  'load buffer=act address=0:0 dram=0x0 rows=1 runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0';

/** code, faulty text or words, and the whole rendered diagnostic. */
const textCases: readonly (readonly [string, string])[] = [
  ['jump', 'unknown-mnemonic'],
  ['sync unit=load bogus=1', 'unknown-field'],
  ['sync unit=load unit=store', 'duplicate-field'],
  ['sync unit', 'syntax'],
  ['sync unit=dma', 'unknown-name'],
  ['sync unit=store wait(dma)', 'unknown-name (unit)'],
  ['sync', 'missing-field'],
  ['sync unit=load wait(load)', 'own-unit'],
  ['end signal(load)', 'end-mask'],
  [load.replace('rows=1', 'rows=0'), 'count-zero'],
  [load.replace('rows=1', 'rows=65536'), 'field-range'],
  [load.replace('0:0', '0:65536'), 'syntax (row)'],
];

describe('diagnostics of encoding and assembly', () => {
  it.each(textCases)('%s', (text) => {
    const result = assemble(`end\n${text}\n`, 'bad.s');
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map(renderDiagnostic).join('\n')).toMatchSnapshot();
  });

  it('reports every faulty line at once', () => {
    expect(assemble('jump\nsync\nend').diagnostics).toHaveLength(2);
  });

  it('masks out of range', () => {
    const broken = { mnemonic: 'end', wait: 16, signal: -1, fields: {} } as unknown as Instruction;
    expect(checkInstruction(broken).map(renderDiagnostic)).toMatchSnapshot();
  });

  it('words that are no instructions', () => {
    const unknown = new Uint8Array(32).fill(0);
    unknown[0] = 15;
    const stray = encode(one('sync unit=load'));
    stray[31] = 0x80;
    const words = new Uint8Array([...unknown, ...stray]);
    const result = decodeProgram(words, 'p');
    expect(result.diagnostics.map(renderDiagnostic)).toMatchSnapshot();
    expect(decodeProgram(words.subarray(0, 33)).diagnostics.map(renderDiagnostic)).toMatchSnapshot();
  });

  it('names the instruction of a program that cannot be encoded', () => {
    const broken = { ...one('sync unit=load'), wait: 1 };
    expect(() => encodeProgram([one('end'), broken], 'demo')).toThrow(/isa\/own-unit/);
  });
});
