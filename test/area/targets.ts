/** What is measured for the area model: flows, and for ASICs each library, by the file names of the test data. In: options. Out: inputs of the flow. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  fpgaTargets,
  isLibrary,
  type LibraryTarget,
  libraryTargets,
  measuredLibraries,
  type SynthesisTarget,
} from '../../models/data/index.js';
import { readLibertyFile } from '../../tools/library/files.js';
import type { SynthesisFlow } from '../../tools/report/index.js';

export const synthesisTargets: readonly SynthesisTarget[] = [...fpgaTargets, ...libraryTargets];

const files: Readonly<Record<LibraryTarget, string>> = {
  sg13g2: 'sg13g2_stdcell_typ_1p20V_25C.lib.gz',
  sky130: 'sky130hd_tt_trim.lib.gz',
  asap7: 'asap7_rvt_tt.lib.gz',
};

export interface TargetInputs {
  readonly target: SynthesisTarget;
  readonly flow: SynthesisFlow;
  readonly liberty: { readonly name: string; readonly text: string } | undefined;
}

/** @param folder of Liberty files. @returns undefined for a library whose file is not there. */
export function targetInputs(target: SynthesisTarget, folder: string): TargetInputs | undefined {
  if (!isLibrary(target)) return { target, flow: target, liberty: undefined };
  const path = join(folder, files[target]);
  if (!existsSync(path)) return undefined;
  const liberty = readLibertyFile(path);
  if (!liberty.text.includes(measuredLibraries[target]))
    throw new Error(`${path} is not ${measuredLibraries[target]}`);
  return { target, flow: 'asic', liberty };
}
