/**
 * The truth suite: `npm run truth [-- --json] [--data DIR] [--only NAME] [--floor] [--write]`. Recomputes how far the models are from published and
 * measured values. `--json` prints `{sets: [{name, n, error, target, met}]}`; `--floor` adds to sets that miss their target what
 * other predictors reach, those included that see what they must not. `--write` writes docs/accuracy.md with those and the plots. Exit status 0
 * when every set has data, whether its target is met or not; 1 when one lacks it, or when a GPU's figures are not those of devices.json; 2 for bad options or a folder that is not there.
 */

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptOptions } from '../support/script-options.js';
import { figureDifferences } from './device-figures.js';
import { fileName, show, toPage } from './page.js';
import { scatter } from './scatter.js';
import { truthSets } from './sets/index.js';
import { Tables } from './tables.js';
import { type Floor, type Judged, judge, withFloors } from './truth-set.js';

const defaultData = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const docs = new URL('../../docs/', import.meta.url);

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  const folder = resolve(options.data ?? defaultData);
  if (!existsSync(folder)) return refuse(`no folder ${folder}: name one with --data`);
  const only = options.only?.toLowerCase();
  const sets = truthSets.filter(({ name }) => only === undefined || name.toLowerCase().includes(only));
  if (sets.length === 0)
    return refuse(
      `no set's name has "${options.only}" in it; there are ${truthSets.map(({ name }) => name).join('; ')}`,
    );
  const tables = new Tables(folder);
  const judged: Judged[] = [];
  for (const set of sets) {
    process.stderr.write(`truth: ${set.name}\n`);
    const judgement = await judge(set, tables);
    judged.push(options.floor || options.write ? withFloors(judgement, tables) : judgement);
  }
  if (options.write) writePage(judged);
  process.stdout.write(`${options.json ? toJson(judged) : toTable(judged)}\n`);
  const moved = tables.has('devices.json') ? figureDifferences(tables.json('devices.json', 'devices')) : [];
  for (const line of moved) process.stderr.write(`not as published: ${line}\n`);
  return moved.length > 0 || judged.some(({ missing }) => missing !== undefined) ? 1 : 0;
}

function readOptions() {
  return scriptOptions({
    json: { type: 'boolean', default: false },
    floor: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    data: { type: 'string' },
    only: { type: 'string' },
  });
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n`);
  return 2;
}

function writePage(judged: readonly Judged[]): void {
  const plots = new URL('accuracy/', docs);
  rmSync(plots, { recursive: true, force: true });
  mkdirSync(plots, { recursive: true });
  for (const { set, findings } of judged) {
    const plot = findings && scatter(findings.points, set.unit);
    if (plot) writeFileSync(new URL(fileName(set.name), plots), plot);
  }
  writeFileSync(new URL('accuracy.md', docs), toPage(judged));
}

function toJson(judged: readonly Judged[]): string {
  const sets = judged.map(({ set, findings, missing, error, met, floors }) => ({
    name: set.name,
    n: findings?.points.length ?? 0,
    error: error ?? null,
    measure: set.measure,
    target: set.target,
    met,
    ...(missing !== undefined && { missing }),
    ...(floors && { floors }),
  }));
  return JSON.stringify({ sets }, null, 2);
}

function toTable(judged: readonly Judged[]): string {
  return judged.flatMap((one) => [toLine(one), ...(one.floors ?? []).map(toFloorLine)]).join('\n');
}

function toLine({ set, findings, missing, error, met }: Judged): string {
  return missing !== undefined
    ? `no data  ${set.name}: ${missing}`
    : `${met ? 'met    ' : 'NOT MET'}  ${set.name}: ${show(error!)} (${set.measure}; target ${set.target}; n ${findings!.points.length})`;
}

function toFloorLine({ what, rows, error }: Floor): string {
  return `         ${show(error)} (n ${rows})  ${what}`;
}
