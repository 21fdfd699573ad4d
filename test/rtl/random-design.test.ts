import { describe, expect, it } from 'vitest';
import { firstDifference, icarusIsInstalled, lockStep, wordSource } from './icarus.js';
import { randomDesign } from './random-design.js';

const runs = Number(process.env['SYSTOLE_RUNS'] ?? 25);
const start = Number(process.env['SYSTOLE_SEED'] ?? 1);

describe.skipIf(!icarusIsInstalled)('random designs', () => {
  it(`show the same outputs as Icarus Verilog in every cycle (${runs} designs from seed ${start})`, async () => {
    let known = 0;
    for (let seed = start; seed < start + runs; seed++) {
      const word = wordSource(seed * 2654435761);
      const file = randomDesign((limit) => Number(word(31) % BigInt(limit)));
      const result = await lockStep([file], 'top', {
        cycles: 60,
        seed,
        first: { cycles: 3, values: { rst: 1n } },
        high: { rst: 1 },
      });
      const { difference, known: share } = firstDifference(result);
      expect(difference, `seed ${seed}\n${file.text}`).toBeUndefined();
      known += share / runs;
    }
    // Otherwise unknown bits would hide everything.
    expect(known).toBeGreaterThan(0.8);
  }, 120_000);
});
