/** A function that is written as several nodes is one look-up table, in the output stage of the convolution before it. */

import { describe, expect, it } from 'vitest';
import { sameCycles, sameInVerilog, sameValues } from '../support/laws.js';
import { functionCases } from './function-cases.js';
import { compiledOf, errorInSteps, hostKinds, lawCaseOf, sampleOf } from './harness.js';

const cases = functionCases.map((c) => [c.what, c] as const);

describe('functions of one value', () => {
  it.each(cases)(
    '%s: one convolution with a table; values are the float ones, and engines agree',
    async (what, c) => {
      const compiled = compiledOf(c);
      expect(hostKinds(compiled)).toEqual([]);
      expect(compiled.body.nodes.map(({ operator }) => operator)).toEqual(['IntegerConv']);
      expect(compiled.body.nodes[0]!.attributes.table).toHaveLength(256);
      // The argument is rounded to half a step of its own scale; the function's slope turns that into steps of the result.
      expect(errorInSteps(compiled, sampleOf(c, 3))).toBeLessThan(what.includes('root') ? 16 : 6);
      const subject = lawCaseOf(compiled, sampleOf(c, 2));
      sameValues(subject);
      sameCycles(subject);
      if (what === 'SiLU') await sameInVerilog(subject);
    },
  );
});
