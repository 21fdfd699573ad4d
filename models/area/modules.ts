/**
 * Counts of the modules that a machine repeats, from those that were mapped alone: a PE, a vector lane, its requantiser. In: a Machine and a
 * target. Out: counts of one instance.
 */

import { type CountName, type ModulePoint, modulePoints, type SynthesisTarget } from '../data/index.js';
import { type Machine, partialSumBits } from '../machine/index.js';
import { nonNegativeFit, weighted } from './least-squares.js';

export type RepeatedModule = ModulePoint['module'];

function pointsOf(target: SynthesisTarget, module: RepeatedModule): readonly ModulePoint[] {
  return modulePoints.filter((point) => point.flow === target && point.module === module);
}

const has = (machine: Machine, name: Machine['vector']['functions'][number]) =>
  machine.vector.functions.includes(name) ? 1 : 0;

/** Cells of one PE: the measured one of these widths and stages; its sum's width at the slope of those that differ in it alone. */
export function elementCount(machine: Machine, target: SynthesisTarget, count: CountName): number {
  const { activationBits, weightBits } = machine.elements;
  const same = (act: number, wgt: number, stages: number) =>
    pointsOf(target, 'pe').filter(
      ({ parameters: p }) => p.ACT_BITS === act && p.WGT_BITS === wgt && p.MULTIPLIER_STAGES === stages,
    );
  const bits = partialSumBits(machine);
  const distance = (point: ModulePoint) => Math.abs(point.parameters.SUM_BITS! - bits);
  const nearest = [...same(activationBits, weightBits, machine.array.multiplierStages)].sort(
    (a, b) => distance(a) - distance(b),
  )[0];
  if (nearest === undefined) return 0;
  const line = [...same(8, 8, 1)].sort((a, b) => a.parameters.SUM_BITS! - b.parameters.SUM_BITS!);
  const [first, last] = [line[0]!, line.at(-1)!];
  const slope =
    ((last.counts[count] ?? 0) - (first.counts[count] ?? 0)) /
    (last.parameters.SUM_BITS! - first.parameters.SUM_BITS!);
  return Math.max(0, (nearest.counts[count] ?? 0) + slope * (bits - nearest.parameters.SUM_BITS!));
}

/** What a lane's cells are in proportion to. */
function laneFeatures(p: Readonly<Record<string, number>>): readonly number[] {
  return [
    1,
    p.ACC_BITS!,
    p.ACT_BITS!,
    p.MULTIPLIER_BITS!,
    p.HAS_POOL!,
    p.HAS_POOL! * p.ACT_BITS!,
    p.HAS_DEPTHWISE!,
    p.HAS_DEPTHWISE! * p.ACT_BITS! * p.WGT_BITS!,
    p.HAS_ADD!,
    p.HAS_POOL! * p.HAS_DEPTHWISE!,
  ];
}

/** Parameters of `vector_lane`, as the Verilog gives them. */
function laneParameters(machine: Machine): Readonly<Record<string, number>> {
  return {
    ACT_BITS: machine.elements.activationBits,
    WGT_BITS: machine.elements.weightBits,
    ACC_BITS: machine.elements.accumulatorBits,
    MULTIPLIER_BITS: machine.requantization.multiplierBits,
    HAS_POOL: has(machine, 'pool'),
    HAS_DEPTHWISE: has(machine, 'depthwise'),
    HAS_ADD: has(machine, 'add'),
  };
}

const fits = new Map<string, readonly number[]>();

function laneWeights(target: SynthesisTarget, count: CountName): readonly number[] {
  const key = `${target} ${count}`;
  const known = fits.get(key);
  if (known !== undefined) return known;
  const samples = pointsOf(target, 'lane').map(({ parameters, counts }) => ({
    features: laneFeatures(parameters),
    value: counts[count] ?? 0,
    scale: counts[count] ?? 0,
  }));
  const weights = nonNegativeFit(samples);
  fits.set(key, weights);
  return weights;
}

/** Cells of one lane without its requantiser. DSPs come whole: those of the nearest lane that has the same functions. */
export function laneCount(machine: Machine, target: SynthesisTarget, count: CountName): number {
  const own = laneParameters(machine);
  if (count !== 'dsps') return weighted(laneWeights(target, count), laneFeatures(own));
  const distance = ({ parameters: p }: ModulePoint) =>
    100 * Math.abs(p.HAS_DEPTHWISE! - own.HAS_DEPTHWISE!) +
    Math.abs(p.ACT_BITS! - own.ACT_BITS!) +
    Math.abs(p.WGT_BITS! - own.WGT_BITS!);
  return [...pointsOf(target, 'lane')].sort((a, b) => distance(a) - distance(b))[0]?.counts.dsps ?? 0;
}

/** Cells of one requantiser, between the measured ones of 8-bit activations; DSPs are those of the next wider one. */
export function requantizerCount(machine: Machine, target: SynthesisTarget, count: CountName): number {
  const bits = machine.requantization.multiplierBits;
  const line = pointsOf(target, 'requantizer')
    .filter(({ parameters: p }) => p.ACT_BITS === 8 && p.WGT_BITS === 8 && p.ACC_BITS === 32)
    .filter(({ parameters: p }) => p.HAS_POOL! + p.HAS_DEPTHWISE! + p.HAS_ADD! === 3)
    .map(({ parameters, counts }) => ({ bits: parameters.MULTIPLIER_BITS!, value: counts[count] ?? 0 }))
    .sort((a, b) => a.bits - b.bits);
  const above = line.find((point) => point.bits >= bits) ?? line.at(-1);
  const below = line.findLast((point) => point.bits <= bits) ?? line[0];
  if (above === undefined || below === undefined) return 0;
  if (count === 'dsps' || above.bits === below.bits) return above.value;
  return below.value + ((above.value - below.value) * (bits - below.bits)) / (above.bits - below.bits);
}
