/** Products of computed tensors run on the accelerator: one operand takes the place of a depthwise convolution's weights. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { machineOf } from '../schedule/networks.js';
import { sameCycles, sameInIcarus, sameInVerilog, sameValues } from '../support/laws.js';
import { hasTool } from '../verilog/support.js';
import { graphOf } from './cases.js';
import { compiledOf, errorInSteps, hostKinds, lawCaseOf, sampleOf } from './harness.js';
import { productCases } from './product-cases.js';

const cases = productCases.map((c) => [c.what, c] as const);

describe('products of two activations', () => {
  it.each(cases)('%s: nothing is left on the host, values are the float ones, and engines agree', (_, c) => {
    const compiled = compiledOf(c);
    expect(hostKinds(compiled)).toEqual([]);
    expect(compiled.segments).toHaveLength(1);
    expect(errorInSteps(compiled, sampleOf(c, 3))).toBeLessThan(6);
    const subject = lawCaseOf(compiled, sampleOf(c, 2));
    sameValues(subject);
    sameCycles(subject);
  });

  it.each(cases)('%s: the emitted Verilog gives those values and cycles', async (_, c) => {
    await sameInVerilog(lawCaseOf(compiledOf(c), sampleOf(c, 4)));
  });

  it.skipIf(!hasTool('iverilog'))('Icarus Verilog agrees on a channel gate', () =>
    sameInIcarus(lawCaseOf(compiledOf(productCases[1]!), sampleOf(productCases[1]!, 4))),
  );

  it('is left to the host where rows of weights have gaps that a row of activations has not', () => {
    // 14 bytes in 16, but twice 7 bytes in 8.
    const machine = machineOf({ rows: 14, columns: 7, lanes: 1, busBytes: 8 });
    const c = productCases[2]!;
    const compiled = compile(graphOf(c), machine, { calibration: [sampleOf(c, 1)] });
    expect(compiled.diagnostics.map(({ message }) => message).join()).toContain(
      'rows of 14 activations are no rows of 7 weights',
    );
  });

  it('is left to the host, with a warning that says why, where rows of activations are no rows of weights', () => {
    const machine = machineOf({ rows: 4, columns: 8, lanes: 2 });
    const c = productCases[2]!;
    const compiled = compile(graphOf(c), machine, { calibration: [sampleOf(c, 1)] });
    expect(unwrap(compiled).segments.length).toBeGreaterThan(1);
    expect(compiled.diagnostics.map(({ message }) => message).join()).toContain(
      'rows of 4 activations are no rows of 8 weights',
    );
  });
});
