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
  const { record: plain } = await run('digits', { verify: 'none', compare: ['cpu'] });
  expect(plain.toggles).toBeUndefined();
  expect(plain.cycles).toBe(record.cycles);
});
