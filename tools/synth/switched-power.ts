/** Power of a mapped core at activities of its own. In: the watts of its cells, how often each changes. Out: watts by kind and by part. */

import { registerBits, type Toggles } from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { SwitchedPower } from '../report/index.js';
import { partNames } from './count.js';
import type { NetBitName, PoweredCell } from './powered-cell.js';

/** Transitions a cycle of a cell's outputs, from 0 to 1. */
export type CellActivity = (cell: PoweredCell) => number;

export function powerAt(cells: readonly PoweredCell[], activityOf: CellActivity): SwitchedPower {
  const sum = { clockWatts: 0, internalWatts: 0, switchingWatts: 0, leakageWatts: 0 };
  const parts = Object.fromEntries(partNames.map((name) => [name, 0]));
  let transitions = 0;
  for (const cell of cells) {
    const { clock, leakage, internal, switching } = cell.watts;
    const activity = activityOf(cell);
    transitions += activity;
    sum.clockWatts += clock;
    sum.leakageWatts += leakage;
    sum.internalWatts += internal * activity;
    sum.switchingWatts += switching * activity;
    parts[cell.part]! += clock + leakage + (internal + switching) * activity;
  }
  const { clockWatts, internalWatts, switchingWatts, leakageWatts } = sum;
  return {
    watts: clockWatts + internalWatts + switchingWatts + leakageWatts,
    ...sum,
    meanActivity: cells.length === 0 ? 0 : transitions / cells.length,
    parts,
  };
}

/** By the nets of the simulated netlist: the mean of the cell's outputs. @param togglesOf a bit over `cycles`. */
export function activityOfNets(togglesOf: (net: NetBitName) => number, cycles: number): CellActivity {
  return ({ nets }) =>
    nets.length === 0 ? 0 : nets.reduce((sum, net) => sum + togglesOf(net), 0) / nets.length / cycles;
}

/** In the array by the class of register that a cell is or works for; elsewhere, and for cells of no class, by `rest`. */
export function activityOfClasses(
  machine: Machine,
  toggles: Toggles,
  cycles: number,
  rest: CellActivity,
): CellActivity {
  const bits = registerBits(machine);
  return (cell) =>
    cell.register === undefined
      ? rest(cell)
      : toggles[cell.register] / Math.max(1, bits[cell.register]) / cycles;
}
