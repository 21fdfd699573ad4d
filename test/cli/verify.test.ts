/** The verdict of `systole verify`: an engine that is wrong in a value, a time or an instruction is found out and named. */

import { beforeAll, describe, expect, it } from 'vitest';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine, Run } from '../../simulator/engine/index.js';
import {
  type CompiledNetwork,
  compareTimes,
  compile,
  unverified,
  verify,
  verifyInput,
} from '../../tools/library/index.js';
import { isVerified, renderVerification } from '../../tools/report/index.js';

let digits: CompiledNetwork;
beforeAll(() => {
  digits = compile('digits');
});

/** The array engine with its run changed. */
function wrong(change: (run: Run) => Partial<Run>): Engine {
  return {
    name: 'array',
    run: async (request) => {
      const run = await arrayEngine.run(request);
      return { ...run, ...change(run) };
    },
  };
}

async function judge(engine: Engine) {
  const { compiled, opened } = digits;
  return verifyInput(engine, compiled, bodyInputs(compiled.quantized, opened.tests[0]!));
}

describe('verify', () => {
  it('compares the times of every instruction of every input', async () => {
    const record = await verify(digits, { scope: 'full', engine: 'array', inputs: 2 });
    const { length } = digits.compiled.program.instructions;
    // `end` goes to no unit.
    expect(record.instructionsCompared).toBe(2 * (length - 1));
    expect(record.timeMismatches).toBe(0);
    expect(isVerified(record)).toBe(true);
  });

  it.each(['dispatch', 'accept', 'end'] as const)(
    'finds one instruction with another cycle of %s',
    async (part) => {
      const late = wrong(({ trace }) => ({
        trace: trace.map((t, i) => (i === 7 ? { ...t, [part]: t[part] + 1 } : t)),
      }));
      const result = await judge(late);
      expect(result).toMatchObject({ mismatches: 0, timeMismatches: 1 });
      const { index } = result.run.trace[7]!;
      const { mnemonic } = digits.compiled.program.instructions[index]!;
      expect(result.firstMismatch).toMatch(
        new RegExp(`^instruction ${index} \\(${mnemonic}\\): dispatched \\d+`),
      );
    },
  );

  it('finds an instruction that was never executed, and one too many', async () => {
    expect((await judge(wrong(({ trace }) => ({ trace: trace.slice(0, -1) })))).timeMismatches).toBe(1);
    const { run } = await judge(arrayEngine);
    const extra = { ...run, trace: [...run.trace, run.trace.at(-1)!] };
    expect(compareTimes(digits.compiled.program, run, extra)).toMatchObject({ mismatches: 1 });
    expect(compareTimes(digits.compiled.program, run, run)).toEqual({ mismatches: 0, firstMismatch: null });
  });

  it('finds one wrong byte of one layer', async () => {
    const { segments, layers } = digits.compiled.program;
    const { address } = segments.find(({ value, name }) => [value, name].includes(layers[2]!.output))!;
    const flipped = wrong(({ dram }) => {
      const changed = dram!.slice();
      changed[address]! ^= 1;
      return { dram: changed };
    });
    const result = await judge(flipped);
    expect(result).toMatchObject({ mismatches: 1, timeMismatches: 0 });
    expect(result.firstMismatch).not.toBeNull();
  });

  it('calls nothing verified that compared nothing', async () => {
    expect(isVerified(unverified(8))).toBe(false);
    const record = await verify(digits, { scope: 'full', engine: 'array' });
    expect(isVerified(record)).toBe(true);
    for (const part of ['valuesCompared', 'instructionsCompared'] as const)
      expect(isVerified({ ...record, [part]: 0 }), part).toBe(false);
    for (const part of ['mismatches', 'timeMismatches', 'cyclesSimulated'] as const) {
      const faulty = { ...record, [part]: record[part] + 1 };
      expect(isVerified(faulty), part).toBe(false);
      expect(renderVerification(faulty), part).toContain('verification: FAILED');
    }
  });
});
