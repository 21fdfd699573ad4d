/** The constants of the model of processors are those that the rows give. Two fits of half a minute together on a busy machine. */

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuFits } from '../../models/data/index.js';
import { fitNcnn } from './sets/ncnn.js';
import { fitOpenvino } from './sets/openvino.js';
import { Tables } from './tables.js';

const tables = new Tables(resolve(import.meta.dirname, '../../../shared/data'));
const present = tables.has('published/arm_edge_ncnn.json');
const SLOW = 300_000;

describe('constants of processors', () => {
  it.skipIf(!present).each([
    ['ncnn', () => fitNcnn(tables)],
    ['openvino', () => fitOpenvino(tables)],
  ] as const)(
    'of %s are what `npm run fits` finds (skipped without ../shared)',
    (runtime, refit) => {
      for (const [name, value] of Object.entries(refit()))
        expect(cpuFits[runtime][name as keyof (typeof cpuFits)['ncnn']] / value, name).toBeCloseTo(1, 2);
    },
    SLOW,
  );
});
