/** How much of a large space's true front a twentieth of the evaluations finds. The true front was enumerated (enumerate.ts). */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypervolume, nsga2, randomSearch, referenceOf } from '../../tools/explore/index.js';
import { Bench } from './search.js';

const here = new URL('.', import.meta.url);
const bench = new Bench(readFileSync(new URL('large-space.yaml', here), 'utf8'));
const record = JSON.parse(readFileSync(new URL('large-front.json', here), 'utf8')) as {
  readonly evaluated: number;
  readonly ids: readonly number[];
};
const budget = Math.floor(record.evaluated / 20);
const seeds = Array.from({ length: 10 }, (_, i) => i + 1);

const feasible = (points: ReturnType<Bench['run']>) =>
  points.flatMap(({ costs, violations }) => (costs !== undefined && violations === 0 ? [costs] : []));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

describe(`NSGA-II with ${budget} of ${record.evaluated} evaluations`, () => {
  const front = record.ids.map((id) => bench.judged(id).costs!);
  const reference = referenceOf(front);
  const whole = hypervolume(front, reference);
  const share = (points: ReturnType<Bench['run']>) => hypervolume(feasible(points), reference) / whole;

  it('finds 98 % of the true front’s hypervolume, median of 10 seeds', { timeout: 120_000 }, () => {
    const shares = seeds.map((seed) =>
      share(bench.run(nsga2(bench.space, { seed, budget, population: 64 }))),
    );
    console.log(`hypervolume found: ${shares.map((x) => x.toFixed(4)).join(' ')}`);
    expect(record.evaluated).toBeGreaterThanOrEqual(20_000);
    expect(median(shares)).toBeGreaterThanOrEqual(0.98);
    // Nothing beats a true front: more than all of it means that the record is older than the models (run enumerate.ts).
    expect(Math.max(...shares)).toBeLessThanOrEqual(1 + 1e-9);
  });

  it('finds more than as many random points, at every one of three seeds', { timeout: 120_000 }, () => {
    for (const seed of seeds.slice(0, 3)) {
      const searched = share(bench.run(nsga2(bench.space, { seed, budget, population: 64 })));
      expect(searched).toBeGreaterThan(share(bench.run(randomSearch(bench.space, seed, budget, 64))));
    }
  });

  it('asks for the same points with the same seed, for none twice, and for no more than its budget', () => {
    const ids = [1, 1, 2].map((seed) =>
      bench.run(nsga2(bench.space, { seed, budget: 300, population: 30 })).map(({ id }) => id),
    );
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]).not.toEqual(ids[2]);
    expect(new Set(ids[0]).size).toBe(300);
  });
});

describe('hypervolume', () => {
  const costs = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)), { maxLength: 8 });

  it('property: counts the unit cells that some point dominates', () => {
    fc.assert(
      fc.property(costs, (points) => {
        let cells = 0;
        for (let x = 0; x < 6; x++)
          for (let y = 0; y < 6; y++)
            for (let z = 0; z < 6; z++) if (points.some(([a, b, c]) => a <= x && b <= y && c <= z)) cells++;
        expect(hypervolume(points, [6, 6, 6])).toBe(cells);
      }),
    );
  });
});
