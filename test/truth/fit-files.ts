/** The tables of fitted constants that `npm run fits` writes for processors, DPUs, Edge TPUs and power: what is in each, found from the rows. */

import { fitDpus, vitisDpu } from './sets/dpu.js';
import { coralEdgeTpu, fitEdgeTpus } from './sets/edge-tpu.js';
import { fitNcnn, ncnnArm } from './sets/ncnn.js';
import { fitOpenvino, openvinoIntel } from './sets/openvino.js';
import { fitBoardPower, gpuPowerCurves } from './sets/power-boards.js';
import { fitSystemPower, mlperfPower } from './sets/power-systems.js';
import { statisticsOf } from './statistics.js';
import type { Tables } from './tables.js';
import type { TruthSet } from './truth-set.js';

export interface FitFile {
  /** Under models/data. */
  readonly path: string;
  readonly text: (tables: Tables) => Promise<string>;
}

export const fitFiles: readonly FitFile[] = [
  {
    path: 'cpu-fit-values.ts',
    text: async (tables) => `${head('processors', 'platforms')}
export const cpuFitted = {
  ncnn: ${record(fitNcnn(tables))},
  openvino: ${record(fitOpenvino(tables))},
} as const;

/** Mean absolute error in percent, each platform predicted by a fit to all the others (Arm chips: an eighth at a time). */
export const cpuFitErrors = {
  ncnn: ${await errors(ncnnArm, tables)},
  openvino: ${await errors(openvinoIntel, tables)},
} as const;
`,
  },
  {
    path: 'dpu-fit-values.ts',
    text: async (tables) => `${head('DPUs', 'boards')}
export const dpuFitted = ${record(fitDpus(tables))} as const;

/** Mean absolute error in percent, each board predicted by a fit to all the others. */
export const dpuFitErrors = ${await errors(vitisDpu, tables)} as const;
`,
  },
  {
    path: 'edge-tpu-fit-values.ts',
    text: async (tables) => `${head('Edge TPUs', 'networks')}
export const edgeTpuFitted = ${record(fitEdgeTpus(tables))} as const;

/** Mean absolute error in percent, each network predicted by a fit to all the others. */
export const edgeTpuFitErrors = ${await errors(coralEdgeTpu, tables)} as const;
`,
  },
  {
    path: 'power-fit-values.ts',
    text: async (tables) => `${head('power', 'devices or intensities')}
export const boardPowerFitted = ${record(fitBoardPower(tables))} as const;

export const systemPowerFitted = ${record(fitSystemPower(tables))} as const;

/** Mean absolute error in percent. */
export const powerFitErrors = {
  board: ${await errors(gpuPowerCurves, tables)},
  system: ${await errors(mlperfPower, tables)},
} as const;
`,
  },
];

function head(what: string, unseen: string): string {
  return `/** Written by \`npm run fits\`: constants of the model of ${what}, and how far it is from ${unseen} that a fit did not see. Not edited by hand. */\n`;
}

function record(values: object): string {
  const lines = Object.entries(values).map(([name, value]) => `  ${name}: ${short(value as number, 4)},`);
  return `{\n${lines.join('\n')}\n}`;
}

async function errors(set: TruthSet, tables: Tables): Promise<string> {
  const { n, mean } = statisticsOf((await set.find(tables)).points);
  return `{ rows: ${n}, meanPercent: ${short(mean, 3)} }`;
}

function short(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
