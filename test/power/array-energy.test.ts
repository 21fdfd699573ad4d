/** What the array's energy is made of, without outside tools: toggles of edges that are known, and sums. The gate level is a set of `npm run truth`. */

import { expect, it } from 'vitest';
import { registerBits, registerClasses } from '../../models/activity/index.js';
import { arrayEnergy, arrayFeatures, meanFeatures } from '../../models/energy/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { engineToggles } from './array-power.js';
import { drawn, fitted, judged } from './stimuli.js';

const machine = machinePresets.get('edge4')!;

it('zeros toggle write enables alone: up and down in 16 PEs and 3 rows of the skew, a tile', () => {
  const toggles = engineToggles(machine, drawn(machine, judged[0]!, 96));
  for (const name of registerClasses) {
    const expected = name === 'writeEnable' ? 2 * 2 * 16 : name === 'writeSkew' ? 2 * 2 * 3 : 0;
    expect(toggles[name], name).toBe(expected);
  }
});

it('weights of zero give no products and no sums', () => {
  const toggles = engineToggles(machine, drawn(machine, fitted.find(({ name }) => name === 'no weights')!));
  expect(toggles.activation).toBeGreaterThan(0);
  expect([toggles.weight, toggles.product, toggles.sum]).toEqual([0, 0, 0]);
});

it('no distribution is both fitted on and judged', () => {
  const names = [...fitted, ...judged].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

it('energy: every joule counts what it says', () => {
  const toggles = engineToggles(machine, drawn(machine, judged[2]!));
  const features = arrayFeatures(machine, toggles, 100);
  const bits = registerClasses.reduce((sum, name) => sum + registerBits(machine)[name], 0);
  expect(arrayEnergy(features, [1, 0, 0, 0, 0, 0])).toBe(bits * 100);
  expect(arrayEnergy(features, [0, 1, 1, 1, 1, 1])).toBe(
    registerClasses.reduce((sum, name) => sum + toggles[name], 0),
  );
  expect(meanFeatures(machine, toggles, 100)).toEqual([
    bits * 100,
    arrayEnergy(features, [0, 1, 1, 1, 1, 1]),
  ]);
});
