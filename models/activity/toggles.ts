/**
 * Toggles: register bits that change value at a clock edge, counted by class of register. The classes are the registers of `pe_array`:
 * those of a PE, and the delay lines that skew what enters the array and align what leaves it. In: a Machine (how many
 * bits each class has) or counts to add. Registers hold zero before the first cycle of a run.
 */

import { type Machine, partialSumBits } from '../machine/index.js';

/**
 * In a PE: `weight_q`, `activation_q`, `product_q` (with `low_q` and `high_q`), `sum_q`, `write_q`. At the west edge: delay lines of activations and of the write
 * enable. At the north edge: of weights. At the south edge: of partial sums. In an output-stationary array `sum` is `sum_q` and `drain_q`, `writeEnable` and
 * `writeSkew` are `turn_q` (in and in front of the PEs), `activationSkew` is the transposer.
 */
export type RegisterClass =
  | 'weight'
  | 'activation'
  | 'product'
  | 'sum'
  | 'writeEnable'
  | 'activationSkew'
  | 'writeSkew'
  | 'weightSkew'
  | 'sumAlignment';

export const registerClasses: readonly RegisterClass[] = [
  'weight',
  'activation',
  'product',
  'sum',
  'writeEnable',
  'activationSkew',
  'writeSkew',
  'weightSkew',
  'sumAlignment',
];

/** Bits that changed, a whole number for each class. */
export type Toggles = Readonly<Record<RegisterClass, number>>;

/** A value for each class. */
export function perRegisterClass<T>(value: (register: RegisterClass) => T): Record<RegisterClass, T> {
  return Object.fromEntries(registerClasses.map((register) => [register, value(register)])) as Record<
    RegisterClass,
    T
  >;
}

export function addToggles(a: Toggles, b: Toggles): Toggles {
  return perRegisterClass((register) => a[register] + b[register]);
}

/** Bits of each class that a machine has; a toggle count over (bits x cycles) is the class's switching activity. */
export function registerBits(machine: Machine): Toggles {
  const { rows, columns } = machine.array;
  const { activationBits, weightBits } = machine.elements;
  const elements = rows * columns;
  const sumBits = partialSumBits(machine);
  const resting = machine.array.dataflow === 'output-stationary';
  return {
    weight: elements * weightBits,
    activation: elements * activationBits,
    product: elements * productBits(machine),
    sum: elements * sumBits * (resting ? 2 : 1),
    writeEnable: elements,
    activationSkew: (resting ? rows * rows : upTo(rows)) * activationBits,
    writeSkew: (rows - 1) * (resting ? 2 : 1),
    weightSkew: upTo(columns) * weightBits,
    sumAlignment: upTo(columns) * sumBits,
  };
}

/** Registers between a PE's operands and its adder: none, the product, or the products with either half of the weight and their sum. */
function productBits({
  array: { multiplierStages },
  elements: { activationBits, weightBits },
}: Machine): number {
  const product = activationBits + weightBits;
  return [0, product, activationBits + product + product][multiplierStages]!;
}

/** 0 + 1 + ... + (count - 1): stages of delay lines of every depth below `count`. */
const upTo = (count: number): number => (count * (count - 1)) / 2;
