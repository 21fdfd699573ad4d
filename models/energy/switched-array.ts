/**
 * Energy of a run's array by what its registers did. In: a machine, toggles that the array engine counted, cycles. Out: joules by toggles of each class and
 * by one mean activity of all registers, priced by the joules of each mapped library (models/data/array-joules), scaled to the machine's node.
 */

import type { Toggles } from '../activity/index.js';
import { nodeOf } from '../area/index.js';
import { arrayJoules, energyScale, fpgaDynamicPowerRatio, type Known } from '../data/index.js';
import type { Machine } from '../machine/index.js';
import { arrayEnergy, arrayFeatures, meanFeatures } from './array-energy.js';

export interface SwitchedArrayEnergy {
  /** Library whose joules are taken. */
  readonly library: string;
  /** Toggles by class of register. */
  readonly byToggles: number;
  /** Register bit cycles and toggles of all registers together. */
  readonly byMeanActivity: number;
  /** Toggles a register bit and cycle. */
  readonly meanActivity: number;
  readonly known: Known;
  readonly source: string;
}

/**
 * One row a library. Cells alone: no wires, no clock tree, no glitches.
 * @param cycles of the whole run, in which the array may rest.
 * @throws RangeError for a node outside the scaling table.
 */
export function switchedArrayEnergy(
  machine: Machine,
  toggles: Toggles,
  cycles: number,
): readonly SwitchedArrayEnergy[] {
  const fabric = machine.target.kind === 'fpga' ? fpgaDynamicPowerRatio.value : 1;
  const mean = meanFeatures(machine, toggles, cycles);
  return arrayJoules.map(({ library, nodeNanometres, volts, femtojoules, source }) => {
    const scale = 1e-15 * fabric * energyScale(nodeNanometres, nodeOf(machine), volts);
    return {
      library,
      byToggles: scale * arrayEnergy(arrayFeatures(machine, toggles, cycles), femtojoules.byClass),
      byMeanActivity: scale * arrayEnergy(mean, femtojoules.mean),
      meanActivity: cycles === 0 ? 0 : mean[1]! / mean[0]!,
      known: 'derived',
      source: source.citation,
    };
  });
}
