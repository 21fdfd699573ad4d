/**
 * `npm run fits [-- --data DIR]`: refits the constants that models/data carries to the tables of the truth suite and writes them, with the
 * error on devices left out. Minutes. A test holds the file against a refit.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptOptions } from '../support/script-options.js';
import { fitConvolutions, fitProducts, neusightConvolutionSet, neusightLinearSet } from './sets/library.js';
import { fitGpus, mlperfOffline, mlperfSingleStream } from './sets/mlperf.js';
import { statisticsOf } from './statistics.js';
import { Tables } from './tables.js';
import type { TruthSet } from './truth-set.js';

const target = fileURLToPath(new URL('../../models/data/gpu-fit-values.ts', import.meta.url));
const defaultData = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const tables = new Tables(resolve(scriptOptions({ data: { type: 'string' } }).data ?? defaultData));

writeFileSync(
  target,
  `/** Written by \`npm run fits\`: constants of the model of GPUs, and how far it is from devices that a fit did not see. Not edited by hand. */

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
`,
);
execFileSync('npx', ['biome', 'check', '--write', target], { stdio: 'inherit' });

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
