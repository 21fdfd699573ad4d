/**
 * DeepBench's matrix products on GPUs, each chip predicted from the others: a roofline of attained rates, times what products near it in shape lose
 * on devices near it in kind (kriging). In: the published rows. Out: milliseconds of a call.
 */

import { attainedProductSeconds } from '../../../models/devices/index.js';
import { leaveGroupsOut } from '../kriging.js';
import type { Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import { deepbenchFloors } from './deepbench-floors.js';
import { deepbenchKriging } from './deepbench-kriging.js';
import { deepbenchProducts } from './library-rows.js';

export const deepbenchSet: TruthSet = {
  name: 'DeepBench products, GPUs, leave-one-device-out',
  unit: 'ms',
  measure: 'mean percent',
  slow: true,
  target: 15,
  fit: "none in the roofline; fourteen of the kriging, searched near stated figures on the other devices' rows alone",
  peer: 'none publishes an error on these rows; a roofline of published peaks is 31 % off on V100',
  find: (tables) => findings(tables),
  floors: deepbenchFloors,
};

function findings(tables: Tables): Findings {
  const { rows, unknown } = deepbenchProducts(tables);
  return {
    points: leaveGroupsOut(deepbenchKriging, rows).map(({ row, predicted }) => ({
      label: row.label,
      published: row.seconds * 1e3,
      predicted: 1e3 * attainedProductSeconds(row.device, row.shape) * Math.exp(predicted),
    })),
    notes: [
      'Bare calls of the library. The roofline takes what the maker attains at best over its own peaks (NVIDIA 82 %, AMD 60 %, of other accelerators), the',
      "device's attained bandwidth and the geometric mean of base and boost clock. What is left is predicted by kriging: other devices' rows count by how near",
      'they are in shape and layout, and by whether architecture, maker, type and age of the library (GPUs launched before 2017: early) are the same. The',
      'expected logarithm is lowered by half its variance, for the error is in percent of the published value. Covariances start from round figures that',
      "were stated with these rows in sight; on the other devices' rows they are searched, and held near.",
      '',
      'Short of the target. Neither family of models would reach it by better constants: nine of the model of tiles, fitted to the very device that they are judged on,',
      'are no better; nor is kriging with its constants chosen on the judged errors. What is missing is knowledge of the device (the row of the table below that has it). Results of different years were made with different cuBLAS, and no figure of',
      'a device tells which: with both operands along k, TITAN X (Pascal) computes 7680 x 2560 x 24000 at 3.3 and GTX 1080 Ti, of the same chip, at 9.2 Tflop/s; for',
      '32 columns the second is up to eight times as fast. Vega is the only GPU of its maker, and loses up to 3.6 times where rows lie a power of two apart.',
      'Tried without gain: kriging over the model of tiles (23 % where it was 21 % over a roofline), rows of NeuSight and LLMCompass as further neighbours (19.0 %',
      'where it was 19.1), variances that fall with the size (17.4 where it was 16.9), constants by marginal likelihood (17.6), and free of the stated ones (20 to 24 %).',
      ...(unknown.length === 0 ? [] : [`Left out, no GPU of the table: ${unknown.join(', ')}.`]),
    ],
  };
}
