import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../base/index.js';
import { checkMachine, machinePresets, parseMachine, rowFormat } from '../../models/machine/index.js';

function rendered(text: string): string {
  const result = parseMachine(text, 'mine.yaml');
  return result.ok ? 'ok' : result.diagnostics.map(renderDiagnostic).join('\n');
}

describe('machine', () => {
  it('every preset passes its own check', () => {
    for (const machine of machinePresets.values()) expect(checkMachine(machine)).toMatchObject({ ok: true });
  });

  it('a preset can be overridden field by field', () => {
    const result = parseMachine(
      'preset: edge8\nname: wide\narray: { rows: 8, columns: 16 }\nmemory: { readLatency: 99 }',
      'm.yaml',
    );
    expect(result).toMatchObject({
      ok: true,
      value: { array: { rows: 8, columns: 16 }, memory: { readLatency: 99, writeLatency: 15 } },
    });
  });

  it('locates a field out of range', () => {
    expect(rendered('preset: edge8\nname: x\narray:\n  rows: 0\n  columns: 8')).toMatchInlineSnapshot(`
      "error[machine/field]: array.rows: Too small: expected number to be >=1
        --> mine.yaml:4:9
         |
       4 |   rows: 0
         |         ^"
    `);
  });

  it('locates a broken rule between fields and says what is legal', () => {
    expect(rendered('preset: edge8\nname: x\nvector: { lanes: 3 }')).toMatchInlineSnapshot(`
      "error[machine/lanes]: 3 vector lanes do not divide 8 rows and 8 columns
        --> mine.yaml:3:18
         |
       3 | vector: { lanes: 3 }
         |                  ^
        = hint: legal: 1, 2, 4, 8"
    `);
    expect(
      rendered(
        'preset: edge16\nname: x\narray: { rows: 64, columns: 64 }\nelements: { accumulatorBits: 20 }',
      ),
    ).toMatchInlineSnapshot(`
      "error[machine/accumulator-bits]: 20 accumulator bits cannot hold a column sum of 22 bits
        --> mine.yaml:4:30
         |
       4 | elements: { accumulatorBits: 20 }
         |                              ^^
        = hint: at least 22"
    `);
    expect(rendered('preset: edge16\nname: x\narray: { dataflow: input-stationary }')).toMatchInlineSnapshot(`
      "error[machine/input-stationary]: an input-stationary machine requantises rows of one channel each, which needs the vector function row-parameters
        --> mine.yaml:3:20
         |
       3 | array: { dataflow: input-stationary }
         |                    ^^^^^^^^^^^^^^^^
        = hint: add 'row-parameters' to vector.functions"
    `);
  });

  it('locates a syntax error, an unknown preset and an unknown field', () => {
    expect(rendered('array: [')).toMatchInlineSnapshot(`
      "error[machine/syntax]: Flow sequence in block collection must be sufficiently indented and end with a ]
        --> mine.yaml:1:9
         |
       1 | array: [
         |         ^"
    `);
    expect(rendered('preset: edge9')).toMatchInlineSnapshot(`
      "error[machine/unknown]: there is no machine preset "edge9"
        --> mine.yaml:1:9
         |
       1 | preset: edge9
         |         ^^^^^
        = hint: presets: nano2, ico1, gowin4, edge4, ecp8, signal8, cyclone8, edge8, zynq12, zynq16, eyeriss14, shidiannao8, nibble16, edge16, compact16, gemmini16, mobile32, kria32, cloud128, tpu256; or give a YAML or JSON file"
    `);
    expect(rendered('preset: edge8\ncolour: red')).toMatchInlineSnapshot(`
      "error[machine/field]: colour: there is no such field
        --> mine.yaml:2:9
         |
       2 | colour: red
         |         ^^^"
    `);
  });

  it('row pitch and bus divide one another', () => {
    for (let bytes = 1; bytes <= 300; bytes++) {
      for (const bus of [4, 8, 16, 32, 64]) {
        const format = rowFormat(bytes, bus);
        expect(format.pitch).toBeGreaterThanOrEqual(bytes);
        expect(format.pitch * format.rowsPerBeat).toBe(bus * format.beatsPerRow);
      }
    }
  });
});
