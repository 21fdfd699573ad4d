/** A roofline of attained rates: what holds of it for every device and shape. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuDevices, gpuMaker, gpuMakerSource } from '../../models/data/index.js';
import { attainedProductSeconds } from '../../models/devices/index.js';

const device = fc.constantFrom(...gpuDevices);
const size = fc.integer({ min: 1, max: 5000 });
const named = (name: string) => gpuDevices.find((gpu) => gpu.name === name)!;

describe('attainedProductSeconds', () => {
  it('law: never faster than the peak or than the memory, and no slower for half types', () => {
    fc.assert(
      fc.property(device, size, size, size, (gpu, m, n, k) => {
        const product = { batch: 1, m, n, k, transposed: false } as const;
        const seconds = attainedProductSeconds(gpu, product);
        expect(seconds).toBeGreaterThan((2 * m * n * k) / gpu.peakOperationsPerSecond.float32);
        expect(seconds).toBeGreaterThan((4 * (m * k + k * n + m * n)) / gpu.memoryBytesPerSecond);
        const half = attainedProductSeconds(gpu, { ...product, type: 'float16' });
        expect(half).toBeLessThanOrEqual(seconds * (1 + 1e-9));
      }),
    );
  });

  it('takes V100 and Vega in a large product to what their makers attain', () => {
    const product = { batch: 1, m: 8192, n: 8192, k: 8192, transposed: false };
    const share = (name: string) =>
      (2 * 8192 ** 3) /
      attainedProductSeconds(named(name), product) /
      named(name).peakOperationsPerSecond.float32;
    expect(share('tesla-v100-sxm2')).toBeCloseTo(0.817 * Math.sqrt(1312 / 1530), 2);
    expect(share('radeon-vega-fe')).toBeCloseTo(0.599 * Math.sqrt(1382 / 1600), 2);
    expect([gpuMaker(named('mi300x')).name, gpuMaker(named('t4') ?? named('tesla-t4')).name]).toEqual([
      'amd',
      'nvidia',
    ]);
    expect(gpuMakerSource.citation).toContain('Matmul FLOPS');
  });
});
