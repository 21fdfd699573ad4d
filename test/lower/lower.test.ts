import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import { printDataflow } from '../../compiler/dataflow/index.js';
import { decodeProgram, formatInstruction, initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { tiny, tinyMachine } from '../dataflow/tiny.js';

const machine = tinyMachine();
const image = new Map([
  ['w', Uint8Array.from({ length: 64 }, (_, i) => i)],
  ['p', new Uint8Array(40).fill(7)],
]);
const body = `
  for i in 0..2 {
    load act[i:3 + 8*i] <- %x + 32*i rows 8 runs 1 signal(matmul, store)
  }
  load wgt[4] <- %w rows 4`;

describe('lower', () => {
  const dataflow = tiny(body);
  const program = unwrap(lower(dataflow, machine, image));

  it('expands loops, resolves tensors and appends end', () => {
    const tail = 'runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0';
    expect(program.instructions.map(formatInstruction)).toEqual([
      `load buffer=act address=0:3 dram=0x0 rows=8 ${tail} signal(matmul,store)`,
      `load buffer=act address=1:11 dram=0x20 rows=8 ${tail} signal(matmul,store)`,
      `load buffer=wgt address=4 dram=0x1000 rows=4 ${tail}`,
      'end',
    ]);
    expect(unwrap(decodeProgram(program.words))).toEqual(program.instructions);
  });

  it('maps instructions to layers and to lines of the printed dataflow', () => {
    const text = printDataflow(dataflow).split('\n');
    expect([...program.layerOf]).toEqual([0, 0, 0, -1]);
    const shown = [...program.lineOf].map((line) =>
      line === 0 ? '' : text[line - 1]!.trim().split(' <-')[0],
    );
    expect(shown).toEqual(['load act[i:3 + 8*i]', 'load act[i:3 + 8*i]', 'load wgt[4]', '']);
    expect(program.layers).toEqual([{ name: 'l', node: 'n', operator: 'IntegerConv', macs: 0, output: 't' }]);
  });

  it('puts the words behind the tensors, with zeros as far as fetch may read', () => {
    expect(program.programAddress).toBe(0x4000);
    expect(program.dramBytes).toBe(0x4000 + 12 * 32);
    const inputs = new Map([
      ['x', { element: 'int8' as const, shape: [1, 4, 4, 4], data: new Int8Array(64).fill(-1) }],
    ]);
    const dram = initialDram(program, inputs);
    expect(dram[0]).toBe(255);
    expect(dram[0x1005]).toBe(5);
    expect(dram[0x2000]).toBe(7);
    expect(dram.subarray(0x4000, 0x4000 + 128)).toEqual(program.words);
  });

  it('faults are diagnostics', () => {
    const faults = (text: string, data = image, m = machine) => {
      const result = lower(tiny(text), m, data);
      expect(result.ok).toBe(false);
      return result.diagnostics.map(renderDiagnostic);
    };
    const small = new Map([...image, ['p', new Uint8Array(39)]] as const);
    const stray = new Map([...image, ['x', new Uint8Array(64)]] as const);
    expect([
      faults('  load act[0:0] <- %y rows 1'),
      faults('  fill act[0:0] with 300 rows 1'),
      faults('', new Map([['w', image.get('w')!]])),
      faults('', small),
      faults('', stray),
      faults('', image, { ...machine, name: 'other' }),
    ]).toMatchSnapshot();
  });
});
