/** Recurrent layers step by step: the float meaning is kept, nothing stays on the host, and engines agree. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { runPasses, unrollRecurrent } from '../../compiler/passes/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { machineOf } from '../schedule/networks.js';
import { relativeError } from '../support/compare.js';
import { sameCycles, sameInVerilog, sameValues } from '../support/laws.js';
import { graphOf } from './cases.js';
import { compiledOf, errorInSteps, hostKinds, lawCaseOf, sampleOf } from './harness.js';
import { recurrentCases } from './recurrent-cases.js';

const cases = recurrentCases.map((c) => [c.what, c] as const);

describe('recurrent layers', () => {
  it.each(cases)('%s: the float values stay', (_, c) => {
    const graph = runPasses(graphOf(c));
    const unrolled = unrollRecurrent.run(graph);
    const kinds = unrolled.nodes.map(({ operator }) => operator);
    expect(kinds.filter((kind) => ['RNN', 'GRU', 'LSTM', 'Squeeze', 'Gather'].includes(kind))).toEqual([]);
    expect(verifyGraph(unrolled)).toEqual([]);
    const [before, after] = [graph, unrolled].map((g) => evaluateGraph(g, sampleOf(c, 5)));
    for (const name of graph.outputs)
      expect(relativeError(after!.get(name)!, before!.get(name)!)).toBeLessThan(1e-5);
  });

  it.each(cases)(
    '%s: on the accelerator alone, to the precision of its integers, on every engine',
    (_, c) => {
      const compiled = compiledOf(c);
      expect(hostKinds(compiled).filter((kind) => !['Reshape', 'Transpose'].includes(kind))).toEqual([]);
      expect(compiled.segments).toHaveLength(1);
      expect(errorInSteps(compiled, sampleOf(c, 3))).toBeLessThan(5);
      const subject = lawCaseOf(compiled, sampleOf(c, 2));
      sameValues(subject);
      sameCycles(subject);
    },
  );

  it('the emitted Verilog gives the values and cycles of an LSTM', async () => {
    await sameInVerilog(lawCaseOf(compiledOf(recurrentCases[3]!), sampleOf(recurrentCases[3]!, 4)));
  });

  it('stay whole on the host of a machine that makes no products of activations', () => {
    const machine = machineOf({ rows: 4, columns: 8, lanes: 2 });
    const c = recurrentCases[6]!;
    const compiled = unwrap(compile(graphOf(c), machine, { calibration: [sampleOf(c, 1)] }));
    expect(compiled.quantized.graph.nodes.map(({ operator }) => operator)).toContain('LSTM');
  });
});
