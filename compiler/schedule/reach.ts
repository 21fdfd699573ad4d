/**
 * The proofs that no sum of a layer wraps, whatever its inputs are: partial sums in the accumulator, and the 32 bits in which the
 * output stage adds. In: weights, biases and scales of a node. Out: nothing, or a located diagnostic.
 */

import { DiagnosticError, integerRange, type Place, scaleRounded } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Node } from '../graph/index.js';
import { accumulatorOverflow, sumOverflow } from './diagnostics.js';
import type { ChannelParameter, ConvWeights } from './pack.js';
import { numberOf } from './stage.js';

/** Smallest and largest value that something can have. */
interface Reach {
  readonly low: number;
  readonly high: number;
}

const STAGE_BITS = 32;

function integerReach(bits: number): Reach {
  const { min, max } = integerRange(bits);
  return { low: min, high: max };
}

const sumOf = (a: Reach, b: Reach): Reach => ({ low: a.low + b.low, high: a.high + b.high });
const shifted = (reach: Reach, by: number): Reach => ({ low: reach.low + by, high: reach.high + by });

/** Two's complement bits that hold the whole reach. */
function bitsOf({ low, high }: Reach): number {
  const magnitude = Math.max(high, -low - 1, 0);
  return magnitude === 0 ? 1 : Math.floor(Math.log2(magnitude)) + 2;
}

/** Sums of the weights above and below 0 of each output channel: all that the proofs need of them. */
interface ChannelSums {
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

/** A search over machines schedules the same weights thousands of times; constants never change. */
const knownSums = new WeakMap<ArrayLike<number>, ChannelSums>();

function channelSums({ data, outputs }: ConvWeights): ChannelSums {
  const known = knownSums.get(data);
  if (known?.positive.length === outputs) return known;
  const sums = { positive: new Float64Array(outputs), negative: new Float64Array(outputs) };
  const perChannel = data.length / outputs;
  for (let o = 0, i = 0; o < outputs; o++) {
    let [positive, negative] = [0, 0];
    for (const end = (o + 1) * perChannel; i < end; i++) {
      const weight = Number(data[i]);
      if (weight > 0) positive += weight;
      else negative += weight;
    }
    sums.positive[o] = positive;
    sums.negative[o] = negative;
  }
  knownSums.set(data, sums);
  return sums;
}

/** Whether acc never wraps, whatever the inputs: see {@link checkAccumulator}. */
export function fitsAccumulator(machine: Machine, weights: ConvWeights): boolean {
  return findOverflow(machine, weights) === undefined;
}

/** The proof that acc never wraps: the largest sum that any input can give fits, in every channel and every partial sum. */
export function checkAccumulator(machine: Machine, weights: ConvWeights, where: Place): void {
  const found = findOverflow(machine, weights);
  if (found === undefined) return;
  const available = machine.elements.accumulatorBits;
  throw new DiagnosticError([accumulatorOverflow(where, found.channel, { needed: found.needed, available })]);
}

/** The first output channel whose sums may need more bits than acc has. */
function findOverflow(
  machine: Machine,
  weights: ConvWeights,
): { readonly channel: number; readonly needed: number } | undefined {
  const available = machine.elements.accumulatorBits;
  const largest = 2 ** (machine.elements.activationBits - 1);
  const { positive, negative } = channelSums(weights);
  for (let o = 0; o < weights.outputs; o++) {
    const reach = (positive[o]! - negative[o]!) * largest;
    const needed = reach === 0 ? 1 : Math.floor(Math.log2(reach)) + 2;
    if (needed > available) return { channel: o, needed };
  }
  return undefined;
}

/** Sums of a convolution, dense or depthwise, with the bias of their channel. */
export function checkConvSums(
  machine: Machine,
  weights: ConvWeights,
  parameters: readonly ChannelParameter[],
  where: Place,
): void {
  const activation = integerReach(machine.elements.activationBits);
  const { positive, negative } = channelSums(weights);
  for (let o = 0; o < weights.outputs; o++) {
    const low = positive[o]! * activation.low + negative[o]! * activation.high;
    const high = positive[o]! * activation.high + negative[o]! * activation.low;
    requireStage(shifted({ low, high }, parameters[o]!.bias), `output channel ${o}`, where);
  }
}

/** Sums of `terms` activations (1: one activation, or the largest of some) with any of the biases. */
export function checkWindowSums(
  machine: Machine,
  { terms, biases }: { readonly terms: number; readonly biases: readonly number[] },
  where: Place,
): void {
  const activation = integerReach(machine.elements.activationBits);
  const sum = { low: activation.low * terms, high: activation.high * terms };
  for (const bias of biases) requireStage(shifted(sum, bias), `bias ${bias}`, where);
}

/** The three sums of an IntegerAdd: each operand with its bias, and both after scaling. */
export function checkAddSums(machine: Machine, node: Node, where: Place): void {
  const activation = integerReach(machine.elements.activationBits);
  const left = 2 ** numberOf(node, 'leftShift', 0);
  const operands = ['a', 'b'].map((operand) => {
    const bias = numberOf(node, `${operand}Bias`, 0);
    const reach = shifted({ low: activation.low * left, high: activation.high * left }, bias);
    requireStage(reach, `operand ${operand}`, where);
    const scale = {
      multiplier: numberOf(node, `${operand}Multiplier`),
      shift: numberOf(node, `${operand}Shift`),
    };
    // Multipliers are never negative, so scaling keeps the order.
    return { low: scaleRounded(reach.low, scale), high: scaleRounded(reach.high, scale) };
  });
  requireStage(shifted(sumOf(operands[0]!, operands[1]!), numberOf(node, 'bias', 0)), 'the sum', where);
}

function requireStage(reach: Reach, what: string, where: Place): void {
  const needed = bitsOf(reach);
  if (needed > STAGE_BITS)
    throw new DiagnosticError([sumOverflow(where, what, { needed, available: STAGE_BITS })]);
}
