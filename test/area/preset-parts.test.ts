/** The facts of FPGA presets: their descriptions name the figures of the part that they are for, and which of them the area model puts there. */

import { expect, it } from 'vitest';
import { lacking, presetParts } from './preset-parts.js';

const named = presetParts().filter(({ part }) => part !== undefined);

it('every FPGA preset but those without a board has a part', () => {
  const without = presetParts().filter(({ part }) => part === undefined);
  expect(without.map(({ machine }) => machine.name)).toEqual([]);
});

it.each(named)('$machine.name says how much of something $part.name has', ({ machine, part }) => {
  const facts = [part!.luts, part!.luts / 2, part!.dsps, part!.blockRams].filter((n) => n > 9);
  const said = [...machine.description.matchAll(/\d[\d,]*/g)].map(([text]) =>
    Number(text.replaceAll(',', '')),
  );
  expect(
    said.some((n) => facts.includes(n) || facts.includes(1000 * n)),
    machine.description,
  ).toBe(true);
});

/** Presets that are larger than their part, with what there is too little of. */
const larger: Readonly<Record<string, readonly string[]>> = {
  // Control, queues and the fetch buffer alone are most of a small iCE40.
  nano2: ['luts', 'blockRams'],
  edge4: ['luts', 'blockRams'],
  // Its activations are for UltraRAMs, which Yosys' 7-series mapping does not have.
  kria32: ['blockRams'],
};

it.each(named)('$machine.name on $part.name: what it lacks', (row) => {
  expect(lacking(row)).toEqual(larger[row.machine.name] ?? []);
});
