/** The accelerator's segments and the host's steps between them, as text. In: a RunRecord. Out: a table each, or nothing. */

import { grouped, si, textTable } from './format.js';
import type { HostRecord, RunRecord } from './record.js';

export function renderSegments({ segments }: RunRecord): string[] {
  if (segments === undefined) return [];
  if (segments.length === 0) return ['nothing runs on the accelerator: the host computes all of it'];
  const rows = segments.map((segment, index) => ({ ...segment, index }));
  const table = textTable(
    [
      { title: 'segment', cell: (s) => `${s.index}` },
      { title: 'layers', align: 'right', cell: (s) => grouped(s.layers) },
      { title: 'instructions', align: 'right', cell: (s) => grouped(s.instructions) },
      { title: 'cycles', align: 'right', cell: (s) => grouped(s.cycles) },
      { title: 'takes', cell: (s) => s.inputs.join(', ') },
      { title: 'gives', cell: (s) => s.outputs.join(', ') },
    ],
    rows,
  );
  return [`the host works in the middle: ${rows.length} segments on the accelerator\n${table}`];
}

export function renderHost({ host, segments }: RunRecord): string[] {
  if (host === undefined) return [];
  const last = segments?.length ?? 1;
  const table = textTable<HostRecord['steps'][number]>(
    [
      {
        title: 'host',
        cell: (s) =>
          last === 0 ? 'everything' : s.before === last ? 'at the end' : `before segment ${s.before}`,
      },
      { title: 'operators', cell: (s) => operatorsText(s) },
      { title: 'operations', align: 'right', cell: (s) => grouped(s.operations) },
      { title: 'moved', align: 'right', cell: (s) => si(s.bytes, 'B') },
      { title: 'copied', align: 'right', cell: (s) => si(s.copiedBytes, 'B') },
      { title: 'time*', align: 'right', cell: (s) => si(s.seconds, 's') },
    ],
    host.steps,
  );
  const rates = `${si(host.operationsPerSecond, 'operations/s')} and ${si(host.bytesPerSecond, 'B/s')}`;
  return [
    `${table}\n* ${host.known}: ${rates} (${host.basis}); starting segments and interrupts not counted, energy neither`,
  ];
}

/** Names of the operators, each with how many there are. */
function operatorsText({ operators }: HostRecord['steps'][number]): string {
  const counts = new Map<string, number>();
  for (const { operator } of operators) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} ${name}`)).join(', ') || 'none';
}
