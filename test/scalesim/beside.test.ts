/** The table of docs/scale-sim.md that sets cycles of this machine beside SCALE-Sim's: computed again, so that it cannot go stale. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { importTopology, topologyRange } from '../../compiler/importers/scalesim/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { importScaleSim, ownRows } from '../../tools/scalesim/index.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const csv = read('fixtures/alexnet.csv');

/** Per layer: our cycles, of them stalls, and SCALE-Sim's. */
function columns(dataflow: 'ws' | 'os'): readonly (readonly [number, number, number])[] {
  const text = read('fixtures/array128.cfg').replace('Dataflow: ws', `Dataflow: ${dataflow}`);
  const { machine, files } = unwrap(
    importScaleSim({ file: 'a.cfg', text }, { file: 'alexnet.csv', text: csv }),
  );
  const graph = unwrap(importTopology(new TextEncoder().encode(csv)));
  const [segment] = unwrap(compile(graph, machine, { range: topologyRange })).segments;
  const report = String(
    files.find(({ path }) => path === 'scalesim-definitions/COMPUTE_REPORT.csv')!.content,
  );
  const theirs = report
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[2]));
  return ownRows(segment!, simulateTiming(machine, segment!.program)).map(({ cycles, stallCycles }, i) => [
    cycles,
    stallCycles,
    theirs[i]!,
  ]);
}

const grouped = (n: number) => n.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');

it('docs/scale-sim.md: AlexNet on 128 x 128, ours beside SCALE-Sim’s', () => {
  const [ws, os] = [columns('ws'), columns('os')];
  const names = ['Conv1', 'Conv2', 'Conv3', 'Conv4', 'Conv5'];
  const rows = names.map((name, i) => `| ${[name, ...[...ws[i]!, ...os[i]!].map(grouped)].join(' | ')} |`);
  const page = read('../../docs/scale-sim.md');
  for (const row of rows) expect(page).toContain(row);
});
