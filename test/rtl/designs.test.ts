/** The simulator agrees with Icarus Verilog on every output of every design in every cycle, on random stimuli. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { compileNetlist, elaborate, type RtlModule } from '../../simulator/rtl/index.js';
import { designs } from './designs.js';
import { hasIcarus, type ReferencePort, runIcarus } from './icarus.js';

const CYCLES = 200;
const runs = Number(process.env['SYSTOLE_RUNS'] ?? 3);
if (!hasIcarus) console.log('skipped: comparison of designs with Icarus Verilog, iverilog is not installed');

/** Random, small, all ones, or with one bit set; `rst` is high at first and then seldom. */
function stimulus(port: ReferencePort, cycle: number): fc.Arbitrary<bigint> {
  if (port.name === 'rst')
    return cycle < 2 ? fc.constant(1n) : fc.integer({ min: 0, max: 15 }).map((n) => (n === 0 ? 1n : 0n));
  const max = (1n << BigInt(port.width)) - 1n;
  return fc.oneof(
    { arbitrary: fc.bigInt({ min: 0n, max }), weight: 6 },
    { arbitrary: fc.bigInt({ min: 0n, max: max < 3n ? max : 3n }), weight: 1 },
    { arbitrary: fc.constant(max), weight: 1 },
    { arbitrary: fc.nat(port.width - 1).map((bit) => 1n << BigInt(bit)), weight: 1 },
  );
}

function compare(module: RtlModule, text: string, stimuli: readonly (readonly bigint[])[]): number {
  const simulator = module.instantiate();
  const expected = runIcarus(text, module, stimuli);
  expect(expected.length).toBe(stimuli.length);
  let known = 0;
  stimuli.forEach((values, cycle) => {
    module.inputs.forEach(({ name }, i) => {
      simulator.poke(name, values[i]!);
    });
    module.outputs.forEach(({ name, width }, i) => {
      const digits = expected[cycle]![i]!;
      const found = simulator.peek(name).toString(2).padStart(width, '0');
      // Two-state: what Icarus does not know may be anything here.
      const same = [...digits].every((digit, at) => !'01'.includes(digit) || digit === found[at]);
      if (!same) throw new Error(`cycle ${cycle}, ${name}: ${found} instead of ${digits}`);
      known += [...digits].filter((digit) => '01'.includes(digit)).length;
    });
    simulator.step();
  });
  return known;
}

describe.skipIf(!hasIcarus)('every output agrees with Icarus in every cycle', () => {
  it.each(designs)('$name', async ({ text }) => {
    const netlist = unwrap(await elaborate([{ path: 'top.v', text }], 'top'));
    const module = unwrap(await compileNetlist(netlist));
    const bits = module.outputs.reduce((sum, { width }) => sum + width, 0);
    const cycles = Array.from({ length: CYCLES }, (_, cycle) =>
      fc.tuple(...module.inputs.map((port) => stimulus(port, cycle))),
    );
    const property = fc.property(fc.tuple(...cycles), (stimuli) => {
      const known = compare(module, text, stimuli);
      expect(known, 'output bits that Icarus knows').toBeGreaterThan(0.9 * bits * CYCLES);
    });
    fc.assert(property, { numRuns: runs, endOnFailure: true });
  });
});
