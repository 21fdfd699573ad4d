/** Damaged files of SCALE-Sim: whatever bytes come, a result or located diagnostics with something to do, never an exception. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Diagnostic, renderDiagnostic } from '../../base/index.js';
import { importTopology } from '../../compiler/importers/scalesim/index.js';
import { importScaleSim } from '../../tools/scalesim/index.js';

const read = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const options = { numRuns: Number(process.env.SYSTOLE_RUNS ?? 300) };

const piece = fc.constantFrom(
  ',',
  '\n',
  '\r\n',
  ':',
  '=',
  '[',
  ']',
  '#',
  ';',
  '0',
  '-1',
  '1e9',
  '99999999',
  'DP',
  '2:4',
  'é',
  '\ufeff',
  ' ',
  '',
);

/** A text with some stretches of it replaced. */
function damaged(text: string) {
  const edit = fc.tuple(fc.nat(text.length), fc.nat(12), piece);
  return fc
    .array(edit, { minLength: 1, maxLength: 6 })
    .map((edits) =>
      edits.reduce((t, [at, length, put]) => t.slice(0, at) + put + t.slice(at + length), text),
    );
}

/** Errors say where, and what to do. */
function expectHelpful(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    expect(diagnostic.where).toBeDefined();
    expect(renderDiagnostic(diagnostic)).toContain('-->');
    if (diagnostic.severity === 'error') expect(diagnostic.hint).toBeDefined();
  }
}

it('a damaged configuration or topology is read or refused with places and hints, never thrown at', () => {
  const law = fc.property(
    damaged(read('small.cfg')),
    fc.oneof(damaged(read('small.csv')), damaged(read('products.csv'))),
    (cfg, csv) => {
      const result = importScaleSim({ file: 'a.cfg', text: cfg }, { file: 'b.csv', text: csv });
      expectHelpful(result.diagnostics);
      if (!result.ok) expect(result.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
    },
  );
  fc.assert(law, options);
});

it('a damaged topology is a network or is refused', () => {
  const law = fc.property(damaged(read('small.csv')), (csv) => {
    // Extents that are within the limits of a file take memory: the law is about text.
    fc.pre(!/\d{4}/.test(csv));
    const result = importTopology(new TextEncoder().encode(csv), { name: 'b.csv' });
    expectHelpful(result.diagnostics);
    if (result.ok) expect(result.value.nodes.length).toBe(result.value.outputs.length);
  });
  fc.assert(law, options);
});
