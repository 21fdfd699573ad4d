/**
 * An exploration as a page in one file: an interactive scatter of its front, parallel coordinates, sensitivities; opens without a network.
 * In: a setup and the table of its points. Out: HTML, the same for the same results. Observable Plot and D3 are inside it.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { metrics } from './objectives.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';
import { seededRandom } from './random.js';
import { type FrontRecord, readFront } from './result.js';
import type { Cell, Table } from './rows.js';
import { sensitivityOf } from './sensitivity.js';
import type { Setup } from './setup.js';

/** Points off the front that a page shows; more are drawn from, by a fixed seed. */
const SHOWN = 5000;

/** @throws DiagnosticError where the exploration is not finished. */
export function renderExplorationPage(setup: Setup, table: Table): string {
  const record = readFront(setup.folder);
  const parameters = setup.space.parameters.map(({ path }) => path);
  const feasible = feasibleRows(table);
  const metricColumns = Object.keys(metrics).filter((name) => {
    const at = columnOf(table, name);
    return feasible.some((row) => typeof row[at] === 'number');
  });
  const extra = record.objectives.map(({ name }) => name).filter((name) => !metricColumns.includes(name));
  const data = {
    folder: setup.folder,
    parameters,
    metrics: metricColumns.map((name) => ({ name, unit: metrics[name as keyof typeof metrics].unit })),
    objectives: record.objectives,
    front: record.front.map(({ id, objectives }) => ({ id, ...pick(objectives, extra) })),
    columns: ['id', ...parameters, ...metricColumns],
    rows: shownRows(table, feasible).map((row) =>
      ['id', ...parameters, ...metricColumns].map((name) => row[columnOf(table, name)]!),
    ),
    sensitivity: record.objectives
      .map(({ name }) => name)
      .filter((name) => metricColumns.includes(name))
      .flatMap((objective) =>
        parameters.map((parameter) => sensitivity(table, feasible, parameter, objective)),
      ),
  };
  return page(record, feasible.length, data);
}

function sensitivity(table: Table, rows: Table['rows'], parameter: string, objective: string) {
  const [x, y] = [columnOf(table, parameter), columnOf(table, objective)];
  return sensitivityOf(
    { parameter, objective },
    rows.map((row) => [String(row[x]), Number(row[y])] as const),
  );
}

function pick(objectives: Readonly<Record<string, number>>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, objectives[name]]));
}

function columnOf({ columns }: Table, name: string): number {
  return columns.findIndex((column) => column.name === name);
}

function feasibleRows(table: Table): Table['rows'] {
  const at = columnOf(table, 'feasible');
  return table.rows.filter((row) => row[at] === true);
}

/** The front, and as many others as a browser draws with ease. */
function shownRows(table: Table, feasible: Table['rows']): readonly (readonly Cell[])[] {
  const at = columnOf(table, 'front');
  const others = feasible.filter((row) => row[at] !== true);
  const random = seededRandom(1);
  const drawn = others.length <= SHOWN ? others : others.filter(() => random.next() < SHOWN / others.length);
  return [...feasible.filter((row) => row[at] === true), ...drawn];
}

/** The files of a library that browsers load, next to the one that Node resolves. */
function bundleOf(library: string, file: string): string {
  const entry = createRequire(import.meta.url).resolve(library);
  return readFileSync(join(dirname(entry), '..', 'dist', file), 'utf8');
}

function page(record: FrontRecord, feasible: number, data: object): string {
  const title = `${record.space}: ${record.networks.join(', ')}`;
  const counts = `${record.size} combinations, ${record.evaluated} evaluated, ${feasible} feasible, ${record.front.length} on the front; ${record.strategy}, seed ${record.seed}`;
  // A script ends at the first such tag, in a string too.
  const inert = (text: string) => text.replaceAll('</script', '<\\/script');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="dim">${escaped(counts)}. ${escaped(record.figures)}; other points: cycles by the timing engine.</p>
<noscript>This page draws with a script that is inside it.</noscript>
<section><h2>Front</h2>
<form id="axes"></form>
<p class="dim">Drag over the points to choose some; click elsewhere to choose the front again.</p>
<div id="scatter"></div></section>
<section><h2>Chosen machines</h2><p id="chosen" class="dim"></p><div id="table"></div></section>
<section><h2>Parallel coordinates</h2><div id="parallel"></div></section>
<section><h2>Sensitivity</h2>
<p class="dim">Share of an objective’s variance that the means at a parameter’s values explain${record.strategy === 'exhaustive' ? '' : '; of the points that the search visited, which are better than most'}.</p>
<div id="sensitivity"></div></section>
<footer class="dim">systole ${escaped(record.tool)}, ${escaped(record.schema)}</footer>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${inert(bundleOf('d3', 'd3.min.js'))}</script>
<script>${inert(bundleOf('@observablehq/plot', 'plot.umd.min.js'))}</script>
<script>${inert(pageScript)}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
