/**
 * Modules that take the place of the plain ones for a target, as `replacements` of {@link emitVerilog}. In: a Machine. Out:
 * texts by module name. Every variant behaves as the cells that it replaces, cycle for cycle and bit for bit.
 */

import type { Machine } from '../../models/machine/index.js';
import { variantTemplates } from './templates.generated.js';

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
