/**
 * Scaling of energy and area between process nodes: A. Stillmaker, B. Baas, Integration 58 (2017), 74-81. Energy of an
 * action at supply V is proportional to a V^2 + b V + c with the node's coefficients; area is proportional to the relative
 * areas below. Between tabulated nodes both are interpolated linearly in log(node); beyond 7 and 130 nm they are refused.
 * DeepScaleTool (ISCAS 2021) reports errors of this model of about 25 % in power and 24 % in area for 10 -> 7 nm.
 */

import type { Provenance } from './provenance.js';

export const technologySource: Provenance = {
  citation: 'A. Stillmaker, B. Baas, Integration 58 (2017) 74-81, doi:10.1016/j.vlsi.2017.02.002',
  known: 'read',
};

interface TechnologyRow {
  readonly nodeNanometres: number;
  readonly energy: readonly [a: number, b: number, c: number];
  /** Area relative to 130 nm. */
  readonly area: number;
}

const rows: readonly TechnologyRow[] = [
  { nodeNanometres: 130, energy: [7.171, -6.709, 2.904], area: 1 },
  { nodeNanometres: 90, energy: [4.762, -4.781, 2.092], area: 0.44 },
  { nodeNanometres: 65, energy: [3.755, -4.398, 1.975], area: 0.23 },
  { nodeNanometres: 45, energy: [1.103, -0.362, 0.2767], area: 0.16 },
  { nodeNanometres: 32, energy: [0.9559, -0.7823, 0.471], area: 0.072 },
  { nodeNanometres: 20, energy: [0.373, -0.1582, 0.04104], area: 0.033 },
  { nodeNanometres: 16, energy: [0.2958, -0.1241, 0.03024], area: 0.03 },
  { nodeNanometres: 14, energy: [0.2363, -0.09675, 0.02239], area: 0.027 },
  { nodeNanometres: 10, energy: [0.2068, -0.09311, 0.02375], area: 0.016 },
  { nodeNanometres: 7, energy: [0.1776, -0.09097, 0.02447], area: 0.0092 },
];

/** Supply at which prices are compared, volts. */
export const nominalVolts = 0.9;

/** Range of nodes that can be priced, nanometres. */
export const technologyRange = { min: 7, max: 130 } as const;

function interpolate(nodeNanometres: number, value: (row: TechnologyRow) => number): number {
  if (nodeNanometres < technologyRange.min || nodeNanometres > technologyRange.max) {
    throw new RangeError(`node ${nodeNanometres} nm is outside the scaling table (7 to 130 nm)`);
  }
  const upper = rows.findIndex((row) => row.nodeNanometres <= nodeNanometres);
  const small = rows[upper]!;
  if (small.nodeNanometres === nodeNanometres) return value(small);
  const large = rows[upper - 1]!;
  const t =
    Math.log(nodeNanometres / small.nodeNanometres) / Math.log(large.nodeNanometres / small.nodeNanometres);
  return Math.exp((1 - t) * Math.log(value(small)) + t * Math.log(value(large)));
}

const energyAt = (row: TechnologyRow, volts = nominalVolts) =>
  row.energy[0] * volts ** 2 + row.energy[1] * volts + row.energy[2];

/**
 * Factor that takes an energy at node `from` to node `to`, both nanometres, at the nominal supply.
 * @param volts supply of the energy at `from`, where it is another.
 */
export function energyScale(from: number, to: number, volts = nominalVolts): number {
  return interpolate(to, (row) => energyAt(row)) / interpolate(from, (row) => energyAt(row, volts));
}

/** Factor that takes an area at node `from` to node `to`, both nanometres. */
export function areaScale(from: number, to: number): number {
  return interpolate(to, (row) => row.area) / interpolate(from, (row) => row.area);
}
