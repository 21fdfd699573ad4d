/**
 * Operators that were of the host: each runs on the accelerator alone, gives the float operator's values to the quantisation's
 * precision, and the same bits and cycles on every engine.
 */

import { describe, expect, it } from 'vitest';
import { sameCycles, sameInIcarus, sameInVerilog, sameValues } from '../support/laws.js';
import { hasTool } from '../verilog/support.js';
import { computingCases, movingCases } from './cases.js';
import { compiledOf, errorInSteps, hostKinds, lawCaseOf, sampleOf } from './harness.js';

const cases = [...movingCases, ...computingCases].map((c) => [c.what, c] as const);

describe('operators on the accelerator', () => {
  it.each(cases)('%s: nothing is left on the host, values are the float ones, and engines agree', (_, c) => {
    const compiled = compiledOf(c);
    expect(hostKinds(compiled)).toEqual([]);
    // A move rounds its input once; a mean of rounded numbers is rounded once more.
    const most = movingCases.includes(c) ? 0.51 : 1.51;
    expect(errorInSteps(compiled, sampleOf(c, 3))).toBeLessThan(most);
    const subject = lawCaseOf(compiled, sampleOf(c, 2));
    sameValues(subject);
    sameCycles(subject);
  });

  it.each(cases)('%s: the emitted Verilog gives those values and cycles', async (_, c) => {
    await sameInVerilog(lawCaseOf(compiledOf(c), sampleOf(c, 4)));
  });

  it
    .skipIf(!hasTool('iverilog'))
    .each(cases.filter(([what]) => /mirrors|channel first|not counted/.test(what)))(
    '%s: Icarus Verilog agrees (skipped where it is not installed)',
    (_, c) => sameInIcarus(lawCaseOf(compiledOf(c), sampleOf(c, 4))),
  );
});
