/**
 * Power of a core's cells in a library, predicted: leakage, the clock's part and the part of transitions, each in proportion to the areas
 * of PEs, of lanes with requantisers, and of the rest, fitted on OpenSTA's (no wires, no clock tree, an ungated clock, memories aside).
 */

import { isLibrary, type PointPower, type SynthesisTarget } from '../data/index.js';
import type { Machine } from '../machine/index.js';
import { nonNegativeFit, weighted } from './least-squares.js';
import { fittedPoints, hasMappedModel, predictAreas } from './mapped.js';

const names: readonly (keyof PointPower)[] = ['leakage', 'rest', 'transition'];
const fits = new Map<string, readonly number[]>();

function weights(target: SynthesisTarget, name: keyof PointPower): readonly number[] {
  const key = `${target} ${name}`;
  const known = fits.get(key);
  if (known !== undefined) return known;
  const samples = fittedPoints(target).map(({ point, machine }) => {
    const value = point.power![name];
    return { features: predictAreas(machine, target), value, scale: value };
  });
  const fitted = nonNegativeFit(samples, 1e-3);
  fits.set(key, fitted);
  return fitted;
}

/** Watts at 100 MHz, as {@link PointPower} splits them; undefined for targets that are no library of the table. */
export function predictPower(machine: Machine, target: SynthesisTarget): PointPower | undefined {
  if (!isLibrary(target) || !hasMappedModel(target)) return undefined;
  const areas = predictAreas(machine, target);
  return Object.fromEntries(
    names.map((name) => [name, weighted(weights(target, name), areas)]),
  ) as unknown as PointPower;
}

/** @param activity transitions of a net a cycle, the mean of all nets that are not clocks. */
export function wattsAt(
  { leakage, rest, transition }: PointPower,
  megahertz: number,
  activity: number,
): number {
  return leakage + ((rest + activity * transition) * megahertz) / 100;
}
