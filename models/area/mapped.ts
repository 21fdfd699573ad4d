/**
 * What synthesis makes of a Machine, predicted: LUTs, flip-flops, DSPs and block RAMs of an FPGA family, or cell area and clock of the ASIC
 * library that was measured. Repeated modules come from the table of modules; what is left of the cores that were fitted on (control, skew,
 * buffers' logic) is a sum in proportion to widths. `test/area` states the error on cores that were not fitted on.
 */

import { registerBits } from '../activity/index.js';
import {
  type CorePoint,
  type CountName,
  corePoints,
  type MappedCounts,
  type SynthesisTarget,
} from '../data/index.js';
import { type Machine, machineSchema } from '../machine/index.js';
import { bufferBlockRams } from './block-rams.js';
import { nonNegativeFit, type Sample, weighted } from './least-squares.js';
import { elementCount, laneCount, requantizerCount } from './modules.js';

export interface MappedEstimate {
  readonly counts: MappedCounts;
  /** ASIC: clock by the slowest part; null for FPGAs, whose clock is place-and-route's. */
  readonly megahertz: number | null;
  readonly basis: string;
}

export const fpgaCounts: readonly CountName[] = ['luts', 'flipFlops', 'dsps', 'blockRams'];

/** A core of the table as a Machine; what synthesis does not see takes defaults. */
export function machineOfPoint({ machine }: CorePoint): Machine {
  const target = { kind: 'asic', nodeNanometres: 130 };
  return machineSchema.parse({ ...(machine as object), target });
}

/** Widths that the cells outside repeated modules are in proportion to. */
function restFeatures(machine: Machine): readonly number[] {
  const { rows, columns } = machine.array;
  const { activationBits, weightBits, accumulatorBits } = machine.elements;
  const { lanes } = machine.vector;
  const skew = registerBits(machine);
  return [
    1,
    skew.activationSkew + skew.writeSkew + skew.weightSkew + skew.sumAlignment,
    8 * machine.bus.bytes,
    machine.queueDepth,
    columns * accumulatorBits,
    rows * activationBits * machine.buffers.activation.banks,
    lanes * (accumulatorBits + machine.requantization.multiplierBits),
    columns * weightBits,
  ];
}

/** Cells of all repeated modules. */
function repeated(machine: Machine, target: SynthesisTarget, count: CountName): number {
  if (count === 'blockRams') {
    return target === 'asic' ? 0 : bufferBlockRams(machine, target);
  }
  const elements = machine.array.rows * machine.array.columns * elementCount(machine, target, count);
  const lane = laneCount(machine, target, count) + requantizerCount(machine, target, count);
  return elements + machine.vector.lanes * lane;
}

const fits = new Map<string, readonly number[]>();

function restWeights(target: SynthesisTarget, count: CountName): readonly number[] {
  const key = `${target} ${count}`;
  const known = fits.get(key);
  if (known !== undefined) return known;
  const samples: readonly Sample[] = corePoints
    .filter((point) => point.flow === target && !point.held)
    .map((point) => {
      const machine = machineOfPoint(point);
      const value = point.counts[count] ?? 0;
      return {
        features: restFeatures(machine),
        value: value - repeated(machine, target, count),
        scale: value,
      };
    });
  const weights = nonNegativeFit(samples, 1e-3);
  fits.set(key, weights);
  return weights;
}

function predictCount(machine: Machine, target: SynthesisTarget, count: CountName): number {
  const rest = weighted(restWeights(target, count), restFeatures(machine));
  return Math.round(repeated(machine, target, count) + rest);
}

/** Clock periods of the parts grow with the logarithm of what they multiply, add or choose from. */
const partDelays: Readonly<
  Record<keyof NonNullable<CorePoint['nanoseconds']>, (machine: Machine) => readonly number[]>
> = {
  pe: (machine) => {
    const { activationBits, weightBits } = machine.elements;
    const { multiplierStages } = machine.array;
    return [
      1,
      multiplierStages === 0 ? 1 : 0,
      Math.log2(activationBits * weightBits) / (1 + multiplierStages),
    ];
  },
  requantizer: (machine) => [1, machine.requantization.multiplierBits],
  lane: (machine) => [1, machine.elements.activationBits],
  control: (machine) => [1, Math.log2(machine.bus.bytes), Math.log2(machine.vector.lanes + 1)],
};

/** Period of the slowest part, ns. */
export function predictPeriod(machine: Machine): number {
  const fitted = corePoints.filter((point) => point.nanoseconds !== undefined && !point.held);
  const parts = Object.keys(partDelays) as (keyof typeof partDelays)[];
  const periods = parts.map((part) => {
    const samples = fitted.map((point) => {
      const value = point.nanoseconds![part];
      return { features: partDelays[part](machineOfPoint(point)), value, scale: value };
    });
    return weighted(nonNegativeFit(samples, 1e-3), partDelays[part](machine));
  });
  return Math.max(...periods);
}

/** Whether the table has cores of a target to fit on. */
export function hasMappedModel(target: SynthesisTarget): boolean {
  return corePoints.some((point) => point.flow === target && !point.held);
}

/**
 * Prediction for a machine on a target. ASIC: in the library that the table was measured in.
 * @returns undefined when the table has no cores of the target, or none of the machine's dataflow: it holds weight-stationary ones.
 */
export function predictMapped(machine: Machine, target: SynthesisTarget): MappedEstimate | undefined {
  if (!hasMappedModel(target) || machine.array.dataflow !== 'weight-stationary') return undefined;
  const basis =
    'fitted to cores that Yosys mapped (models/data/synthesis-points.ts); no wires, memories aside';
  if (target === 'asic') {
    const squareMicrometres = predictCount(machine, target, 'squareMicrometres');
    return { counts: { squareMicrometres }, megahertz: 1000 / predictPeriod(machine), basis };
  }
  const entries = fpgaCounts.map((count) => [count, predictCount(machine, target, count)] as const);
  return { counts: Object.fromEntries(entries), megahertz: null, basis };
}
