/**
 * `npm run fits [-- --data DIR --only NAME]`: refits the constants that models/data carries to the tables of the truth suite and writes them, with the
 * error on devices left out; `--only` takes a part of a file's name. Minutes. Tests hold the files against a refit.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptOptions } from '../support/script-options.js';
import { fitFiles } from './fit-files.js';
import { fitConvolutions, fitProducts, neusightConvolutionSet, neusightLinearSet } from './sets/library.js';
import { fitGpus, mlperfOffline, mlperfSingleStream } from './sets/mlperf.js';
import { statisticsOf } from './statistics.js';
import { Tables } from './tables.js';
import type { TruthSet } from './truth-set.js';

const folder = new URL('../../models/data/', import.meta.url);
const defaultData = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const options = scriptOptions({ data: { type: 'string' }, only: { type: 'string', default: '' } });
const tables = new Tables(resolve(options.data ?? defaultData));

for (const { path, text } of [{ path: 'gpu-fit-values.ts', text: gpuText }, ...fitFiles]) {
  if (!path.includes(options.only)) continue;
  const target = fileURLToPath(new URL(path, folder));
  writeFileSync(target, await text(tables));
  execFileSync('npx', ['biome', 'check', '--write', target], { stdio: 'inherit' });
}

async function gpuText(): Promise<string> {
  return `/** Written by \`npm run fits\`: constants of the model of GPUs, and how far it is from devices that a fit did not see. Not edited by hand. */

export const gpuFitted = {
${lines(fitGpus(tables))}
} as const;

/** Calls of float32 matrix products through a framework: NeuSight and DeepBench. */
export const gpuProductsFitted = {
${lines(fitProducts(tables))}
} as const;

/** Calls of float32 convolutions through a framework: NeuSight. */
export const gpuConvolutionsFitted = {
${lines(fitConvolutions(tables))}
} as const;

/** Mean absolute error in percent, each device predicted by a fit to all the others. */
export const gpuFitErrors = {
  offline: ${await errors(mlperfOffline)},
  singleStream: ${await errors(mlperfSingleStream)},
  products: ${await errors(neusightLinearSet)},
  convolutions: ${await errors(neusightConvolutionSet)},
} as const;
`;
}

function lines(constants: Readonly<Record<string, number>>): string {
  return Object.entries(constants)
    .map(([name, value]) => `  ${name}: ${short(value, 4)},`)
    .join('\n');
}

async function errors(set: TruthSet): Promise<string> {
  const { n, mean } = statisticsOf((await set.find(tables)).points);
  return `{ rows: ${n}, meanPercent: ${short(mean, 3)} }`;
}

function short(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
