/** What a core's cells outside its repeated modules are in proportion to. In: a Machine and a target. Out: numbers, one a feature. */

import { registerBits } from '../activity/index.js';
import { isLibrary, type SynthesisTarget } from '../data/index.js';
import type { Machine } from '../machine/index.js';

/**
 * Bits of the four units' instruction words that a machine can need, in sum: linear in the widths of row numbers and addresses, within 10 of
 * what the Verilog's masks hold (`test/area/model.test.ts` compares them).
 */
export function queueWordBits({ bus, buffers, vector }: Machine): number {
  const { activation, accumulator, weight } = buffers;
  const long = vector.functions.some((name) => name !== 'lookup' && name !== 'row-parameters') ? 61.9 : 0;
  const depthwise = vector.functions.includes('depthwise') ? 8 : 0;
  const rows =
    13.41 * Math.log2(activation.rowsPerBank) +
    3.15 * Math.log2(accumulator.rowsPerBank) +
    3.56 * Math.log2(weight.rows);
  return 308.7 + 4.96 * bus.addressBits + rows + long + depthwise;
}

/** Queues of three and more words are memories made of LUTs where a family has them. */
function queueIsMemory(target: SynthesisTarget, depth: number): boolean {
  return depth > 2 && !isLibrary(target) && target !== 'ice40';
}

export const restFeatureNames = [
  'core',
  'address bit',
  'queue register',
  'queue memory bit',
  'bus bit',
  'register of skew and copies',
  'accumulator bit of a row',
  'activation bit of a row and bank',
  'bit of a lane',
  'weight bit of a row',
  'vector function',
  'counters',
] as const;

/** In the order of {@link restFeatureNames}. */
export function restFeatures(machine: Machine, target: SynthesisTarget): readonly number[] {
  const { array, elements, bus, queueDepth, vector, buffers, requantization } = machine;
  const skew = registerBits(machine);
  const words = queueWordBits(machine);
  const memory = queueIsMemory(target, queueDepth);
  // More than eight lanes have copies of what they are told for an instruction.
  const copies = vector.lanes > 8 ? vector.lanes * (17 + 2 * elements.activationBits) : 0;
  return [
    1,
    bus.addressBits,
    memory ? 0 : queueDepth * words,
    memory ? words : 0,
    8 * bus.bytes,
    skew.activationSkew + skew.writeSkew + skew.weightSkew + skew.sumAlignment + copies,
    array.columns * elements.accumulatorBits,
    array.rows * elements.activationBits * buffers.activation.banks,
    vector.lanes * (elements.accumulatorBits + requantization.multiplierBits),
    array.columns * elements.weightBits,
    vector.functions.length,
    machine.counters === 'all' ? 1 : 0,
  ];
}

/**
 * What an output-stationary core has beyond a weight-stationary one of the same widths: another matmul unit; in each PE a second register of the sum's width
 * with its multiplexers; the transposer's multiplexers (its registers are among the skew of {@link restFeatures}).
 */
export function restingFeatures(machine: Machine): readonly number[] {
  const { rows, columns } = machine.array;
  const { accumulatorBits, activationBits } = machine.elements;
  return [1, rows * columns * accumulatorBits, rows * rows * activationBits];
}
