/**
 * The ONNX conformance suite (all cases of conformance.json). None may be wrong, and none may throw. Skips when the shared data are
 * absent.
 */

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conformanceRoot, conformanceRows, runCase } from '../support/conformance.js';
import { inConformance } from '../support/in-conformance.js';

describe.skipIf(!existsSync(conformanceRoot))(
  'ONNX conformance (skipped when ../shared/data is absent)',
  () => {
    it('passes or refuses every case, and is never wrong', () => {
      const rows = conformanceRows();
      const outcomes = rows.map(({ test }) => runCase(test));
      const count = (verdict: string) => outcomes.filter((o) => o.verdict === verdict).length;
      const counts = `${count('pass')} pass, ${count('refused')} refused, ${count('wrong')} wrong of ${outcomes.length}`;
      console.info(`ONNX conformance: ${counts}`);
      expect(outcomes.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
      // The share of all cases, and of those that the standard's own runtime passes.
      expect(count('pass') / outcomes.length).toBeGreaterThanOrEqual(0.8);
      const passed = new Set(outcomes.filter(({ verdict }) => verdict === 'pass').map(({ test }) => test));
      const theirs = rows.filter((row) => row.ort_1_30 === 'pass');
      expect(theirs.filter(({ test }) => passed.has(test)).length / theirs.length).toBeGreaterThanOrEqual(
        0.95,
      );
      const seen = new Set([
        ...outcomes.flatMap(({ verdict, operators }) => (verdict === 'pass' ? operators : [])),
        ...rows.flatMap(({ test, ops }) => (passed.has(test) ? ops : [])),
      ]);
      expect(inConformance.filter((name) => !seen.has(name))).toEqual([]);
    });
  },
);
