/** The array engine with its matmuls shared out: the same values, times and activity as on its own. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import {
  arrayEngine,
  canShareTiles,
  createParallelArrayEngine,
  shareTiles,
  TilePoster,
} from '../../simulator/array/index.js';
import { machineOf, NetworkBuilder } from '../schedule/networks.js';

/** The built code, as users start it: a thread loads it in a fraction of the time that the sources take. */
const built = new URL('../../dist/tools/library/array-helpers.js', import.meta.url).href;
const load = async (): Promise<typeof import('../../tools/library/array-helpers.js')> => await import(built);

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 12);

/** A run of two convolutions in a row, with inputs; undefined where they do not fit. */
function request(machine: Machine, channels: number, size: number, seed: number) {
  const b = new NetworkBuilder(seed);
  const x = b.input('x', [1, channels, size, size]);
  const deep = b.conv(x, { channels: 2 * channels, kernel: [3, 3], pads: [1, 1, 1, 1] });
  const graph: Graph = b.build(b.conv(deep, { channels: 5, kernel: [2, 2] }));
  const scheduled = schedule(graph, machine);
  if (!scheduled.ok) return undefined;
  const program = unwrap(lower(scheduled.value.dataflow, machine, scheduled.value.image));
  return { machine, program, dram: initialDram(program, b.feed()) };
}

describe('array engine with helpers', () => {
  it('pieces of matmuls, however small, add up to the whole', async () => {
    const cases = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      columns: fc.integer({ min: 1, max: 18 }),
      accumulatorBits: fc.constantFrom(24, 32),
      pieceCycles: fc.integer({ min: 1, max: 200 }),
      channels: fc.integer({ min: 1, max: 24 }),
      size: fc.integer({ min: 3, max: 9 }),
      seed: fc.nat(9999),
    });
    let held = 0;
    const law = fc.asyncProperty(cases, async (o) => {
      const base = machineOf({ rows: o.rows, columns: o.columns, lanes: 1 });
      const machine = { ...base, elements: { ...base.elements, accumulatorBits: o.accumulatorBits } };
      const work = request(machine, o.channels, o.size, o.seed);
      if (!work) return;
      const shared = createParallelArrayEngine(shareTiles(machine, 0, o.pieceCycles));
      expect(await shared.run(work)).toEqual(await arrayEngine.run(work));
      held++;
    });
    await fc.assert(law, { numRuns });
    expect(held).toBeGreaterThan(numRuns / 2);
  });

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
