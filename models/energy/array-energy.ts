/**
 * Energy of the array's standard cells from register toggles. In: a machine's register bits, toggles, cycles, and a library's joules. Out:
 * joules. A sum of parts: what every register bit costs a cycle (its clock pin, and leakage at that clock), and what a toggle of each kind of register
 * drives: an activation the multiplier, a product the adder, a sum the next row.
 */

import { type RegisterClass, registerBits, registerClasses, type Toggles } from '../activity/index.js';
import type { Machine } from '../machine/index.js';

/** Joules of each of {@link arrayFeatures}, of one library at one voltage. */
export type ArrayJoules = readonly number[];

const delays: readonly RegisterClass[] = ['activationSkew', 'weightSkew', 'sumAlignment', 'writeSkew'];

/**
 * What is counted: register bit cycles; toggles of activations, products, sums, weights, and of
 * registers that drive a register only.
 */
export function arrayFeatures(machine: Machine, toggles: Toggles, cycles: number): readonly number[] {
  const bits = registerBits(machine);
  const all = registerClasses.reduce((sum, name) => sum + bits[name], 0);
  return [
    all * cycles,
    toggles.activation,
    toggles.product,
    toggles.sum,
    toggles.weight,
    delays.reduce((sum, name) => sum + toggles[name], 0) + toggles.writeEnable,
  ];
}

/** Joules of counted features. */
export function arrayEnergy(features: readonly number[], joules: ArrayJoules): number {
  return features.reduce((sum, n, i) => sum + n * joules[i]!, 0);
}

/** What mean activity knows: register bit cycles, and all toggles. */
export function meanFeatures(machine: Machine, toggles: Toggles, cycles: number): readonly number[] {
  const sum = (of: Toggles) => registerClasses.reduce((total, name) => total + of[name], 0);
  return [sum(registerBits(machine)) * cycles, sum(toggles)];
}
