/**
 * What synthesis makes of a Machine, predicted: LUTs, flip-flops, DSPs and block RAMs of an FPGA family, or cell area of a library. Repeated
 * modules come from the table of modules; what is left of the cores that were fitted on (control, skew, buffers' logic) is a sum in
 * proportion to widths. `clock.ts` and `power.ts` are fitted on the same cores; `errors.ts` states the errors on others.
 */

import {
  type CorePoint,
  type CountName,
  corePoints,
  isLibrary,
  type MappedCounts,
  type SynthesisTarget,
} from '../data/index.js';
import { type Machine, machineSchema } from '../machine/index.js';
import { bufferBlockRams } from './block-rams.js';
import { restFeatures, restingFeatures } from './features.js';
import { nonNegativeFit, type Sample, weighted } from './least-squares.js';
import { elementCount, laneCount, requantizerCount } from './modules.js';

export const fpgaCounts: readonly CountName[] = ['luts', 'flipFlops', 'dsps', 'blockRams'];
export const libraryCounts: readonly CountName[] = ['squareMicrometres'];

export function countNames(target: SynthesisTarget): readonly CountName[] {
  return isLibrary(target) ? libraryCounts : fpgaCounts;
}

/** A core of the table as a Machine; what synthesis does not see takes defaults. */
export function machineOfPoint({ machine }: CorePoint): Machine {
  const target = { kind: 'asic', nodeNanometres: 130 };
  return machineSchema.parse({ ...(machine as object), clockMegahertz: 100, target });
}

/** A core of the table as a model reads it. */
export interface ParsedPoint {
  readonly point: CorePoint;
  readonly machine: Machine;
}

const parsed = new Map<SynthesisTarget, readonly ParsedPoint[]>();

/** Cores of a target, parsed once. */
export function pointsOfTarget(target: SynthesisTarget): readonly ParsedPoint[] {
  const found = parsed.get(target);
  if (found !== undefined) return found;
  const points = corePoints
    .filter(({ flow }) => flow === target)
    .map((point) => ({ point, machine: machineOfPoint(point) }));
  parsed.set(target, points);
  return points;
}

/** Which cores of the table speak for a machine. */
export type ModelledArray = 'weight-stationary' | 'output-stationary';

/** A machine that can hold activations at rest is a weight-stationary one with a choice of parameters more. */
export function modelledAs({ array: { dataflow } }: Machine): ModelledArray {
  return dataflow === 'output-stationary' ? dataflow : 'weight-stationary';
}

/** Those that models are fitted on. */
export function fittedPoints(
  target: SynthesisTarget,
  array: ModelledArray = 'weight-stationary',
): readonly ParsedPoint[] {
  return pointsOfTarget(target).filter(({ point, machine }) => !point.held && modelledAs(machine) === array);
}

/** Fewer fitted cores than this say nothing about others. */
const FEWEST_CORES = 3;

/** Whether the table has cores of a target to fit on. */
export function hasMappedModel(target: SynthesisTarget, array: ModelledArray = 'weight-stationary'): boolean {
  return fittedPoints(target, array).length >= FEWEST_CORES;
}

/** Cells of the PEs, and of the lanes with their requantisers. Block RAMs are none of either's. */
function repeated(machine: Machine, target: SynthesisTarget, count: CountName): readonly [number, number] {
  const elements = machine.array.rows * machine.array.columns * elementCount(machine, target, count);
  const lane = laneCount(machine, target, count) + requantizerCount(machine, target, count);
  return [elements, machine.vector.lanes * lane];
}

/** What is known without the fit: repeated modules, and the buffers' block RAMs. */
function known(machine: Machine, target: SynthesisTarget, count: CountName): number {
  if (count === 'blockRams') return isLibrary(target) ? 0 : bufferBlockRams(machine, target);
  const [elements, lanes] = repeated(machine, target, count);
  return elements + lanes;
}

const fits = new Map<string, readonly number[]>();

/** DSPs outside repeated modules are the same in every core; block RAMs outside the buffers are the fetch buffer's, of words with addresses. */
function featuresOf(machine: Machine, target: SynthesisTarget, count: CountName): readonly number[] {
  if (count === 'dsps') return [1];
  return count === 'blockRams' ? [1, machine.bus.addressBits] : restFeatures(machine, target);
}

/** Weights of what {@link featuresOf} gives. */
export function restWeights(target: SynthesisTarget, count: CountName): readonly number[] {
  const key = `${target} ${count}`;
  const found = fits.get(key);
  if (found !== undefined) return found;
  const samples: readonly Sample[] = fittedPoints(target).map(({ point, machine }) => {
    const value = point.counts[count] ?? 0;
    return {
      features: featuresOf(machine, target, count),
      value: value - known(machine, target, count),
      scale: value,
    };
  });
  const weights = nonNegativeFit(samples, 1e-3, priorOf(target, count));
  fits.set(key, weights);
  return weights;
}

/** Few cores fit an iCE40 to be mapped for: where they say nothing, its weights are those of the ECP5, with LUTs of four inputs as well. */
function priorOf(target: SynthesisTarget, count: CountName): readonly number[] {
  return target === 'ice40' && (count === 'luts' || count === 'flipFlops') ? restWeights('ecp5', count) : [];
}

/** By the model of weight-stationary cores alone; not rounded. */
function countByParts(machine: Machine, target: SynthesisTarget, count: CountName): number {
  const rest = weighted(restWeights(target, count), featuresOf(machine, target, count));
  return known(machine, target, count) + rest;
}

/** Weights of what an output-stationary core has beyond {@link countByParts}; its DSPs and block RAMs are those of the same sizes. */
export function restingWeights(target: SynthesisTarget, count: CountName): readonly number[] {
  if (count === 'dsps' || count === 'blockRams') return [];
  const key = `${target} ${count} resting`;
  const found = fits.get(key);
  if (found !== undefined) return found;
  const samples: readonly Sample[] = fittedPoints(target, 'output-stationary').map(({ point, machine }) => {
    const value = point.counts[count] ?? 0;
    return {
      features: restingFeatures(machine),
      value: value - countByParts(machine, target, count),
      scale: value,
    };
  });
  const weights = nonNegativeFit(samples, 1e-3);
  fits.set(key, weights);
  return weights;
}

/** @returns undefined when the table does not hold the target with the machine's dataflow. */
export function predictCounts(machine: Machine, target: SynthesisTarget): MappedCounts | undefined {
  const array = modelledAs(machine);
  if (!hasMappedModel(target) || !hasMappedModel(target, array)) return undefined;
  const entries = countNames(target).map((count) => {
    const more =
      array === 'output-stationary' ? weighted(restingWeights(target, count), restingFeatures(machine)) : 0;
    return [count, Math.round(countByParts(machine, target, count) + more)] as const;
  });
  return Object.fromEntries(entries);
}

/** Predicted cell area of a library's PEs, lanes with requantisers, and the rest, um2. */
export function predictAreas(machine: Machine, target: SynthesisTarget): readonly [number, number, number] {
  const rest = weighted(restWeights(target, 'squareMicrometres'), restFeatures(machine, target));
  return [...repeated(machine, target, 'squareMicrometres'), rest];
}
