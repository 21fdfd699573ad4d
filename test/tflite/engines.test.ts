/** Quantised TFLite networks, whole, on the engines: every stored tensor has the bits of TFLite's own kernels. */

import { describe, expect, it } from 'vitest';
import { casesAbsent, exactCases } from './cases.js';
import { compiledCase, onEngine } from './engines.js';

const note = casesAbsent ? ' (skipped: ../shared is absent)' : '';
const byName = exactCases.map((exact) => [exact.name, exact] as const);
/** All networks run in the RTL engine with SYSTOLE_RUNS of 1000 and more (a minute), the smallest otherwise. */
const long = Number(process.env.SYSTOLE_RUNS ?? 0) >= 1000;
const inVerilog = byName.filter(([name]) => long || /anomaly|keyword|hello/.test(name));

describe(`quantised networks on engines${note}`, () => {
  it.skipIf(casesAbsent).each(byName)(
    '%s: the array engine stores them, in the cycles of the timing engine',
    async (_name, exact) => {
      const found = await onEngine(exact, 'array', compiledCase(exact), 1);
      expect(found).toMatchObject({ different: [], mismatches: 0, timeMismatches: 0, equal: found.numbers });
    },
    120_000,
  );

  it.skipIf(casesAbsent).each(inVerilog)(
    '%s: the emitted Verilog stores them, in the RTL engine',
    async (_name, exact) => {
      const found = await onEngine(exact, 'rtl', compiledCase(exact), 1);
      expect(found).toMatchObject({ different: [], mismatches: 0, timeMismatches: 0, equal: found.numbers });
    },
    3_600_000,
  );
});
