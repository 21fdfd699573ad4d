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
 * @returns undefined when the multipliers do not fit the primitive: elements wider than 8 bits, or not one stage.
 */
export function ice40DspModules(machine: Machine): ReadonlyMap<string, string> | undefined {
  const { activationBits, weightBits } = machine.elements;
  const fits = activationBits <= 8 && weightBits <= 8 && machine.array.multiplierStages === 1;
  return fits ? folderModules('ice40') : undefined;
}

/** Memories as Yosys' Xilinx and Intel mappings need them: see `hdl-templates/split/ram_1r1w.v`. */
export function splitMemoryModules(): ReadonlyMap<string, string> {
  return folderModules('split');
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
  const multipliers = family === 'ice40' && /^up(3|5)k/.test(device ?? '');
  return (multipliers ? ice40DspModules(machine) : undefined) ?? new Map();
}

/** A shape of memory that a machine is made of. */
export interface MemoryShape {
  readonly buffer: 'act' | 'wgt' | 'acc' | 'par' | 'lut';
  /** How many memories of this shape. */
  readonly count: number;
  /** Bits of a group, and groups that are written each on its own. */
  readonly width: number;
  readonly groups: number;
  readonly depth: number;
}

/** The memories of a machine, as its `ram_1r1w` instances: what a memory compiler has to make. */
export function memoryShapes(machine: Machine): readonly MemoryShape[] {
  const { rows, columns } = machine.array;
  const { lanes } = machine.vector;
  const { activationBits, weightBits, accumulatorBits } = machine.elements;
  const { activation, weight, accumulator, parameter } = machine.buffers;
  const entryBits = 32 + machine.requantization.multiplierBits - 1 + 6;
  const whole = (
    buffer: MemoryShape['buffer'],
    count: number,
    width: number,
    depth: number,
  ): MemoryShape => ({
    buffer,
    count,
    width,
    groups: 1,
    depth,
  });
  const act = { width: activationBits * lanes, groups: rows / lanes, depth: activation.rowsPerBank };
  return [
    { buffer: 'act', count: activation.banks, ...act },
    whole('wgt', 1, weightBits * columns, weight.rows),
    whole('acc', 2, accumulatorBits * columns, accumulator.rowsPerBank),
    whole('par', 1, entryBits * lanes, parameter.rows),
    ...(machine.vector.functions.includes('lookup') ? [whole('lut', lanes, activationBits, 512)] : []),
  ];
}

/**
 * Memories through the macro wrapper `systole_sram` and the array's clock through the gating cell `systole_icg`; behavioural models
 * of both are among the modules.
 */
export function asicModules(): ReadonlyMap<string, string> {
  return folderModules('asic');
}
