/** Operators that a pass makes of others: the float meaning is kept, nothing stays on the host, and engines agree. */

import { describe, expect, it } from 'vitest';
import { evaluateGraph, GraphBuilder, verifyGraph } from '../../compiler/graph/index.js';
import { expandOperators, runPasses } from '../../compiler/passes/index.js';
import { randomTensor, relativeError } from '../support/compare.js';
import { sameCycles, sameInVerilog, sameValues } from '../support/laws.js';
import { graphOf } from './cases.js';
import { lineCases, pairCases, phaseCases } from './expanded-cases.js';
import { compiledOf, errorInSteps, hostKinds, lawCaseOf, sampleOf } from './harness.js';

const cases = [...phaseCases, ...pairCases, ...lineCases].map((c) => [c.what, c] as const);

describe('operators made of others', () => {
  it.each(cases)('%s: the float values stay', (_, c) => {
    const graph = runPasses(graphOf(c));
    const expanded = expandOperators.run(graph);
    expect(expanded.nodes.map(({ operator }) => operator)).not.toEqual(
      graph.nodes.map(({ operator }) => operator),
    );
    expect(verifyGraph(expanded)).toEqual([]);
    const [before, after] = [graph, expanded].map((g) => evaluateGraph(g, sampleOf(c, 5)));
    for (const name of graph.outputs)
      expect(relativeError(after!.get(name)!, before!.get(name)!)).toBeLessThan(1e-5);
  });

  it.each(cases)(
    '%s: on the accelerator alone, to the precision of its integers, on every engine',
    (_, c) => {
      const compiled = compiledOf(c);
      expect(hostKinds(compiled).filter((kind) => kind !== 'Reshape')).toEqual([]);
      expect(compiled.segments).toHaveLength(1);
      expect(errorInSteps(compiled, sampleOf(c, 3))).toBeLessThan(6);
      const subject = lawCaseOf(compiled, sampleOf(c, 2));
      sameValues(subject);
      sameCycles(subject);
    },
  );

  it.each(cases.filter((_, i) => i % 4 === 0))(
    '%s: the emitted Verilog gives those values and cycles',
    async (_, c) => {
      await sameInVerilog(lawCaseOf(compiledOf(c), sampleOf(c, 4)));
    },
  );

  it.each(['ReduceMax', 'Sub'])('of integers stay what they are: %s', (operator) => {
    // As Keras's masks are computed: whether any feature of a step is not 0.
    const b = new GraphBuilder('integers');
    const x = b.input('x', { element: 'float32', shape: [1, 3, 4] });
    const integers = b.node('Cast', [x], { attributes: { to: 'int32' } });
    const made =
      operator === 'Sub'
        ? b.node('Sub', [integers, integers])
        : b.node('ReduceMax', [integers], { attributes: { axes: [2], keepDims: false } });
    b.output(b.node('Cast', [made], { attributes: { to: 'float32' } }));
    const graph = runPasses(b.build());
    const expanded = expandOperators.run(graph);
    expect(verifyGraph(expanded)).toEqual([]);
    expect(expanded.nodes.map((node) => node.operator)).toEqual(['Cast', operator, 'Cast']);
  });

  it('leave a recurrent node alone of which only the last state has a name', () => {
    const b = new GraphBuilder('unnamed');
    const x = b.input('x', { element: 'float32', shape: [300, 1, 4] });
    const weights = [
      b.constant('w', randomTensor([1, 12, 4], 1)),
      b.constant('r', randomTensor([1, 12, 3], 2)),
    ];
    b.node('LSTM', [x, ...weights], { attributes: { hidden: 3 }, outputs: ['', 'h'] });
    b.output('h');
    const graph = runPasses(b.build());
    expect(expandOperators.run(graph).nodes.map(({ operator }) => operator)).toContain('LSTM');
  });
});
