/** `--from DIR --point ID`: a machine of an exploration where `--machine M` names any other. */

import { DiagnosticError } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import { machineOfPoint } from '../explore/index.js';
import { networkNeeded, pointOptions } from './diagnostics.js';

export interface PointFlags {
  readonly machine?: string;
  readonly from?: string;
  readonly point?: string;
}

/** The machine that the options name; undefined for the default. @throws DiagnosticError */
export function chosenMachine({ machine, from, point }: PointFlags): string | Machine | undefined {
  if (from === undefined && point === undefined) return machine;
  if (from === undefined || point === undefined)
    throw new DiagnosticError([pointOptions('--from and --point need one another')]);
  if (machine !== undefined)
    throw new DiagnosticError([pointOptions('--machine and --from name two machines')]);
  return machineOfPoint(from, point).machine;
}

/** The network of the command line, or those of the exploration. @throws DiagnosticError */
export function chosenNetworks(network: string | undefined, { from, point }: PointFlags): readonly string[] {
  if (network !== undefined) return [network];
  if (from === undefined || point === undefined) throw new DiagnosticError([networkNeeded()]);
  return machineOfPoint(from, point).setup.manifest.networks.map(({ source }) => source);
}
