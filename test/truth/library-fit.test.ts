/** The constants of library calls on GPUs that models/data carries are those that the measurements give. */

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gpuConvolutionsFitted, gpuProductsFitted } from '../../models/data/index.js';
import { fitConvolutions, fitProducts } from './sets/library.js';
import { torchDevice } from './sets/torch-devices.js';
import { Tables } from './tables.js';

const tables = new Tables(resolve(import.meta.dirname, '../../../shared/data'));
const present = tables.has('measured/neusight-linear-fp32-Tesla_T4.csv');

describe('constants of library calls on GPUs', () => {
  it.skipIf(!present)('are what `npm run fits` finds for products (skipped without ../shared)', () => {
    hold(fitProducts(tables), gpuProductsFitted);
  });

  it.skipIf(!present)('are what `npm run fits` finds for convolutions (skipped without ../shared)', () => {
    hold(fitConvolutions(tables), gpuConvolutionsFitted);
  });

  it('are of GPUs that the frameworks name', () => {
    const names = [
      'Tesla_V100-PCIE-32GB',
      'NVIDIA_A100-SXM4-40GB',
      'NVIDIA_H100_80GB_HBM3',
      'NV_TitanX',
      'Raspberry_Pi_3',
    ];
    expect(names.map((name) => torchDevice(name)?.name)).toEqual([
      'tesla-v100-pcie-32gb',
      'a100-sxm-40gb',
      'h100-sxm-80gb',
      'titan-x-maxwell',
      undefined,
    ]);
  });
});

function hold(found: Readonly<Record<string, number>>, carried: Readonly<Record<string, number>>): void {
  expect(Object.keys(found)).toEqual(Object.keys(carried));
  for (const [name, value] of Object.entries(carried)) expect(found[name]! / value, name).toBeCloseTo(1, 2);
}
