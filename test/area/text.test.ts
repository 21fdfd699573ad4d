/** A prediction in words: every figure with its error, and only those that a target has. */

import { expect, it } from 'vitest';
import { heldOutError, predictMapped, wattsAt } from '../../models/area/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { estimateText } from '../../tools/report/index.js';

const edge8 = machinePresets.get('edge8')!;
const percent = (worst: number) => `${(100 * worst).toFixed(0)} %`;

it('an FPGA: counts, no clock where no tool places', () => {
  const estimate = predictMapped(edge8, 'xilinx')!;
  const text = estimateText(estimate);
  expect(text).toContain(`${estimate.counts.luts} LUTs (${percent(heldOutError('xilinx', 'luts')!.worst)})`);
  expect(text).toContain(`${estimate.counts.dsps} DSPs`);
  expect(text).not.toMatch(/MHz|mm2| W /);
});

it('a library: area, clock, and power at the clock and activity asked for', () => {
  const estimate = predictMapped(edge8, 'sg13g2')!;
  const text = estimateText(estimate, { megahertz: 50, activity: 0.25 });
  expect(text).toContain(
    `${estimate.megahertz!.toFixed(0)} MHz (${percent(heldOutError('sg13g2', 'megahertz')!.worst)})`,
  );
  expect(text).toMatch(/mm2 \(\d+ %\).* W at 50 MHz and 0.25 transitions a net \(\d+ %\)/);
  expect(text).not.toMatch(/LUT/);
});

it('twice the clock takes twice the power but for leakage', () => {
  const power = predictMapped(edge8, 'sg13g2')!.power!;
  const [one, two] = [wattsAt(power, 100, 0.1), wattsAt(power, 200, 0.1)];
  expect(two - power.leakage).toBeCloseTo(2 * (one - power.leakage), 9);
  expect(one).toBeGreaterThan(power.leakage);
});
