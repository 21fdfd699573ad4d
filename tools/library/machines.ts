/** `--machine M`: a preset's name, or a YAML or JSON file. */

import { existsSync } from 'node:fs';
import { DiagnosticError, unwrap } from '../../base/index.js';
import {
  defaultMachineName,
  type Machine,
  machinePresets,
  parseMachine,
  unknownMachine,
} from '../../models/machine/index.js';
import { readUserText } from './files.js';

/** @throws DiagnosticError for an unknown name or a machine that fails its checks. */
export function openMachine(nameOrFile: string = defaultMachineName): Machine {
  const preset = machinePresets.get(nameOrFile);
  if (preset !== undefined) return preset;
  if (/[./\\]/.test(nameOrFile) || existsSync(nameOrFile))
    return unwrap(parseMachine(readUserText(nameOrFile), nameOrFile));
  throw new DiagnosticError([
    unknownMachine(nameOrFile, { kind: 'option', option: `--machine ${nameOrFile}` }),
  ]);
}
