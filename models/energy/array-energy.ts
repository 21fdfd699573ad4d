/**
 * Energy of the array from its registers' real transitions (the array engine counts them): what mean switching cannot tell, zeros from
 * noise. In: a Machine, toggles, cycles. Out: joules, scaled from the measured library nearest in node.
 */

import { type RegisterClass, registerBits, registerClasses, type Toggles } from '../activity/index.js';
import { nodeOf } from '../area/index.js';
import { type ArrayPriceRow, type ArrayPrices, arrayPrices, energyScale } from '../data/index.js';
import type { Machine } from '../machine/index.js';

const featureOf: Readonly<Record<RegisterClass, keyof ArrayPrices>> = {
  weight: 'weight',
  activation: 'activation',
  product: 'product',
  sum: 'sum',
  writeEnable: 'skew',
  activationSkew: 'skew',
  writeSkew: 'skew',
  weightSkew: 'skew',
  sumAlignment: 'alignment',
};

/** What prices apply to, a cycle: clocked bits, and transitions by kind. */
export function arrayFeatures(machine: Machine, toggles: Toggles, cycles: number): ArrayPrices {
  const bits = registerBits(machine);
  const features = { clock: 0, activation: 0, product: 0, sum: 0, weight: 0, skew: 0, alignment: 0 };
  for (const name of registerClasses) {
    features.clock += bits[name];
    features[featureOf[name]] += toggles[name] / cycles;
  }
  return features;
}

export interface ArrayEnergy {
  readonly joules: number;
  readonly library: string;
  readonly heldOutError: number;
}

/** Undefined for output-stationary arrays and FPGAs, of which none was measured. @param cycles in which the array's clock ran. */
export function arrayEnergy(machine: Machine, toggles: Toggles, cycles: number): ArrayEnergy | undefined {
  if (machine.array.dataflow !== 'weight-stationary' || machine.target.kind !== 'asic') return undefined;
  const node = nodeOf(machine);
  const distance = (row: ArrayPriceRow) => Math.abs(Math.log(row.nodeNanometres / node));
  const [row] = [...arrayPrices].sort((a, b) => distance(a) - distance(b));
  if (row === undefined) return undefined;
  const femtojoules = arrayFemtojoules(row.femtojoules, machine, toggles, cycles);
  return {
    joules: femtojoules * 1e-15 * energyScale(row.nodeNanometres, node),
    library: row.library,
    heldOutError: row.heldOutError,
  };
}

/** Of all cycles together. */
export function arrayFemtojoules(
  prices: ArrayPrices,
  machine: Machine,
  toggles: Toggles,
  cycles: number,
): number {
  const features = arrayFeatures(machine, toggles, cycles);
  const names = Object.keys(features) as (keyof ArrayPrices)[];
  return cycles * names.reduce((sum, name) => sum + prices[name] * features[name], 0);
}
