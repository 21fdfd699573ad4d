/** The array engine with helper threads: the same values, times and activity as on its own. */

import { describe, expect, it } from 'vitest';
import { arrayEngine, canShareTiles, shareTiles, TilePoster } from '../../simulator/array/index.js';
import { machineOf } from '../schedule/networks.js';
import { request } from './two-convolutions.js';

/** The built code, as users start it: a thread loads it in a fraction of the time that the sources take. */
const built = new URL('../../dist/tools/library/array-helpers.js', import.meta.url).href;
const load = async (): Promise<typeof import('../../tools/library/array-helpers.js')> => await import(built);

describe('array engine with helper threads', () => {
  it('threads take pieces at the same time', async () => {
    const machine = machineOf({ rows: 16, columns: 16, lanes: 16, wgtRows: 4096 });
    const { startArrayHelpers } = await load();
    const { engine, helpers, stop } = await startArrayHelpers(machine, 2);
    expect(helpers).toBe(2);
    try {
      for (let seed = 0; seed < 5; seed++) {
        const work = request(machine, 64, 12, seed)!;
        expect(await engine.run(work)).toEqual(await arrayEngine.run(work));
      }
    } finally {
      await stop();
    }
  });

  // A helper that puts the last piece of one job away may take a piece of the next before it looks up: sums must not carry over.
  it('threads keep the sums of short jobs in quick succession apart', async () => {
    const machine = machineOf({ rows: 16, columns: 16, lanes: 16, wgtRows: 4096 });
    const { startArrayHelpers } = await load();
    const { shared, stop } = await startArrayHelpers(machine, 1);
    const poster = new TilePoster({ ...shared!, pieceCycles: 40 });
    const act = Int8Array.from({ length: 64 * 16 }, (_, i) => (i * 7) % 11);
    const wgt = Int8Array.from({ length: 12 * 256 }, (_, i) => (i % 13) - 6);
    const job = (vectors: number, tiles: number) => ({
      places: Int32Array.from({ length: vectors }, (_, i) => i),
      offsets: Int32Array.from({ length: tiles }, (_, i) => i),
      weightRow: 0,
      period: Math.max(vectors, 16),
    });
    const jobs = [job(40, 12), job(20, 12), job(33, 6)];
    const once = (at: number) => {
      poster.post(jobs[at]!, act, wgt);
      return poster.collect();
    };
    const plain = new TilePoster(shareTiles(machine, 0, 40));
    const expected = jobs.map((each) => {
      plain.post(each, act, wgt);
      return plain.collect();
    });
    try {
      for (let i = 0; i < 3000; i++)
        expect(once(i % 3).every((sum, k) => sum === expected[i % 3]![k])).toBe(true);
    } finally {
      await stop();
    }
  });

  it('a machine whose array helpers do not know runs without them', async () => {
    const base = machineOf({ rows: 4, columns: 4, lanes: 4 });
    const machine = { ...base, array: { ...base.array, multiplierStages: 2 } };
    expect(canShareTiles(machine)).toBe(false);
    const { startArrayHelpers } = await load();
    const { engine, helpers, stop } = await startArrayHelpers(machine);
    expect(helpers).toBe(0);
    const work = request(machine, 4, 5, 1)!;
    expect(await engine.run(work)).toEqual(await arrayEngine.run(work));
    await stop();
  });
});
