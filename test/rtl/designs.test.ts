/**
 * The simulator agrees with Icarus Verilog and with Verilator on every output of every design in every cycle, on random stimuli; and the
 * designs together hold every kind of cell that Yosys leaves.
 */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { cellGroups, registerCells } from '../../simulator/rtl/cell-types.js';
import { elaborate } from '../../simulator/rtl/index.js';
import { hasTool } from '../verilog/support.js';
import { designs } from './designs.js';
import { hasIcarus } from './icarus.js';
import { drawStimuli, firstDifference, lockStep, moduleOf } from './lock-step.js';
import { runVerilator } from './verilator.js';

const CYCLES = 200;
const runs = Number(process.env['SYSTOLE_RUNS'] ?? 3);
const start = Number(process.env['SYSTOLE_SEED'] ?? 1);
const hasVerilator = hasTool('verilator');
if (!hasIcarus) console.log('skipped: comparison of designs with Icarus Verilog, iverilog is not installed');
if (!hasVerilator) console.log('skipped: comparison of designs with Verilator, verilator is not installed');

describe.skipIf(!hasIcarus)(`every output agrees with Icarus in every cycle (seeds from ${start})`, () => {
  it.each(designs)('$name', async ({ text }) => {
    for (let seed = start; seed < start + runs; seed++) {
      const { difference, known } = await lockStep(text, CYCLES, seed);
      expect(difference, `seed ${seed}`).toBeUndefined();
      expect(known, 'share of output bits that Icarus knows').toBeGreaterThan(0.9);
    }
  });
});

describe.skipIf(!hasVerilator)('every output agrees with Verilator in every cycle', () => {
  it(`all ${designs.length} designs (seed ${start})`, async () => {
    const cases = await Promise.all(
      designs.map(async ({ name, text }) => {
        const module = await moduleOf(text);
        return { name, text, module, stimuli: drawStimuli(module, CYCLES, start) };
      }),
    );
    const expected = runVerilator(cases);
    for (const { name, module, stimuli } of cases) {
      const { difference, known } = firstDifference(module, stimuli, expected.get(name)!);
      expect(difference, name).toBeUndefined();
      expect(known, name).toBe(1);
    }
  }, 600_000);
});

/** What this version of Yosys does not leave for Verilog-2005 after the passes of `elaborate`, or what is not its own. */
const notLeft = new Set([
  // Made here: of memory ports, for registers that read each other, of set and clear inputs.
  ...['$memrd', '$copy', '$bwmux'],
  // Only from SystemVerilog or from passes that are not run.
  ...['$bweqx', '$dffsre'],
]);

it('the designs hold every kind of cell', async () => {
  const seen = new Set<string>();
  for (const { text } of designs) {
    const { modules } = unwrap(await elaborate([{ path: 'top.v', text }], 'top'));
    for (const { cells } of Object.values(modules))
      for (const { type } of Object.values(cells)) seen.add(type);
  }
  const missing = [...Object.keys(cellGroups), ...registerCells].filter((type) => !seen.has(type));
  expect(missing.filter((type) => !notLeft.has(type))).toEqual([]);
});
