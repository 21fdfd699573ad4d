/**
 * Measures what the area model is made of: `node --import tsx test/area/record.ts FOLDER [--liberty-dir=DIR] [--targets=a,b] [--machines=x,y]
 * [--check]`. Modules that repeat are mapped alone at many parameters (`--machines=modules`), whole cores of `machines.ts` as `systole synth`
 * maps them. A row whose hash is today's is not measured again; every new row is written into models/data/synthesis-points.ts at once, beside
 * those that are there, so a run can be stopped and begun again; FOLDER keeps the tools' steps. `--check` names the rows that are not
 * today's or not there, and measures nothing. Progress on standard error; about half a minute a row.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SynthesisTarget } from '../../models/data/index.js';
import { coreHash, measureCore } from './core-point.js';
import { isMeasured, sampleMachines } from './machines.js';
import { measureModules, moduleHash } from './module-points.js';
import { Table } from './table.js';
import { synthesisTargets, type TargetInputs, targetInputs } from './targets.js';

const [folder, ...options] = process.argv.slice(2);
const option = (name: string) =>
  options.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
if (folder === undefined || folder.startsWith('--')) throw new Error('name a folder to work in');
const libertyFolder = option('liberty-dir') ?? join(import.meta.dirname, '../../../shared/data/liberty');
const named = (name: string, known: readonly string[]) => {
  const list = option(name)?.split(',') ?? known;
  const unknown = list.filter((text) => !known.includes(text));
  if (unknown.length > 0) throw new Error(`--${name}: ${unknown.join(', ')}; known are ${known.join(', ')}`);
  return list;
};
const targets = named('targets', synthesisTargets) as readonly SynthesisTarget[];
const machines = named('machines', ['modules', ...sampleMachines.map(({ machine }) => machine.name)]);
const checking = options.includes('--check');

const say = (text: string) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${text}\n`);
const table = new Table();

/** One row, or the rows of a target's modules: measured unless the table has today's. */
async function bring(
  what: string,
  today: string,
  known: string | undefined,
  measure: (folder: string) => Promise<void>,
): Promise<void> {
  if (today === known) return;
  say(`${what}: ${known === undefined ? 'not there' : 'of other Verilog'}`);
  if (checking) return;
  const at = join(folder!, what.replaceAll(' ', '-'));
  mkdirSync(at, { recursive: true });
  try {
    await measure(at);
  } catch (error) {
    process.exitCode = 1;
    say(`${what} failed: ${String(error).slice(0, 500)}`);
  }
}

async function bringModules(inputs: TargetInputs): Promise<void> {
  const { target } = inputs;
  await bring(`modules ${target}`, moduleHash(inputs), table.moduleHash(target), async (at) =>
    table.putModules(target, await measureModules(inputs, at)),
  );
}

const usable = targets.flatMap((target) => {
  const inputs = targetInputs(target, libertyFolder);
  if (inputs === undefined) say(`${target}: its Liberty file is not in ${libertyFolder}: left out`);
  return inputs === undefined ? [] : [inputs];
});
if (machines.includes('modules')) for (const inputs of usable) await bringModules(inputs);
for (const sample of sampleMachines) {
  const { name } = sample.machine;
  if (!machines.includes(name)) continue;
  for (const inputs of usable) {
    const { target } = inputs;
    if (!isMeasured(sample, target)) continue;
    const known = table.coreHash(name, target);
    await bring(`${name} ${target}`, coreHash(sample, inputs), known, async (at) =>
      table.putCore(await measureCore(sample, inputs, at)),
    );
  }
}
say('done');
