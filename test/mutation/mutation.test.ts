/**
 * The machinery of the mutation check on a handful of mutants: it passes what is unchanged, kills what is plainly wrong, counts what does not
 * compile apart, and lets a change through that changes nothing. The whole check is `node --import tsx test/mutation/run.ts`.
 */

import { afterAll, describe, expect, it } from 'vitest';
import { hasTool } from '../verilog/support.js';
import { draw, engineMutants, judgeAll, verilogMutants } from './check.js';
import { EngineOracle } from './engine-oracle.js';
import { findMutants, type Mutant } from './mutants.js';
import { VerilogOracle } from './verilog-oracle.js';

const at = (mutants: readonly Mutant[], file: string, after: string): Mutant => {
  const found = mutants.find((m) => m.file.endsWith(file) && m.after.includes(after));
  if (!found) throw new Error(`${file} has no mutant ${after}`);
  return found;
};

describe('mutants', () => {
  it('change one line each, and the draw of a seed is always the same', () => {
    const all = verilogMutants();
    expect(all.length).toBeGreaterThan(1000);
    expect(draw(all, 20, 7)).toEqual(draw(all, 20, 7));
    expect(draw(all, 20, 8)).not.toEqual(draw(all, 20, 7));
    for (const { before, after } of [...all, ...engineMutants()]) expect(after).not.toBe(before);
  });

  it('leave comments, strings, declarations and assignments alone', () => {
    const verilog = 'module m;\n  // a + b\n  wire [3:0] x;\n  y_q <= z;\n  assign a = b <= c;';
    expect(findMutants('m.v', verilog, 'verilog').map((m) => m.after)).toEqual([
      'y_q <= y_q;',
      'assign a = b < c;',
    ]);
    const typescript = "/* 1 + 2 */\nimport { a } from 'b';\nconst s = 'a + b';\nconst n = a + b;";
    expect(findMutants('m.ts', typescript, 'typescript').map((m) => m.after)).toEqual(['const n = a - b;']);
  });
});

describe('the oracle of the engines', () => {
  const oracle = new EngineOracle({ small: true });
  afterAll(() => oracle.close());

  it('kills mutants of every engine, and passes the unchanged ones', () => {
    const all = engineMutants();
    const mutants = [
      at(all, 'timing/fetch.ts', '(this.beatsPerBurst + 1)'),
      at(all, 'array/vector.ts', 'const STAGES = 13'),
      at(all, 'engine/interpret.ts', 'Math.ceil(slot / this.slotsPerRow)'),
    ];
    oracle.verifyOriginal();
    expect(judgeAll(oracle, mutants)).toEqual({
      drawn: 3,
      invalid: 0,
      killed: 3,
      equivalent: 0,
      survivors: [],
    });
  }, 120_000);
});

describe.skipIf(!hasTool('iverilog'))(
  'the oracle of the Verilog (skipped where iverilog is not installed)',
  () => {
    const oracle = new VerilogOracle({ small: true });
    afterAll(() => oracle.close());

    it('holds the unchanged Verilog to values, cycles, bytes, counters of the units, stalls and error registers', () => {
      oracle.verifyOriginal();
    }, 120_000);

    it('kills, counts what does not compile apart, and passes what changes nothing', () => {
      const all = verilogMutants();
      const mutants = [
        at(all, 'pe.v', 'product_q <= activation_i + weight_q'),
        at(all, 'vector_lane.v', ' + '),
        at(all, 'burst_generator.v', '(state_q != ISSUE)'),
        at(all, 'unit_shell.v', 'head_valid && ready && !running_q && !halt_i'),
        at(all, 'control_registers.v', 'cycles_q - 64'),
      ];
      const tally = judgeAll(oracle, mutants);
      expect(tally).toEqual({ drawn: 5, invalid: 0, killed: 5, equivalent: 0, survivors: [] });
      const broken = { ...mutants[0]!, text: mutants[0]!.text.replace('endmodule', '') };
      expect(oracle.judge(broken).kind).toBe('invalid');
      expect(oracle.judge({ ...mutants[0]!, text: `${mutants[0]!.text}\n// nothing` }).kind).not.toBe(
        'invalid',
      );
    }, 120_000);
  },
);
