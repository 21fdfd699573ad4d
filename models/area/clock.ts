/**
 * The clock that a mapped core reaches, predicted. ASIC: the slowest of four parts, each part's worst path a sum of what its widths add,
 * fitted on OpenSTA's (no wires). iCE40: nextpnr's clock of whole cores. Other FPGAs have no place-and-route tool here, and no model.
 */

import { isLibrary, type PartDelays, type SynthesisTarget } from '../data/index.js';
import { type Machine, partialSumBits } from '../machine/index.js';
import { nonNegativeFit, weighted } from './least-squares.js';
import { fittedPoints, hasMappedModel, type ParsedPoint } from './mapped.js';

type Features = (machine: Machine) => readonly number[];

/** Adders, multiplexers and compressor trees of cells are as deep as the logarithm of their widths. */
const partFeatures: Readonly<Record<keyof PartDelays, Features>> = {
  pe: (machine) => {
    const { activationBits, weightBits } = machine.elements;
    const { multiplierStages: stages } = machine.array;
    const multiplier = Math.log2(activationBits * weightBits);
    return [
      1,
      stages === 0 ? 1 : 0,
      stages === 0 ? multiplier : 0,
      stages === 1 ? multiplier : 0,
      stages === 2 ? multiplier : 0,
      Math.log2(partialSumBits(machine)),
    ];
  },
  requantizer: (machine) => [1, Math.log2(machine.requantization.multiplierBits)],
  lane: (machine) => [1, Math.log2(machine.elements.accumulatorBits), machine.elements.activationBits / 8],
  control: (machine) => [
    1,
    Math.log2(machine.bus.bytes),
    Math.log2(machine.vector.lanes + 1),
    Math.log2(machine.queueDepth),
    Math.log2(machine.buffers.activation.rowsPerBank),
  ],
};
const parts = Object.keys(partFeatures) as (keyof PartDelays)[];

/** Carries of an iCE40 ripple: paths grow with widths themselves. */
const routedFeatures: Features = (machine) => [
  1,
  machine.bus.addressBits,
  machine.requantization.multiplierBits,
  machine.array.multiplierStages === 0 ? machine.elements.activationBits * machine.elements.weightBits : 0,
];

const fits = new Map<string, readonly number[]>();

function weights(
  key: string,
  points: readonly ParsedPoint[],
  features: Features,
  of: (p: ParsedPoint) => number,
) {
  const known = fits.get(key);
  if (known !== undefined) return known;
  const samples = points.map((p) => ({ features: features(p.machine), value: of(p), scale: of(p) }));
  const fitted = nonNegativeFit(samples, 1e-3);
  fits.set(key, fitted);
  return fitted;
}

/** Worst path of each part in a library, ns. */
export function predictDelays(machine: Machine, target: SynthesisTarget): PartDelays | undefined {
  if (!isLibrary(target) || !hasMappedModel(target)) return undefined;
  const points = fittedPoints(target);
  const delays = parts.map((part) => {
    const features = partFeatures[part];
    const fitted = weights(`${target} ${part}`, points, features, ({ point }) => point.nanoseconds![part]);
    return [part, weighted(fitted, features(machine))] as const;
  });
  return Object.fromEntries(delays) as unknown as PartDelays;
}

/** MHz; undefined where no tool of the flow states a clock. */
export function predictMegahertz(machine: Machine, target: SynthesisTarget): number | undefined {
  const delays = predictDelays(machine, target);
  if (delays !== undefined) return 1000 / Math.max(...Object.values(delays));
  const routed = fittedPoints(target).filter(({ point }) => point.routed !== undefined);
  if (routed.length < FEWEST_ROUTED) return undefined;
  const fitted = weights(
    `${target} routed`,
    routed,
    routedFeatures,
    ({ point }) => 1000 / point.routed!.megahertz,
  );
  return 1000 / weighted(fitted, routedFeatures(machine));
}

const FEWEST_ROUTED = 3;
