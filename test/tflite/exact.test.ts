/** Quantised TFLite networks, bit for bit as TFLite's own kernels compute them: every operator's result. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { casesAbsent, type ExactCase, exactCases, networkBytes } from './cases.js';
import { engineOutcomes } from './engines.js';
import { compareEvaluated, evaluatedOnce, integerGraph } from './exact.js';
import { golden } from './golden.js';
import { bitExactness } from './table.js';

const note = casesAbsent ? ' (skipped: ../shared is absent)' : '';
const byName = exactCases.map((exact) => [exact.name, exact] as const);
describe(`quantised networks${note}`, () => {
  it.skipIf(casesAbsent).each(byName)(
    '%s: the evaluator gives the bits of TFLite’s kernels, layer by layer',
    (_name, exact) => {
      const { numbers, equal, layers, different } = evaluatedOnce(exact);
      const { hashes } = golden.networks[exact.file]!.layers[0]!;
      // Softmax is an output, and so compared as numbers; a reshape behind the last layer may be folded away.
      expect(layers).toBeGreaterThanOrEqual((golden.networks[exact.file]!.layers.length - 1) * hashes.length);
      expect(different).toEqual([]);
      expect(equal).toBe(numbers);
    },
  );

  it.skipIf(casesAbsent)('a narrow requantiser gives other bits, and is found out', () => {
    const [exact] = exactCases as [ExactCase];
    const narrow = compareEvaluated(exact, integerGraph(exact, 12));
    expect(narrow.different.length).toBeGreaterThan(0);
    expect(narrow.equal).toBeLessThan(narrow.numbers);
  });

  it.skipIf(casesAbsent)('convolutions are not transposed one by one', () => {
    const [, exact] = byName.find(([name]) => name.startsWith('keyword'))!;
    const graph = runPasses(unwrap(importTflite(networkBytes(exact))));
    expect(graph.nodes.filter(({ operator }) => operator === 'Transpose')).toEqual([]);
    expect(graph.nodes.filter(({ operator }) => operator === 'Conv').length).toBe(9);
  });

  it.skipIf(casesAbsent)('docs/conformance.md holds the table of these results', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/conformance.md'), 'utf8');
    expect(page).toContain(bitExactness().join('\n'));
  });

  it('what was recorded on engines agrees, for every network and both engines', () => {
    for (const exact of exactCases)
      for (const outcome of engineOutcomes()[exact.file]!) {
        expect(outcome).toMatchObject({ different: [], mismatches: 0, timeMismatches: 0 });
        expect(outcome.equal).toBe(outcome.numbers);
      }
  });
});
