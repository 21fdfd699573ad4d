/** `run --toggles`: what the array engine counts reaches the record, layer by layer, and the text. */

import { expect, it } from 'vitest';
import { registerBits, registerClasses } from '../../models/activity/index.js';
import { run } from '../../tools/library/index.js';
import { parseRunRecord, renderText } from '../../tools/report/index.js';

it('a record has the toggles of each layer, which add up to the run’s; without the option it has none', async () => {
  const { record } = await run('digits', { toggles: true, verify: 'none', compare: ['cpu'] });
  expect(parseRunRecord(JSON.stringify(record))).toEqual(record);
  expect(record.registerBits).toEqual(registerBits(record.machine));
  for (const name of registerClasses) {
    const sum = record.layers.reduce((total, layer) => total + layer.toggles![name], 0);
    expect(record.toggles![name], name).toBe(sum);
    expect(sum, name).toBeGreaterThan(0);
    expect(sum, name).toBeLessThanOrEqual(record.registerBits![name] * record.cycles);
  }
  expect(renderText(record)).toContain('registers of the array');
  expect(renderText(record)).toContain('by mean activity');
  const bits = Object.values(record.registerBits!).reduce((sum, count) => sum + count, 0);
  const toggled = Object.values(record.toggles!).reduce((sum, count) => sum + count, 0);
  expect(record.arrayEnergy).toHaveLength(2);
  for (const row of record.arrayEnergy!) {
    expect(row.meanActivity).toBeCloseTo(toggled / (bits * record.cycles), 12);
    // Measured against gates, the two are within a tenth of them: they stay near each other on a network.
    expect(row.byToggles / row.byMeanActivity).toBeGreaterThan(0.8);
    expect(row.byToggles / row.byMeanActivity).toBeLessThan(1.25);
  }
  const { record: plain } = await run('digits', { verify: 'none', compare: ['cpu'] });
  expect(plain.toggles).toBeUndefined();
  expect(plain.arrayEnergy).toBeUndefined();
  expect(plain.cycles).toBe(record.cycles);
});
