/** The activity that the asic flow states power at comes from the array engine's toggles. */

import { expect, it } from 'vitest';
import { registerBits, registerClasses } from '../../models/activity/index.js';
import { compile, run } from '../../tools/library/index.js';
import { countedActivity } from '../../tools/library/synthesis.js';

it('is toggles over bits and cycles, as the record of a run has them', async () => {
  const { mean, basis } = await countedActivity(compile('digits', { machine: 'edge4' }));
  const { record } = await run('digits', {
    machine: 'edge4',
    toggles: true,
    verify: 'none',
    compare: ['cpu'],
  });
  const bits = registerBits(record.machine);
  const toggles = registerClasses.reduce((sum, name) => sum + record.toggles![name], 0);
  const all = registerClasses.reduce((sum, name) => sum + bits[name], 0);
  expect(mean).toBe(toggles / (all * record.cycles));
  expect(mean).toBeGreaterThan(0);
  expect(mean).toBeLessThan(1);
  expect(basis).toContain('digits');
});
