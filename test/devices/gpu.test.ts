/** The model of GPUs: what holds whatever the constants are. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuDevices } from '../../models/data/index.js';
import { fuseTails, gpuCallSeconds, gpuSeconds, gpuType, type Kernel } from '../../models/devices/index.js';
import { bertLarge, resnet50 } from '../truth/workloads/index.js';

const runs = Number(process.env.SYSTOLE_RUNS ?? 100);
const device = fc.constantFrom(...gpuDevices);
const networks = { resnet50: resnet50(), bert: bertLarge(128) } as const;
const network = fc.constantFrom(...Object.values(networks));
const total = (rows: readonly { readonly seconds: number }[]) =>
  rows.reduce((sum, { seconds }) => sum + seconds, 0);

describe('gpuSeconds', () => {
  it('law: more samples take longer, and never less than their share of the peak and of memory', () => {
    fc.assert(
      fc.property(device, network, fc.integer({ min: 1, max: 64 }), (gpu, kernels, batch) => {
        const seconds = total(gpuSeconds(gpu, kernels, batch, 'int8'));
        expect(total(gpuSeconds(gpu, kernels, batch + 1, 'int8'))).toBeGreaterThanOrEqual(
          seconds * (1 - 1e-9),
        );
        const peak = gpu.peakOperationsPerSecond[gpuType(gpu, 'int8')]!;
        const macs = kernels.reduce((sum, kernel) => sum + kernel.macs, 0);
        expect(seconds).toBeGreaterThan((2 * macs * batch) / peak);
      }),
      { numRuns: runs },
    );
  });

  it('law: a device with twice of everything is faster', () => {
    fc.assert(
      fc.property(device, network, (gpu, kernels) => {
        const twice = {
          ...gpu,
          multiprocessors: 2 * gpu.multiprocessors,
          memoryBytesPerSecond: 2 * gpu.memoryBytesPerSecond,
          l2Bytes: 2 * gpu.l2Bytes,
          thermalWatts: 2 * gpu.thermalWatts,
          peakOperationsPerSecond: {
            ...gpu.peakOperationsPerSecond,
            float32: 2 * gpu.peakOperationsPerSecond.float32,
            float16: 2 * (gpu.peakOperationsPerSecond.float16 ?? gpu.peakOperationsPerSecond.float32),
          },
        };
        expect(total(gpuSeconds(twice, kernels, 8, 'float16'))).toBeLessThan(
          total(gpuSeconds(gpu, kernels, 8, 'float16')),
        );
      }),
      { numRuns: runs },
    );
  });

  it('has an entry for every dispatched kernel, tails in the kernel before them', () => {
    const gpu = gpuDevices.find(({ name }) => name === 'a100-sxm-80gb')!;
    const rows = gpuSeconds(gpu, networks.resnet50, 1, 'int8');
    const dispatched = networks.resnet50.filter(({ fusable }) => !fusable);
    expect(rows.map(({ name }) => name)).toEqual(dispatched.map(({ name }) => name));
    expect(gpuCallSeconds(rows)).toBeGreaterThan(total(rows));
    const tail: Kernel = {
      ...networks.resnet50[0]!,
      kind: 'elementwise',
      fusable: true,
      inputElements: 20,
      outputElements: 10,
    };
    const [fused] = fuseTails([networks.resnet50[0]!, tail]);
    expect(fused!.inputElements).toBe(networks.resnet50[0]!.inputElements + 10);
  });

  it('computes in the next wider type where the device lacks one', () => {
    const named = (name: string) => gpuDevices.find((gpu) => gpu.name === name)!;
    expect(gpuType(named('tesla-m40'), 'int8')).toBe('float32');
    expect(gpuType(named('tesla-p100-pcie-16gb'), 'int8')).toBe('float16');
    expect(gpuType(named('tesla-t4'), 'int4')).toBe('int4');
    expect(gpuType(named('tesla-t4'), 'bfloat16')).toBe('float32');
    expect(gpuType(named('h100-sxm-80gb'), 'int4')).toBe('int8');
  });
});

describe('gpuDevices', () => {
  it('are named once, with peaks that grow as types narrow', () => {
    expect(new Set(gpuDevices.map(({ name }) => name)).size).toBe(gpuDevices.length);
    for (const { name, peakOperationsPerSecond: peak, ...gpu } of gpuDevices) {
      const lanes = 2 * gpu.multiprocessors * gpu.lanesPerMultiprocessor * gpu.boostHertz;
      // Volta's int8 is in its lanes, not in its matrix units.
      const narrow = gpu.architecture === 'volta' ? [] : (['int8', 'int4'] as const);
      const both = ['float32', 'tf32', 'float16', ...narrow] as const;
      const known = both.map((type) => peak[type]).filter((value) => value !== undefined);
      expect(known, name).toEqual([...known].sort((a, b) => a - b));
      expect(peak.float32 / lanes, name).toBeGreaterThan(0.9);
      expect(peak.float32 / lanes, name).toBeLessThan(2.2);
      expect(gpu.baseHertz, name).toBeLessThanOrEqual(gpu.boostHertz);
    }
  });
});
