/** `systole list WHAT`: machines, devices, examples, operators, passes. */

import { Argument, type Command } from 'commander';
import { operatorTable } from '../../compiler/graph/index.js';
import { passes } from '../../compiler/passes/index.js';
import { devices } from '../../models/data/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { exampleNames } from '../library/index.js';
import { si, textTable } from '../report/index.js';
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
  devices: () =>
    textTable(
      [
        { title: 'device', cell: (d) => d.name },
        { title: 'kind', cell: (d) => d.kind },
        {
          title: 'peak',
          align: 'right',
          cell: (d) =>
            d.peakOperationsPerSecond === null ? 'unknown' : si(d.peakOperationsPerSecond, 'op/s'),
        },
        { title: 'attained', align: 'right', cell: (d) => si(d.attainedOperationsPerSecond, 'op/s') },
        {
          title: 'power',
          align: 'right',
          cell: (d) => (d.powerWatts === null ? 'unknown' : si(d.powerWatts, 'W')),
        },
        { title: 'basis', cell: (d) => d.basis },
        { title: 'sources', cell: (d) => d.sources.map((s) => `${s.citation} (${s.known})`).join('; ') },
      ],
      devices,
    ),
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
