/** The array engine with its matmuls cut into pieces: the same values, times and activity as on its own. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arrayEngine,
  canShareTiles,
  createParallelArrayEngine,
  shareTiles,
} from '../../simulator/array/index.js';
import { machineOf } from '../schedule/networks.js';
import { request } from './two-convolutions.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 12);

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

  it('only PEs of at most 8 bits with one multiplier stage share their work', () => {
    const base = machineOf({ rows: 4, columns: 4, lanes: 4 });
    const withStages = (multiplierStages: 0 | 1 | 2) => ({
      ...base,
      array: { ...base.array, multiplierStages },
    });
    expect([0, 1, 2].map((stages) => canShareTiles(withStages(stages as 0 | 1 | 2)))).toEqual([
      false,
      true,
      false,
    ]);
    const withBits = (activationBits: 4 | 8 | 16, weightBits: 4 | 8 | 16) => ({
      ...base,
      elements: { ...base.elements, activationBits, weightBits },
    });
    expect(canShareTiles(withBits(4, 8))).toBe(true);
    expect(canShareTiles(withBits(16, 8))).toBe(false);
    expect(canShareTiles(withBits(8, 16))).toBe(false);
  });
});
