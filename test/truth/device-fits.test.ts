/** The constants that models/data carries for processors, DPUs, Edge TPUs and power are those that the rows give; prices say what holds a kernel. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  boardPowerFit,
  cpuDevices,
  cpuFitErrors,
  dpuDevices,
  dpuFit,
  dpuFitErrors,
  edgeTpuDevices,
  edgeTpuFit,
  edgeTpuFitErrors,
  powerFitErrors,
  systemPowerFit,
} from '../../models/data/index.js';
import {
  cpuSeconds,
  devicePower,
  dpuLatency,
  dpuSeconds,
  dpuThroughput,
  edgeTpuLatency,
  systemPower,
} from '../../models/devices/index.js';
import { fitDpus } from './sets/dpu.js';
import { fitEdgeTpus } from './sets/edge-tpu.js';

import { ncnnPlatform, poweredClusters } from './sets/ncnn-platforms.js';
import { intelDevice } from './sets/openvino.js';
import { fitBoardPower } from './sets/power-boards.js';
import { fitSystemPower } from './sets/power-systems.js';
import { Tables } from './tables.js';
import { mobilenet, resnet50, vgg16 } from './workloads/index.js';

const tables = new Tables(resolve(import.meta.dirname, '../../../shared/data'));
const present = tables.has('published/arm_edge_ncnn.json');
const SLOW = 300_000;

const fits: readonly (readonly [string, object, () => object])[] = [
  ['dpu', dpuFit, () => fitDpus(tables)],
  ['edge tpu', edgeTpuFit, () => fitEdgeTpus(tables)],
  ['power of systems', systemPowerFit, () => fitSystemPower(tables)],
  ['power of boards', boardPowerFit, () => fitBoardPower(tables)],
];

describe('constants of device models', () => {
  it.skipIf(!present).each(fits)(
    'of %s are what `npm run fits` finds (skipped without ../shared)',
    (_, kept, refit) => {
      for (const [name, value] of Object.entries(refit()))
        expect((kept as Record<string, number>)[name]! / (value as number), name).toBeCloseTo(1, 2);
    },
    SLOW,
  );

  it('carry the error on what a fit did not see', () => {
    for (const { rows, meanPercent } of [
      cpuFitErrors.ncnn,
      cpuFitErrors.openvino,
      dpuFitErrors,
      edgeTpuFitErrors,
      powerFitErrors.board,
      powerFitErrors.system,
    ]) {
      expect(rows).toBeGreaterThan(10);
      expect(meanPercent).toBeGreaterThan(1);
    }
  });
});

describe('processors', () => {
  const xeon = cpuDevices.find(({ name }) => name === 'xeon-platinum-8380')!;
  const sum = (rows: readonly { readonly seconds: number }[]) =>
    rows.reduce((total, { seconds }) => total + seconds, 0);

  it('law: more threads, narrower types and many samples take no longer for a sample', () => {
    const kernels = resnet50();
    const one = sum(cpuSeconds(xeon, kernels, 1, 'float32', { threads: 1 }));
    const eight = sum(cpuSeconds(xeon, kernels, 1, 'float32', { threads: 8 }));
    const narrow = sum(cpuSeconds(xeon, kernels, 1, 'int8', { threads: 8 }));
    const many = sum(cpuSeconds(xeon, kernels, 80, 'int8')) / 80;
    expect(eight).toBeLessThan(one / 4);
    expect(narrow).toBeLessThan(eight);
    expect(many).toBeLessThan(sum(cpuSeconds(xeon, kernels, 1, 'int8')));
  });

  it.skipIf(!present)(
    'have the cores, clocks and bandwidth that are published (skipped without ../shared)',
    () => {
      const { devices } = JSON.parse(readFileSync(resolve(tables.folder, 'devices.json'), 'utf8')) as {
        readonly devices: readonly {
          readonly name: string;
          readonly cores: number;
          readonly base_MHz: number;
          readonly mem_bw: number;
        }[];
      };
      for (const number of ['8280', '8380', '8480+']) {
        const listed = devices.find(({ name }) => name === `Intel Xeon Platinum ${number}`)!;
        const { clusters, memoryBytesPerSecond } = cpuDevices.find(
          ({ name }) => name === `xeon-platinum-${number}`,
        )!;
        expect([clusters[0]!.cores, clusters[0]!.baseHertz / 1e6, memoryBytesPerSecond], number).toEqual([
          listed.cores,
          listed.base_MHz,
          listed.mem_bw,
        ]);
      }
    },
  );

  it('are read out of the names of platforms, and of nothing else', () => {
    expect(intelDevice('i7-8700T CPU')?.name).toBe('core-i7-8700t');
    expect(intelDevice('Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz')?.name).toBe('xeon-platinum-8380');
    expect(intelDevice('Flex 170 dGPU')).toBeUndefined();
    expect(intelDevice('AMD EPYC 7742')).toBeUndefined();
    const board = ncnnPlatform('Some board (Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4)')!.device;
    expect(board.clusters.map(({ cores, boostHertz }) => [cores, boostHertz])).toEqual([
      [2, 1.8e9],
      [4, 1.5e9],
    ]);
    expect(poweredClusters(board, 2).clusters).toHaveLength(1);
    expect(ncnnPlatform('Loongson 3A6000 (LA664 2.5GHz * 4+4)')).toBeUndefined();
  });
});

describe('accelerators', () => {
  it('law: a board with more engines makes more images, each as late', () => {
    const board = dpuDevices.find(({ name }) => name === 'zcu102-dpu-b4096')!;
    const single = { ...board, engines: 1 };
    expect(dpuLatency(single, resnet50())).toBe(dpuLatency(board, resnet50()));
    expect(dpuThroughput(single, resnet50())).toBeLessThan(dpuThroughput(board, resnet50()));
    expect(dpuSeconds(board, resnet50(), 1).some(({ bound }) => bound === 'compute')).toBe(true);
  });

  it('pay for weights that stay on chip only once', () => {
    const usb = edgeTpuDevices[0]!;
    const larger = { ...usb, weightCacheBytes: 1e9 };
    expect(edgeTpuLatency(larger, mobilenet())).toBe(edgeTpuLatency(usb, mobilenet()));
    expect(edgeTpuLatency(larger, vgg16())).toBeLessThan(edgeTpuLatency(usb, vgg16()) / 5);
  });
});

describe('power', () => {
  it('law: grows with load, at its level, and a board keeps its limit', () => {
    const board = { thermalWatts: 300, processNanometres: 7 };
    const idle = devicePower(board, { operationsPerSecond: 0, bytesPerSecond: 0 });
    const busy = devicePower(board, { operationsPerSecond: 1e16, bytesPerSecond: 1e12 });
    expect([idle.level, idle.watts, busy.watts]).toEqual(['device', idle.idleWatts, 300]);
    const system = { accelerators: 4, acceleratorWatts: 250, hostWatts: 400 };
    const low = systemPower(system, { atWork: 1, utilisation: 0.1 });
    const high = systemPower(system, { atWork: 4, utilisation: 0.5 });
    expect(low.level).toBe('system');
    expect(high.watts).toBeGreaterThan(low.watts);
    expect(high.watts).toBeCloseTo(high.idleWatts + high.computeWatts + high.memoryWatts + high.hostWatts, 6);
  });
});
