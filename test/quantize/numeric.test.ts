/** Requantisation arithmetic against big integers. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scaleRounded } from '../../base/index.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 2000);

it('scaleRounded is the exact 64-bit product, half added, shifted, saturated', () => {
  const value = fc.oneof(
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.integer({ min: -300, max: 300 }),
  );
  const multiplier = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fc.constantFrom(0, 1, 2 ** 30, 2 ** 31 - 1),
  );
  fc.assert(
    fc.property(value, multiplier, fc.integer({ min: 1, max: 63 }), (v, m, shift) => {
      const exact = (BigInt(v) * BigInt(m) + (1n << BigInt(shift - 1))) >> BigInt(shift);
      const low = exact < -(2n ** 31n) ? -(2n ** 31n) : exact;
      expect(scaleRounded(v, { multiplier: m, shift }) + 0).toBe(
        Number(low > 2n ** 31n - 1n ? 2n ** 31n - 1n : low),
      );
    }),
    { numRuns },
  );
});
