/**
 * The laws on machines that can keep activations in the array, input-stationary by order or where it is quicker, and networks of products over
 * single pixels.
 */

import { describe, expect, it } from 'vitest';
import { checkLaw, type LawOptions } from '../support/check-law.js';
import { fasterIsNeverSlower, sameActivity, sameCycles, sameInVerilog, sameValues } from '../support/laws.js';

const options = (law: string, runs: number): LawOptions => ({
  law,
  runs,
  machines: { inputStationary: true },
  pointwise: true,
  file: 'test/property/input-stationary.test.ts',
});

describe('laws of input-stationary layers', () => {
  it('law 1 input-stationary: every layer stores what the integer graph evaluates to', async () => {
    let exchanged = 0;
    let cases = 0;
    await checkLaw(options('law 1 input-stationary', 60), (c) => {
      cases++;
      if (c.program.segments.some((segment) => segment.layout?.exchanged)) exchanged++;
      sameValues(c);
    });
    console.log(`law 1 input-stationary: ${exchanged} of ${cases} cases exchanged`);
    expect(exchanged).toBeGreaterThan(cases / 3);
  });

  it('law 2 input-stationary: cycles are equal on the timing and the array engine', () =>
    checkLaw(options('law 2 input-stationary', 60), sameCycles));

  it('law 1-2-4 input-stationary: the emitted Verilog gives those values and cycles', () =>
    checkLaw({ ...options('law 1-2-4 input-stationary', 4), share: 0.1 }, sameInVerilog));

  it('law 4 input-stationary: every layer executes exactly the MACs of the network', () =>
    checkLaw(options('law 4 input-stationary', 60), sameActivity));

  it('law 5 input-stationary: quicker memory and deeper queues never take more cycles', () =>
    checkLaw(options('law 5 input-stationary', 60), fasterIsNeverSlower));
});
