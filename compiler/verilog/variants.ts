/**
 * Modules that take the place of the plain ones for a target, as `replacements` of {@link emitVerilog}. In: a Machine. Out:
 * texts by module name. Every variant behaves as the cells that it replaces, cycle for cycle and bit for bit.
 */

import type { Machine } from '../../models/machine/index.js';
import { variantTemplates } from './templates.generated.js';
import type { YosysFamily } from './yosys.js';

/** Variants of a folder of hdl-templates. */
function folderModules(folder: string): ReadonlyMap<string, string> {
  const own = [...variantTemplates].filter(([path]) => path.startsWith(`${folder}/`));
  return new Map(own.map(([path, text]) => [path.replace(/^.*\/|\.v$/g, ''), text]));
}

/**
 * The array with processing elements in pairs, two multipliers in one SB_MAC16 of an iCE40 UltraPlus (UP5K: eight of them, 16
 * elements; the rest are logic cells). Yosys packs one multiplier into each, and with `synth_ice40 -dsp` of 0.55 loses some.
 * @returns undefined when the multipliers do not fit the primitive: elements wider than 8 bits, not one stage, or another dataflow.
 */
export function ice40DspModules(machine: Machine): ReadonlyMap<string, string> | undefined {
  const { activationBits, weightBits } = machine.elements;
  const { dataflow } = machine.array;
  const fits =
    dataflow !== 'output-stationary' &&
    activationBits <= 8 &&
    weightBits <= 8 &&
    machine.array.multiplierStages === 1;
  return fits ? folderModules('ice40') : undefined;
}

/** Memories as Yosys' Xilinx and Intel mappings need them: see `hdl-templates/split/ram_1r1w.v`. */
export function splitMemoryModules(): ReadonlyMap<string, string> {
  return folderModules('split');
}

/** The matmul unit of an array whose sums rest in it, with its cells; none for the plain, weight-stationary unit. */
export function dataflowModules(machine: Machine): ReadonlyMap<string, string> {
  return machine.array.dataflow === 'output-stationary' ? folderModules('output-stationary') : new Map();
}

/** Whether place-and-route's name of a device is that of an iCE40 UltraPlus. */
export function isUltraPlus(device: string | undefined): boolean {
  return /^up[35]k\b/.test(device ?? '');
}

/**
 * What takes the place of plain modules when Yosys maps to a family.
 * @param device as place-and-route names it: that of an UltraPlus (`up5k-...`) has the multipliers that {@link ice40DspModules} uses.
 */
export function familyModules(
  machine: Machine,
  family: YosysFamily,
  device?: string,
): ReadonlyMap<string, string> {
  if (family === 'xilinx' || family === 'intel') return splitMemoryModules();
  return (family === 'ice40' && isUltraPlus(device) ? ice40DspModules(machine) : undefined) ?? new Map();
}

/**
 * Memories through the macro wrapper `systole_sram` and the array's clock through the gating cell `systole_icg`; behavioural models
 * of both are among the modules.
 */
export function asicModules(): ReadonlyMap<string, string> {
  return folderModules('asic');
}
