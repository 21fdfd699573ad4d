/** One prediction for a machine on a target: counts, clock, power, and how far each was off on cores that the models were not fitted on. */

import {
  isLibrary,
  type LibraryTarget,
  libraryTargets,
  type MappedCounts,
  measuredLibraries,
  type PointPower,
  type SynthesisTarget,
} from '../data/index.js';
import type { Machine } from '../machine/index.js';
import { predictMegahertz } from './clock.js';
import { type HeldOutError, heldOutError } from './errors.js';
import { countNames, modelledAs, predictCounts } from './mapped.js';
import { predictPower } from './power.js';

export interface MappedEstimate {
  readonly counts: MappedCounts;
  /** Null where no tool here states a clock: FPGA families without a place-and-route tool. */
  readonly megahertz: number | null;
  /** Libraries alone: watts at 100 MHz. */
  readonly power: PointPower | null;
  /** By figure (`luts`, `squareMicrometres`, `megahertz`, `watts` ...), worst first of nothing: as {@link heldOutError} has them. */
  readonly errors: Readonly<Record<string, HeldOutError>>;
  readonly basis: string;
}

/**
 * Prediction for a machine on a target, typical corner, no wires in ASICs, memories aside.
 * @returns undefined when the table has no cores of the target, or too few of the machine's dataflow: it holds enough output-stationary ones for ECP5 alone.
 */
export function predictMapped(machine: Machine, target: SynthesisTarget): MappedEstimate | undefined {
  const counts = predictCounts(machine, target);
  if (counts === undefined) return undefined;
  const figures = [...countNames(target), 'megahertz', 'watts'];
  const errors = figures.flatMap((figure) => {
    const error = heldOutError(target, figure, modelledAs(machine));
    return error === undefined ? [] : [[figure, error] as const];
  });
  return {
    counts,
    megahertz: predictMegahertz(machine, target) ?? null,
    power: predictPower(machine, target) ?? null,
    errors: Object.fromEntries(errors),
    basis: isLibrary(target)
      ? `fitted to cores that Yosys mapped to ${measuredLibraries[target]} (models/data/synthesis-points.ts); no wires, memories aside`
      : 'fitted to cores that Yosys mapped (models/data/synthesis-points.ts)',
  };
}

/** The FPGA target of a machine; undefined for ASICs. */
export function fpgaTargetOf({ target }: Machine): Exclude<SynthesisTarget, LibraryTarget> | undefined {
  if (target.kind === 'asic') return undefined;
  return target.family === 'xilinx7' || target.family === 'ultrascale+' ? 'xilinx' : target.family;
}

/** The measured library of a name in a Liberty file. */
export function libraryTargetOf(libraryName: string): LibraryTarget | undefined {
  return libraryTargets.find((target) => measuredLibraries[target] === libraryName);
}
