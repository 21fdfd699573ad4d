/** `systole import scalesim`: other people's files as a machine and a network. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { DiagnosticError, renderDiagnostic, unwrap } from '../../base/index.js';
import { readUserText } from '../library/index.js';
import {
  baseName,
  idOf,
  importScaleSim,
  noTopology,
  readConfig,
  renderDecisions,
} from '../scalesim/index.js';
import { print, writeFolder } from './io.js';

interface ScaleSimFlags {
  readonly config: string;
  readonly topology?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('machines and networks from the files of other simulators (docs/scale-sim.md)');
  command
    .command('scalesim')
    .description('SCALE-Sim: a configuration and a topology, of convolutions or of matrix products')
    .requiredOption('-c, --config <cfg>', 'configuration (.cfg)')
    .option('-t, --topology <csv>', 'topology (default: the one that the configuration names)')
    .option('-o, --out <dir>', 'folder to write (default: the topology’s name with .scalesim)')
    .option('--json', 'print what became of every key as JSON')
    .addHelpText('after', EXAMPLES)
    .action(importCommand);
}

const EXAMPLES = `
Writes machine.yaml, the topology (a network to every other command), import.json and scalesim-definitions/ (the three reports by SCALE-Sim's own definitions).

Examples:
  systole import scalesim -c scale.cfg -t alexnet.csv -o alexnet
  systole run alexnet/alexnet.csv --machine alexnet/machine.yaml --verify none --scalesim-reports reports`;

function importCommand({ config, topology, out, json }: ScaleSimFlags): void {
  const text = readUserText(config);
  const csv = topology ?? namedTopology(text, config);
  const imported = unwrap(importScaleSim({ file: config, text }, { file: csv, text: readUserText(csv) }));
  for (const warning of imported.warnings) process.stderr.write(`${renderDiagnostic(warning)}\n`);
  const folder = out ?? `${baseName(csv)}.scalesim`;
  writeFolder(folder, imported.files);
  const { decisions, topology: layers } = imported;
  if (json) print(JSON.stringify({ folder, network: imported.network, decisions, layers: layers.layers }));
  else
    print(
      `${renderDecisions(decisions)}\n\n${layers.layers.length} layers of ${csv}, each with an input of its own, in ${folder}\nnext: systole run ${join(folder, imported.network)} --machine ${join(folder, 'machine.yaml')} --verify none`,
    );
}

/** `TopologyCsvLoc`: SCALE-Sim takes it from the folder that it is started in; beside the configuration is taken too. */
function namedTopology(text: string, file: string): string {
  const config = unwrap(readConfig(text, file));
  const named = config.entries.get(idOf('network_presets', 'TopologyCsvLoc'))?.value.replaceAll('"', '');
  if (named === undefined || named === '') throw new DiagnosticError([noTopology()]);
  const beside = join(dirname(file), named);
  return !existsSync(named) && existsSync(beside) ? beside : named;
}
