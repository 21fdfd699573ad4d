/** The model of library calls on GPUs: what holds whatever the constants are. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuConvolutionsFitted, gpuDevices, gpuProductsFitted } from '../../models/data/index.js';
import {
  frameworkCallSeconds,
  gpuRowsSeconds,
  libraryConvolutionSeconds,
  libraryMatmulSeconds,
} from '../../models/devices/index.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 200);
const device = fc.constantFrom(...gpuDevices);
const size = fc.integer({ min: 1, max: 5000 });
const flag = fc.boolean();
/** Rounding of sums alone. */
const EPSILON = 1 + 1e-9;

describe('libraryMatmulSeconds', () => {
  it('law: a product that is larger in one extent takes no less', () => {
    fc.assert(
      fc.property(device, size, size, size, size, flag, flag, (gpu, m, n, k, more, transposed, early) => {
        const seconds = (shape: { m: number; n: number; k: number }) =>
          libraryMatmulSeconds(gpu, gpuProductsFitted, { batch: 1, ...shape, transposed, early });
        const least = seconds({ m, n, k });
        for (const larger of [
          { m: m + more, n, k },
          { m, n: n + more, k },
          { m, n, k: k + more },
        ])
          expect(seconds(larger) * EPSILON).toBeGreaterThanOrEqual(least);
      }),
      { numRuns },
    );
  });

  it('law: bytes of half types take no longer where the device computes them as fast', () => {
    fc.assert(
      fc.property(device, size, size, size, (gpu, m, n, k) => {
        const product = { batch: 1, m, n, k, transposed: false } as const;
        const whole = libraryMatmulSeconds(gpu, gpuProductsFitted, product);
        const half = libraryMatmulSeconds(gpu, gpuProductsFitted, { ...product, type: 'float16' });
        expect(half).toBeLessThanOrEqual(whole * EPSILON);
      }),
      { numRuns },
    );
  });

  it('loses where both operands are read along k on Pascal, and not on Volta', () => {
    const named = (name: string) => gpuDevices.find((gpu) => gpu.name === name)!;
    const ratio = (name: string) => {
      const [along, across] = [true, false].map((transposed) =>
        libraryMatmulSeconds(named(name), gpuProductsFitted, {
          batch: 1,
          m: 4096,
          n: 4096,
          k: 4096,
          transposed,
        }),
      );
      return along! / across!;
    };
    expect(ratio('tesla-p100-pcie-16gb')).toBeGreaterThan(1.05);
    expect(ratio('tesla-v100-pcie-32gb')).toBe(1);
  });
});

describe('libraryConvolutionSeconds', () => {
  it('law: more images take no less, and a device with twice the multiprocessors and bandwidth no more', () => {
    const extent = fc.integer({ min: 3, max: 512 });
    const images = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(
        device,
        images,
        extent,
        extent,
        fc.integer({ min: 3, max: 100 }),
        (gpu, batch, inputs, outputs, map) => {
          const shape = { batch, inputs, outputs, size: map };
          const seconds = libraryConvolutionSeconds(gpu, gpuConvolutionsFitted, shape);
          const more = libraryConvolutionSeconds(gpu, gpuConvolutionsFitted, { ...shape, batch: batch + 1 });
          expect(more * EPSILON).toBeGreaterThanOrEqual(seconds);
          const twice = {
            ...gpu,
            multiprocessors: 2 * gpu.multiprocessors,
            memoryBytesPerSecond: 2 * gpu.memoryBytesPerSecond,
          };
          expect(libraryConvolutionSeconds(twice, gpuConvolutionsFitted, shape)).toBeLessThanOrEqual(
            seconds * EPSILON,
          );
        },
      ),
      { numRuns },
    );
  });
});

describe('calls', () => {
  it('take less on newer hosts', () => {
    const byAge = [...gpuDevices].sort((a, b) => a.launched - b.launched);
    const calls = byAge.map((gpu) => frameworkCallSeconds(gpu, gpuProductsFitted));
    expect(calls).toEqual([...calls].sort((a, b) => b - a));
  });

  it('read a row once more that is too long to keep', () => {
    const constants = { callSeconds: 0, memoryShare: 1, longestRow: 1000 };
    const seconds = (length: number) => gpuRowsSeconds(gpuDevices[0]!, constants, 8, length, 2) / length;
    expect(seconds(1001) / seconds(1000)).toBeCloseTo(1.5, 9);
  });
});
