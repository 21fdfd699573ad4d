/** The truth suite: its sums, its refusals, and the sets whose data do not need hours. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  chunksOf,
  MATMUL_FIXED,
  matmulCycles,
  scaleSimCycles,
  scaleSimOutputExtent,
  weightStationaryDifferences,
} from '../../models/analytic/index.js';
import { type StreamedLayer, streamedCounters } from '../../models/devices/index.js';
import { type Machine, machinePresets, waveCycles } from '../../models/machine/index.js';
import { fitConstants, leaveOneOut } from './fit.js';
import { scatter } from './scatter.js';
import { truthSets } from './sets/index.js';
import { quantile, statisticsOf } from './statistics.js';
import { Tables } from './tables.js';
import { judge } from './truth-set.js';

const data = resolve(import.meta.dirname, '../../../shared/data');
const present = new Tables(data).has('published/tpu_v1_design.json');
const folder = mkdtempSync(join(tmpdir(), 'systole-truth-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('statistics', () => {
  it('are those of the textbook', () => {
    const points = [10, 20, -30].map((error, i) => ({
      label: `${i}`,
      published: 100,
      predicted: 100 + error,
    }));
    const { n, median, mean, max, bias } = statisticsOf(points);
    expect([n, median, mean, max, bias]).toEqual([3, 20, 20, 30, 0]);
    expect(quantile([0, 10], 0.9)).toBe(9);
    expect(() => statisticsOf([])).toThrow(RangeError);
  });

  it('plots no points that have no logarithm', () => {
    expect(scatter([{ label: '', published: 0, predicted: 1 }], 'ms')).toBeUndefined();
    expect(scatter([{ label: '', published: 2, predicted: 3 }], 'ms')).toContain('<circle');
  });
});

describe('SCALE-Sim definitions', () => {
  it('count what its documentation counts', () => {
    expect(scaleSimCycles('os', { m: 4, n: 4, k: 8 }, { rows: 4, columns: 4 })).toBe(8 + 4 + 4 - 2 - 1);
    expect(scaleSimOutputExtent(224, 7, 2)).toBe(110);
  });

  it('law: the listed differences are all of the difference between SCALE-Sim and our own array', () => {
    const extent = fc.integer({ min: 1, max: 64 });
    const size = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(
        extent,
        extent,
        size,
        size,
        size,
        fc.integer({ min: 1, max: 128 }),
        (rows, columns, m, n, k, vectors) => {
          const base = machinePresets.get('edge16')!;
          const machine: Machine = { ...base, array: { ...base.array, rows, columns } };
          const own = chunksOf(m, vectors).reduce(
            (sum, pixels) => sum + matmulCycles(machine, Math.ceil(k / rows), pixels),
            0,
          );
          const theirs = scaleSimCycles('ws', { m, n, k }, { rows, columns });
          const fixed = MATMUL_FIXED + waveCycles(machine);
          const parts = weightStationaryDifferences({ m, n, k }, { rows, columns }, { vectors, fixed });
          const sum = parts.reduce((total, { cycles }) => total + cycles, 0);
          expect(sum).toBe(theirs - own * Math.ceil(n / columns));
        },
      ),
    );
  });
});

describe('a core whose weights stream', () => {
  const core = {
    rows: 256,
    columns: 256,
    clockHertz: 700e6,
    bytesPerSecond: 34e9,
    fifoTiles: 4,
    accumulatorVectors: 2048,
    handoverCycles: 1024,
  };

  it('law: its counters add up, and it streams what the layers hold', () => {
    const layer: fc.Arbitrary<StreamedLayer> = fc.record({
      k: fc.integer({ min: 1, max: 3000 }),
      n: fc.integer({ min: 1, max: 3000 }),
      vectors: fc.integer({ min: 1, max: 5000 }),
      cyclesPerVector: fc.constantFrom(1, 2, 4),
    });
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 5 }), (layers) => {
        const { cycles, active, weightShift, weightStall, nonMatrix } = streamedCounters(core, layers);
        expect(active + weightShift + weightStall + nonMatrix).toBeCloseTo(cycles, 3);
        const streamed = layers.map(
          (l) => Math.ceil(l.k / 256) * Math.ceil(l.n / 256) * l.vectors * l.cyclesPerVector,
        );
        expect(active).toBe(streamed.reduce((sum, value) => sum + value, 0));
      }),
    );
  });
});

describe('fits', () => {
  const rows = [1, 2, 4, 8, 16, 32].map((size) => ({ size, time: 3 + 0.5 * size }));
  const problem = {
    measured: ({ time }: (typeof rows)[number]) => time,
    model: ([call, each]: readonly number[], { size }: (typeof rows)[number]) => call! + each! * size,
    starts: [[1, 1]],
  };

  it('find the constants that made the rows', () => {
    const [call, each] = fitConstants({ ...problem, rows });
    expect(call).toBeCloseTo(3, 3);
    expect(each).toBeCloseTo(0.5, 3);
  });

  it('never see the group that they predict', () => {
    const groups = rows.map((row, at) => [at === 2 ? { ...row, time: 1000 } : row]);
    const left = leaveOneOut(groups, problem);
    expect(left[2]!.predicted).toBeCloseTo(5, 3);
    expect(left.map(({ row }) => row.size)).toEqual(rows.map(({ size }) => size));
    expect(() => fitConstants({ ...problem, rows: [] })).toThrow(RangeError);
  });
});

describe('truth suite', () => {
  const light = truthSets.filter(({ name }) => !name.startsWith('own RTL'));

  it('names what is missing, and meets nothing without data', async () => {
    for (const set of light) {
      const judged = await judge(set, new Tables(folder));
      expect(judged.met, set.name).toBe(false);
      expect(judged.missing, set.name).toContain('is not in');
    }
  });

  it.skipIf(!present)('judges other rows: a wrong one is not met (skipped without ../shared)', async () => {
    const other = join(folder, 'other');
    mkdirSync(join(other, 'peers/scalesim/results'), { recursive: true });
    const path = 'peers/scalesim/results/per_layer_measured.csv';
    const [head, ...rows] = readFileSync(join(data, path), 'utf8').trim().split('\n');
    const scaleSim = light.find(({ name }) => name.startsWith('SCALE-Sim'))!;
    const at = head!.split(',').indexOf('total_cycles');
    const wrong = rows.filter((row) => row.includes(',CALC,')).map((row) => row.split(','));
    writeFileSync(join(other, path), [head, ...wrong.map(String)].join('\n'));
    expect((await judge(scaleSim, new Tables(other))).met).toBe(true);
    wrong[0]![at] = String(Number(wrong[0]![at]) + 1);
    writeFileSync(join(other, path), [head, ...wrong.map(String)].join('\n'));
    expect(await judge(scaleSim, new Tables(other))).toMatchObject({ met: false, error: 1 });
    wrong[0]![at] = 'many';
    writeFileSync(join(other, path), [head, ...wrong.map(String)].join('\n'));
    expect((await judge(scaleSim, new Tables(other))).missing).toContain('"many" for "total_cycles"');
  });

  it.skipIf(!present)('finds what docs/accuracy.md says (skipped without ../shared)', async () => {
    const page = readFileSync(new URL('../../docs/accuracy.md', import.meta.url), 'utf8');
    const { show } = await import('./page.js');
    for (const set of light.filter(({ slow }) => !slow)) {
      const { error, findings } = await judge(set, new Tables(data));
      expect(page, set.name).toContain(`| ${set.name} | ${findings!.points.length} | ${show(error!)} (`);
    }
  });

  it('shows no plot in docs/accuracy.md that is not there', () => {
    const docs = resolve(import.meta.dirname, '../../docs');
    const page = readFileSync(join(docs, 'accuracy.md'), 'utf8');
    const plots = [...page.matchAll(/\]\((accuracy\/[^)]*)\)/g)].map((match) => match[1]!);
    expect(plots.length).toBeGreaterThan(3);
    for (const plot of plots) expect(existsSync(join(docs, plot)), plot).toBe(true);
  });

  it('refuses a folder that is not there, unknown options and unknown sets', () => {
    for (const [args, why] of [
      [['--data', join(folder, 'nowhere')], 'no folder'],
      [['--fast'], '--fast'],
      [['--only', 'abacus'], 'no set'],
    ] as const) {
      const { status, stderr } = spawnSync('node', ['--import', 'tsx', 'test/truth/run.ts', ...args], {
        cwd: resolve(import.meta.dirname, '../..'),
        encoding: 'utf8',
      });
      expect(status).toBe(2);
      expect(stderr).toContain(why);
      expect(stderr).not.toContain('    at ');
    }
  });
});
