/** The device table, files of a user's devices, and predictions on every row. */

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../base/index.js';
import { type Device, deviceTable, usualDevices } from '../../models/data/index.js';
import { predictOnDevice, roofOf } from '../../models/devices/index.js';
import { networkKernels, parseDevice } from '../../tools/compare/index.js';
import { loadRuntime, openNetwork, packageRoot, selectDevices } from '../../tools/library/index.js';
import { tpuV1Cycles } from '../truth/sets/tpu-v1.js';
import { tpuV3 } from '../truth/sets/tpu-v3.js';
import { Tables } from '../truth/tables.js';
import { mobilenet, resnet50 } from '../truth/workloads/index.js';

const example = readFileSync(join(packageRoot(), 'examples/device.yaml'), 'utf8');
const named = (name: string): Device => deviceTable.find((device) => device.name === name)!;

describe('the device table', () => {
  it('has the classes that a comparison needs, each with enough rows', () => {
    const count = (kind: string) => deviceTable.filter((device) => device.kind === kind).length;
    expect(count('cpu')).toBeGreaterThanOrEqual(12);
    expect(count('gpu')).toBeGreaterThanOrEqual(12);
    expect(count('tpu')).toBeGreaterThanOrEqual(8);
    expect(count('fpga')).toBeGreaterThanOrEqual(4);
    for (const name of ['tpu-v1', 'tpu-v2', 'tpu-v3', 'tpu-v4i', 'tpu-v4', 'tpu-v5e', 'tpu-v5p', 'coral-usb'])
      expect(named(name)?.kind).toBe('tpu');
    expect(new Set(deviceTable.map(({ name }) => name)).size).toBe(deviceTable.length);
    expect(usualDevices.filter((name) => named(name) === undefined)).toEqual([]);
  });

  it('says of every row where its figures come from', () => {
    for (const { name, sources } of deviceTable) expect(sources.length, name).toBeGreaterThan(0);
  });

  it('gives TPUs the peaks that Google publishes', () => {
    const peaks = {
      'tpu-v1': 92e12,
      'tpu-v2': 46e12,
      'tpu-v3': 123e12,
      'tpu-v4i': 138e12,
      'tpu-v4': 275e12,
      'tpu-v5e': 197e12,
      'tpu-v5p': 459e12,
    };
    for (const [name, peak] of Object.entries(peaks)) {
      const type = name === 'tpu-v1' ? 'int8' : 'bfloat16';
      expect(roofOf(named(name).model, type).operationsPerSecond / peak, name).toBeCloseTo(1, 2);
    }
    expect(roofOf(named('tpu-v5e').model, 'int8').operationsPerSecond / 393e12).toBeCloseTo(1, 2);
  });

  it('stays below each roof, in every kernel with products, on every device', () => {
    for (const device of deviceTable) {
      for (const kernels of [resnet50(), mobilenet()]) {
        const { kernels: rows, roof, type } = predictOnDevice(device, kernels, 4, 'int8');
        const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
        const operations = 8 * kernels.reduce((sum, k) => sum + k.macs, 0);
        expect(operations / seconds, `${device.name} ${type}`).toBeLessThanOrEqual(
          roof.operationsPerSecond * (1 + 1e-9),
        );
      }
    }
  });

  it('throughput is at least what one call of the batch gives', () => {
    fc.assert(
      fc.property(fc.constantFrom(...deviceTable), fc.integer({ min: 1, max: 16 }), (device, batch) => {
        const found = predictOnDevice(device, mobilenet(), batch, 'int8');
        expect(found.throughputPerSecond).toBeGreaterThanOrEqual((batch / found.latencySeconds) * (1 - 1e-9));
      }),
      { numRuns: 60 },
    );
  });

  it('a type that a device lacks becomes one that it has', () => {
    expect(predictOnDevice(named('tpu-v3'), resnet50(), 1, 'int8').type).toBe('bfloat16');
    expect(predictOnDevice(named('tpu-v4'), resnet50(), 1, 'int8').type).toBe('int8');
    expect(predictOnDevice(named('tesla-p100-pcie-16gb'), resnet50(), 1, 'int8').type).toBe('float16');
  });
});

describe('errors that the table states (skipped without ../shared)', () => {
  const data = resolve(import.meta.dirname, '../../../shared/data');
  it.skipIf(!existsSync(data)).each([
    [tpuV3, 'tpu-v3'],
    [tpuV1Cycles, 'tpu-v1'],
  ])('are those that the truth suite finds', async ({ find }, name) => {
    const { points } = await find(new Tables(data));
    const errors = points.map(({ published, predicted }) => Math.abs(predicted / published - 1));
    const percent = (100 * errors.reduce((sum, error) => sum + error, 0)) / errors.length;
    expect(named(name).error!.latencyPercent).toBeCloseTo(percent, 0);
  });
});

