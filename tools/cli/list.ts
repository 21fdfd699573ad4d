/** `systole list WHAT`: machines, devices, examples, operators, passes. */

import { Argument, type Command } from 'commander';
import { operatorTable } from '../../compiler/graph/index.js';
import { passes } from '../../compiler/passes/index.js';
import { deviceTable } from '../../models/data/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { exampleNames } from '../library/index.js';
import { renderDevices, si, textTable } from '../report/index.js';
import { print } from './io.js';

const listings = {
  machines: () =>
    textTable(
      [
        { title: 'machine', cell: (m) => m.name },
        { title: 'array', cell: (m) => `${m.array.rows}x${m.array.columns}` },
        { title: 'clock', align: 'right', cell: (m) => si(m.clockMegahertz * 1e6, 'Hz') },
        { title: 'bus', align: 'right', cell: (m) => `${m.bus.bytes} B` },
        { title: 'what for', cell: (m) => m.description },
      ],
      [...machinePresets.values()],
    ),
  devices: () => renderDevices(deviceTable, [...machinePresets.values()]),
  examples: () => exampleNames().join('\n'),
  operators: () =>
    textTable(
      [
        { title: 'operator', cell: (o) => o.name },
        { title: 'what it is', cell: (o) => o.summary },
      ],
      Object.values(operatorTable),
    ),
  passes: () =>
    textTable(
      [
        { title: 'pass', cell: (p) => p.name },
        { title: 'what it does', cell: (p) => p.summary },
      ],
      passes,
    ),
};

export function addListCommand(program: Command): void {
  program
    .command('list')
    .description('what there is')
    .addArgument(new Argument('<what>').choices(Object.keys(listings)))
    .action((what: keyof typeof listings) => print(listings[what]()));
}
