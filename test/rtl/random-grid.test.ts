/** Registers that become SIMD lanes, and segments that are skipped, against Icarus. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';
import { hasIcarus } from './icarus.js';
import { lockStep, numberSource } from './lock-step.js';
import { randomGrid } from './random-grid.js';

const runs = Number(process.env['SYSTOLE_RUNS'] ?? 15);
const start = Number(process.env['SYSTOLE_SEED'] ?? 1);
if (!hasIcarus) console.log('skipped: random grids against Icarus Verilog, iverilog is not installed');

const gridOf = (seed: number) => randomGrid(numberSource(Math.imul(seed, 2654435761)));

describe.skipIf(!hasIcarus)('random grids', () => {
  it(`show the outputs of Icarus Verilog in every cycle (${runs} grids from seed ${start})`, async () => {
    let known = 0;
    for (let seed = start; seed < start + runs; seed++) {
      const { text } = gridOf(seed);
      const result = await lockStep(text, 60, seed);
      expect(result.difference, `seed ${seed}\n${text}`).toBeUndefined();
      known += result.known / runs;
    }
    expect(known).toBeGreaterThan(0.8);
  }, 600_000);
});

describe('the grids', () => {
  it('have their registers in lanes', async () => {
    let [lanes, registers] = [0, 0];
    for (let seed = 1; seed <= 6; seed++) {
      const files = [{ path: 'top.v', text: gridOf(seed).text }];
      const { statistics } = unwrap(await compileNetlist(unwrap(await elaborate(files, 'top'))));
      lanes += statistics.registersInLanes;
      registers += statistics.registers;
    }
    // Some cells are optimised to something that lanes do not know.
    expect(lanes / registers).toBeGreaterThan(0.5);
  });
});
