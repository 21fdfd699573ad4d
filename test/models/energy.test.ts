import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zeroActivity } from '../../models/activity/index.js';
import { estimateArea } from '../../models/area/index.js';
import { areaScale, devices, energyScale } from '../../models/data/index.js';
import { priceActivity } from '../../models/energy/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { sramPrice } from '../../models/memory/index.js';

const edge16 = machinePresets.get('edge16')!;

describe('energy', () => {
  it('technology scaling is the identity on its own node and composes', () => {
    expect(energyScale(45, 45)).toBe(1);
    expect(energyScale(45, 22) * energyScale(22, 16)).toBeCloseTo(energyScale(45, 16), 12);
    // Stillmaker and Baas at 0.9 V: 7 nm needs 0.1024 of the energy of 45 nm.
    expect(energyScale(45, 7)).toBeCloseTo(0.1024, 3);
    expect(areaScale(130, 45)).toBeCloseTo(0.16, 6);
    expect(() => energyScale(45, 5)).toThrow(/outside the scaling table/);
  });

  it('the SRAM fit reproduces a CACTI point it was fitted on within its stated error', () => {
    // CACTI 7, 45 nm, 32 KiB, 64 bits, one port: 14.92 pJ a read, 0.0949 mm2.
    const price = sramPrice({ bytes: 32768, widthBits: 64, nodeNanometres: 45, twoPorts: false });
    expect(Math.abs(price.readPicojoules / 14.9248 - 1)).toBeLessThan(0.397);
    expect(Math.abs(price.areaSquareMillimetres / 0.0949153 - 1)).toBeLessThan(0.268);
    expect(price.withinFit).toBe(true);
  });

  it('energy is linear in activity, and idle time costs leakage', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 2, max: 50 }), (macs, factor) => {
        const one = priceActivity(edge16, { ...zeroActivity, arrayMacs: macs }, 0).joules;
        const many = priceActivity(edge16, { ...zeroActivity, arrayMacs: macs * factor }, 0).joules;
        expect(many / one).toBeCloseTo(factor, 9);
      }),
    );
    expect(priceActivity(edge16, zeroActivity, 1).joules).toBeGreaterThan(0);
    expect(priceActivity(edge16, zeroActivity, 0).joules).toBe(0);
  });

  it('components add up to the total and each has a source', () => {
    const bytes = { dram: 1e6, act: 1e6, wgt: 1e6, acc: 1e6, par: 1e3, lut: 10 };
    const estimate = priceActivity(
      edge16,
      { ...zeroActivity, arrayMacs: 1e6, bytesRead: bytes, bytesWritten: bytes },
      1e-3,
    );
    expect(estimate.components.reduce((sum, c) => sum + c.joules, 0)).toBeCloseTo(estimate.joules, 15);
    for (const component of estimate.components) expect(component.source.length).toBeGreaterThan(10);
  });

  it('an unknown DRAM technology is refused with the known ones', () => {
    const machine = { ...edge16, memory: { ...edge16.memory, technology: 'drum' } };
    expect(() => priceActivity(machine, zeroActivity, 0)).toThrow(
      /unknown DRAM technology "drum"; known: ddr3/,
    );
  });

  it('area grows with the array and is null on an FPGA', () => {
    const small = estimateArea(edge16).squareMillimetres!;
    const big = estimateArea({ ...edge16, array: { ...edge16.array, rows: 32, columns: 32 } })
      .squareMillimetres!;
    expect(big).toBeGreaterThan(small);
    expect(estimateArea(machinePresets.get('edge8')!).squareMillimetres).toBeNull();
  });
});

describe('devices', () => {
  it('every kind is there, with sources on every row', () => {
    expect(new Set(devices.map((d) => d.kind))).toEqual(new Set(['cpu', 'gpu', 'tpu', 'fpga', 'asic']));
    for (const device of devices) {
      expect(device.sources.length).toBeGreaterThan(0);
      if (device.peakOperationsPerSecond !== null) {
        expect(device.attainedOperationsPerSecond).toBeLessThanOrEqual(device.peakOperationsPerSecond);
      }
    }
  });
});