describe('a device in a file', () => {
  it('is read from the example, and priced', () => {
    const read = parseDevice(example, 'device.yaml');
    expect(read.ok).toBe(true);
    if (!read.ok) return;
    expect(read.value).toMatchObject({ name: 'my-npu', kind: 'asic' });
    const found = predictOnDevice(read.value, networkKernels(openNetwork('digits').graph, 1), 1, 'int8');
    // Four kernels with products at 4 us each, and little else.
    expect(found.latencySeconds).toBeGreaterThan(16e-6);
    expect(found.latencySeconds).toBeLessThan(17e-6);
  });

  it.each([
    ['kernelSeconds: 4.0e-6', 'kernelSeconds: soon', 'model.kernelSeconds', 15],
    ['attainedShare: 0.45', 'attainedShare: 45', 'model.attainedShare', 11],
    ['kind: roofline', 'kind: abacus', 'model.kind', 9],
    ['name: my-npu', 'nam: my-npu', 'nam', 3],
    ['{ int8: 8.0e12, float16: 4.0e12 }', '{}', 'model.peakOperationsPerSecond', 10],
  ])('points at the line: %s as %s', (from, to, field, line) => {
    const read = parseDevice(example.replace(from, to), 'device.yaml');
    expect(read.ok).toBe(false);
    const faults = read.diagnostics.filter(({ message }) => message.startsWith(`${field}:`));
    expect(faults.length).toBeGreaterThan(0);
    const { where } = faults[0]!;
    expect(where?.kind === 'text' && where.span.line).toBe(line);
  });

  it('takes a processor with a core of the table, or of its own', () => {
    const cluster = (core: string) => `{ core: ${core}, cores: 4, baseHertz: 2.4e9, boostHertz: 2.4e9 }`;
    const text = (core: string) => `
name: board
kind: cpu
model: { kind: cpu, runtime: ncnn, clusters: [${cluster(core)}], memoryBytesPerSecond: 17e9, lastLevelBytes: 2097152 }
sources: [{ citation: board, known: assumed }]`;
    const own =
      '{ name: a, inOrder: false, width: 4, perCycle: { float32: 8, float16: 16, int8: 32 }, l2Bytes: 524288 }';
    const seconds = [text('cortex-a76'), text(own)].map((yaml) => {
      const read = parseDevice(yaml, 'board.yaml');
      if (!read.ok) throw new DiagnosticError(read.diagnostics);
      return predictOnDevice(read.value, resnet50(), 1, 'int8').latencySeconds;
    });
    expect(seconds[0]).toBeGreaterThan(0);
    expect(seconds[0]).toBe(seconds[1]);
    const faults = parseDevice(text('abacus'), 'board.yaml').diagnostics;
    expect(faults[0]!.message).toContain('model.clusters.0.core');
  });

  it('says what is no YAML, and what is no device', () => {
    expect(parseDevice('name: [', 'x.yaml').diagnostics[0]!.code).toBe('device/syntax');
    expect(parseDevice('', 'x.yaml').ok).toBe(false);
  });
});

describe('--devices', () => {
  const folder = mkdtempSync(join(tmpdir(), 'systole-devices-'));
  writeFileSync(join(folder, 'a.yaml'), example);
  writeFileSync(join(folder, 'b.yml'), example.replace('my-npu', 'tesla-t4'));

  it('takes names, kinds, all, machines, files and folders', () => {
    expect(selectDevices(['tpu']).devices.every(({ kind }) => kind === 'tpu')).toBe(true);
    expect(selectDevices(['all']).devices).toHaveLength(deviceTable.length);
    expect(selectDevices(['edge16']).machines.map(({ name }) => name)).toEqual(['edge16']);
    expect(selectDevices([]).devices).toEqual([]);
    expect(selectDevices().devices).toHaveLength(usualDevices.length);
    expect(selectDevices([join(folder, 'a.yaml')]).devices).toHaveLength(usualDevices.length + 1);
    // A row of the user's takes the place of the table's.
    const { devices } = selectDevices([folder, 'tesla-t4', 'l4']);
    expect(devices.map(({ name, kind }) => [name, kind])).toEqual([
      ['my-npu', 'asic'],
      ['tesla-t4', 'asic'],
      ['l4', 'gpu'],
    ]);
  });

  it('names what it does not know', () => {
    expect(() => selectDevices(['abacus'])).toThrow(/device\/unknown: there is no device or kind "abacus"/);
    expect(() => selectDevices([join(folder, 'none.yaml')])).toThrow(/file\/unreadable/);
    expect(() => selectDevices([mkdtempSync(join(tmpdir(), 'systole-empty-'))])).toThrow(/device\/folder/);
  });
});

describe('--measure', () => {
  it('says how to install the runtime where it is absent', async () => {
    const error = await loadRuntime('onnxruntime-of-nobody').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DiagnosticError);
    const [diagnostic] = (error as DiagnosticError).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'measure/runtime' });
    expect(diagnostic!.hint).toContain('npm install onnxruntime-of-nobody');
  });
});
