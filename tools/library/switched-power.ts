/**
 * Power of a mapped core with real toggles: those of the array's registers from the array engine, and of every cell from the netlist on the layers
 * that it is checked with. In: the watts of each cell, counted nets. Out: the `switched` of a synthesis' power.
 */

import { InternalError } from '../../base/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { addToggles, registerBits, registerClasses, type Toggles } from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { NetToggles } from '../../simulator/rtl/index.js';
import type { SwitchedRecord } from '../report/index.js';
import {
  activityOfClasses,
  activityOfNets,
  type CellActivity,
  type NetBitName,
  type PoweredCell,
  powerAt,
  type SwitchingActivity,
} from '../synth/index.js';
import type { LayerCase } from './sample-layers.js';

/** What the netlist ran, with its nets counted. */
export interface CountedLayers {
  readonly subject: string;
  readonly layers: readonly LayerCase[];
  readonly nets: NetToggles;
}

/** @param counted null where the netlist was not simulated. */
export async function switchedPower(
  machine: Machine,
  cells: readonly PoweredCell[],
  activity: SwitchingActivity,
  counted: CountedLayers | null,
): Promise<SwitchedRecord> {
  const { counts, cycles } = activity.toggles!;
  const simulated = counted && simulatedActivity(cells, counted.nets);
  const elsewhere = simulated ?? (() => activity.mean);
  const network = powerAt(cells, activityOfClasses(machine, counts, cycles, elsewhere));
  if (counted === null || simulated === null) return { network, layers: null, array: null };
  const { subject, nets } = counted;
  return {
    network,
    layers: { ...powerAt(cells, simulated), subject, cycles: nets.cycles },
    array: await arrayBothWays(machine, cells, counted, simulated),
  };
}

/** @throws InternalError for a net that the simulated netlist does not know. */
function simulatedActivity(cells: readonly PoweredCell[], nets: NetToggles): CellActivity {
  const bare = activityOfNets((net) => togglesOf(nets, net), Math.max(1, nets.cycles));
  // Asked for twice and more.
  const known = new Map(cells.map((cell) => [cell, bare(cell)]));
  return (cell) => known.get(cell)!;
}

function togglesOf(nets: NetToggles, { word, bit }: NetBitName): number {
  const counts = nets.of(word);
  if (counts === undefined) throw new InternalError(`the simulated netlist has no net ${word}`);
  return counts[bit]!;
}

/** The array alone: its cells as they were simulated, and by the toggles that the array engine counts in the same layers. */
async function arrayBothWays(
  machine: Machine,
  cells: readonly PoweredCell[],
  { layers, nets }: CountedLayers,
  simulated: CellActivity,
): Promise<NonNullable<SwitchedRecord['array']>> {
  const engine = await engineToggles(layers);
  const array = cells.filter(({ part }) => part === 'array');
  const all = (of: Toggles) => registerClasses.reduce((sum, name) => sum + of[name], 0);
  const mean = all(engine) / all(registerBits(machine)) / nets.cycles;
  const registers = array.filter(({ flipFlop }) => flipFlop);
  return {
    byCells: powerAt(array, simulated).watts,
    byToggles: powerAt(
      array,
      activityOfClasses(machine, engine, nets.cycles, () => mean),
    ).watts,
    byMeanActivity: powerAt(array, () => mean).watts,
    togglesOfCells: registers.reduce((sum, cell) => sum + togglesOf(nets, cell.nets[0]!), 0),
    togglesOfEngine: all(engine),
  };
}

/** What the array engine counts in these layers, one after another from rest. */
async function engineToggles(layers: readonly LayerCase[]): Promise<Toggles> {
  const runs = [];
  for (const { subject, inputs } of layers) {
    const { machine, program } = subject;
    const run = await arrayEngine.run({
      machine,
      program,
      dram: initialDram(program, inputs),
      toggles: true,
    });
    if (run.activity.toggles === undefined) throw new InternalError('the array engine counted no toggles');
    runs.push(run.activity.toggles);
  }
  return runs.reduce(addToggles);
}
