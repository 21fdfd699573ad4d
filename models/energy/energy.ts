/**
 * Energy = Activity x prices. In: a Machine, an Activity and the run's seconds. Out: joules by component, each with how
 * its prices are known. Mean switching is assumed: real toggles are the array engine's business. On FPGA targets, on-chip dynamic
 * energy is the standard-cell figure of the same node times the published FPGA-to-ASIC ratio: an upper estimate.
 */

import type { Activity, MemoryLevel } from '../activity/index.js';
import {
  type MemoryMacro,
  memoryMacros,
  nodeOf,
  peRegisterBits,
  peSquareMicrometres,
} from '../area/index.js';
import {
  areaScale,
  clockAndWireShare,
  dramPicojoulesPerBit,
  energyScale,
  fpgaDynamicPowerRatio,
  type Known,
  logicPrices,
  sramSource,
  weakest,
} from '../data/index.js';
import { type Machine, partialSumBits } from '../machine/index.js';
import { type SramPrice, sramPrice } from '../memory/index.js';

export interface EnergyComponent {
  readonly name: 'array' | 'vector' | 'buffers' | 'clock and wires' | 'dram' | 'leakage';
  readonly joules: number;
  readonly known: Known;
  readonly source: string;
}

export interface EnergyEstimate {
  readonly joules: number;
  /** The part without DRAM: what the chip itself draws. */
  readonly chipJoules: number;
  readonly components: readonly EnergyComponent[];
}

/** No citable figure: an FPGA leaks through its configuration too, so this is the least that it can be. */
const FPGA_LEAKAGE =
  'leakage of the same circuit in standard cells of that node; an FPGA leaks more, nothing citable says how much';

/**
 * Prices an activity.
 * @param seconds duration of the activity, for leakage.
 * @throws RangeError for an unknown DRAM technology or a node outside the scaling table.
 */
export function priceActivity(machine: Machine, activity: Activity, seconds: number): EnergyEstimate {
  const node = nodeOf(machine);
  const fabric = machine.target.kind === 'fpga' ? fpgaDynamicPowerRatio.value : 1;
  const array = arrayPicojoules(machine, node) * activity.arrayMacs * fabric;
  const vector = vectorPicojoules(machine, activity, node) * fabric;
  const buffers = bufferPicojoules(machine, activity, node) * fabric;
  const clock = clockAndWireShare.value * (array + vector);
  const dram = dramPicojoules(machine, activity);
  const leakage = leakageMilliwatts(machine, node) * 1e-3 * seconds * 1e12;
  const logicKnown = weakest([
    logicPrices.multiplyInt8.source.known,
    'derived',
    ...(fabric > 1 ? ['read' as const] : []),
  ]);
  const dramSource = dramPicojoulesPerBit[machine.memory.technology]!.source;
  const components: EnergyComponent[] = [
    {
      name: 'array',
      joules: array * 1e-12,
      known: logicKnown,
      source: logicPrices.multiplyInt8.source.citation,
    },
    {
      name: 'vector',
      joules: vector * 1e-12,
      known: 'derived',
      source: logicPrices.multiplyInt32.source.citation,
    },
    { name: 'buffers', joules: buffers * 1e-12, known: sramSource.known, source: sramSource.citation },
    {
      name: 'clock and wires',
      joules: clock * 1e-12,
      known: clockAndWireShare.source.known,
      source: clockAndWireShare.source.citation,
    },
    { name: 'dram', joules: dram * 1e-12, known: dramSource.known, source: dramSource.citation },
    {
      name: 'leakage',
      joules: leakage * 1e-12,
      known: fabric > 1 ? 'assumed' : 'derived',
      source: fabric > 1 ? FPGA_LEAKAGE : `${sramSource.citation}; ${logicPrices.leakage.source.citation}`,
    },
  ];
  const joules = components.reduce((sum, c) => sum + c.joules, 0);
  return { joules, chipJoules: joules - dram * 1e-12, components };
}

/**
 * An activation times a weight at 45 nm. A multiplier's energy goes with the product of its widths: of the two prices of one source 0.2 pJ for
 * 8 x 8 bits is 3.2 pJ for 32 x 32, where 3.1 pJ is stated.
 */
function multiplyPicojoules({ elements: { activationBits, weightBits } }: Machine): number {
  return (logicPrices.multiplyInt8.value * activationBits * weightBits) / 64;
}

/** One slot of the array: multiply, add, and every register bit of the PE. */
function arrayPicojoules(machine: Machine, node: number): number {
  return (
    multiplyPicojoules(machine) * energyScale(45, node) +
    logicPrices.addInt32.value * (partialSumBits(machine) / 32) * energyScale(45, node) +
    logicPrices.registerBit.value * peRegisterBits(machine) * energyScale(40, node)
  );
}

function vectorPicojoules(machine: Machine, activity: Activity, node: number): number {
  const scale = energyScale(45, node);
  const wide =
    logicPrices.multiplyInt32.value * (machine.requantization.multiplierBits / 32) +
    3 * logicPrices.addInt32.value;
  const narrow = multiplyPicojoules(machine) + logicPrices.addInt32.value;
  return (activity.requantizations * wide + activity.vectorMacs * narrow) * scale;
}

const macroLevel: Readonly<Record<MemoryMacro['name'], MemoryLevel>> = {
  act: 'act',
  wgt: 'wgt',
  acc: 'acc',
  par: 'par',
  lut: 'lut',
};

function bufferPicojoules(machine: Machine, activity: Activity, node: number): number {
  return memoryMacros(machine).reduce((sum, macro) => {
    const price = macroPrice(macro, node);
    const wordBytes = macro.widthBits / 8;
    const level = macroLevel[macro.name];
    const reads = activity.bytesRead[level] / wordBytes;
    const writes = activity.bytesWritten[level] / wordBytes;
    return sum + reads * price.readPicojoules + writes * price.writePicojoules;
  }, 0);
}

function macroPrice(macro: MemoryMacro, node: number): SramPrice {
  return sramPrice({
    bytes: macro.bytes,
    widthBits: macro.widthBits,
    nodeNanometres: node,
    twoPorts: macro.name !== 'lut',
  });
}

function dramPicojoules(machine: Machine, activity: Activity): number {
  const price = dramPicojoulesPerBit[machine.memory.technology];
  if (price === undefined) {
    const known = Object.keys(dramPicojoulesPerBit).join(', ');
    throw new RangeError(`unknown DRAM technology "${machine.memory.technology}"; known: ${known}`);
  }
  return (activity.bytesRead.dram + activity.bytesWritten.dram) * 8 * price.value;
}

function leakageMilliwatts(machine: Machine, node: number): number {
  const memories = memoryMacros(machine).reduce(
    (sum, m) => sum + m.copies * macroPrice(m, node).leakageMilliwatts,
    0,
  );
  const arrayArea =
    machine.array.rows * machine.array.columns * peSquareMicrometres(machine) * areaScale(45, 40);
  // pJ/ns is mW; leakage per area is taken at 40 nm and scaled like energy.
  return memories + logicPrices.leakage.value * arrayArea * energyScale(40, node);
}
