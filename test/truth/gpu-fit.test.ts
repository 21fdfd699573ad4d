/** The constants that models/data carries are those that the rows give; a network's price says what held it. */

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gpuFit, gpuFitErrors, gpuFitted } from '../../models/data/index.js';
import { figureDifferences, heldFigures } from './device-figures.js';
import { fitGpus } from './sets/mlperf.js';
import { acceleratorNamed } from './sets/mlperf-devices.js';
import { Tables } from './tables.js';
import { bertLarge, mobilenet, resnet50, retinanet, ssdMobilenet, ssdResnet34 } from './workloads/index.js';

const tables = new Tables(resolve(import.meta.dirname, '../../../shared/data'));
const present = tables.has('published/mlperf_best_per_accelerator.json');

describe('constants of the model of GPUs', () => {
  it.skipIf(!present)('are what `npm run fits` finds (skipped without ../shared)', () => {
    const found = fitGpus(tables);
    for (const [name, value] of Object.entries(gpuFitted))
      expect(found[name as keyof typeof gpuFitted] / value, name).toBeCloseTo(1, 2);
    expect(gpuFit).toMatchObject(gpuFitted);
    expect(gpuFitErrors.offline.rows).toBeGreaterThan(100);
  });

  it('know slices of a GPU, and no other accelerator for one', () => {
    const slice = acceleratorNamed('A100-SXM-80GB (7x1g.10gb MIG)')!;
    expect(slice.slices).toBe(7);
    expect(slice.device.peakOperationsPerSecond.int8! / 624e12).toBeCloseTo(14 / 108, 6);
    expect(slice.device.memoryBytesPerSecond).toBe(2039e9 / 8);
    for (const name of ['Goya', 'HanGuang 800', 'tpu-v3.8', 'A1000', 'L400', 'QUALCOMM Cloud AI 100 DM.2'])
      expect(acceleratorNamed(name), name).toBeUndefined();
    expect(acceleratorNamed('NVIDIA Tesla T4')!.device.name).toBe('tesla-t4');
  });
});

describe('figures of GPUs', () => {
  it.skipIf(!present)('are the published ones (skipped without ../shared)', () => {
    const list = tables.json('devices.json', 'devices');
    expect(figureDifferences(list)).toEqual([]);
    expect(heldFigures(list)).toBeGreaterThan(150);
    const moved = list.map((row) => (row.name === 'NVIDIA Tesla T4' ? { ...row, mem_bw: 250e9 } : row));
    expect(figureDifferences(moved)).toEqual(['tesla-t4: memory is 320000000000, published 250000000000']);
  });
});

describe('networks as kernels', () => {
  it('have the products that MLPerf states, or that their papers do', () => {
    const giga = (kernels: readonly { readonly macs: number }[]) =>
      kernels.reduce((sum, { macs }) => sum + macs, 0) / 1e9;
    expect(giga(resnet50())).toBeCloseTo(4.1, 1);
    expect(giga(mobilenet())).toBeCloseTo(0.569, 2);
    expect(giga(ssdMobilenet())).toBeCloseTo(2.47 / 2, 2);
    expect(Math.abs(giga(ssdResnet34()) / (433 / 2) - 1)).toBeLessThan(0.01);
    expect(giga(retinanet())).toBeGreaterThan(150);
    const weights = bertLarge(384).reduce((sum, { weightElements }) => sum + weightElements, 0);
    expect(weights / 302e6).toBeCloseTo(1, 2);
  });
});
