/** Random Verilog against Icarus: whatever the twelve written designs miss. */

import { describe, expect, it } from 'vitest';
import { hasIcarus } from './icarus.js';
import { lockStep, numberSource } from './lock-step.js';
import { randomDesign } from './random-design.js';

const runs = Number(process.env['SYSTOLE_RUNS'] ?? 20);
const start = Number(process.env['SYSTOLE_SEED'] ?? 1);
if (!hasIcarus) console.log('skipped: random designs against Icarus Verilog, iverilog is not installed');

describe.skipIf(!hasIcarus)('random designs', () => {
  it(`show the outputs of Icarus Verilog in every cycle (${runs} designs from seed ${start})`, async () => {
    let known = 0;
    for (let seed = start; seed < start + runs; seed++) {
      const { text } = randomDesign(numberSource(Math.imul(seed, 2654435761)));
      const result = await lockStep(text, 60, seed);
      expect(result.difference, `seed ${seed}\n${text}`).toBeUndefined();
      known += result.known / runs;
    }
    // Otherwise unknown bits would hide everything.
    expect(known).toBeGreaterThan(0.8);
  }, 600_000);
});
