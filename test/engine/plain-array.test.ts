/**
 * The two models of the PE array against one another, and the plain one against the closed form: same sums, same registers, same toggles, for
 * every shape; a deeper multiplier only shifts the sums.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../models/machine/index.js';
import type { ArrayModel } from '../../simulator/array/array-model.js';
import { PeArray } from '../../simulator/array/pe-array.js';
import { PlainPeArray } from '../../simulator/array/plain-array.js';
import { machineOf } from '../schedule/networks.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 25);

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly tiles: number;
  readonly vectors: number;
  readonly piece: number;
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 18 }),
  tiles: fc.integer({ min: 1, max: 3 }),
  vectors: fc.integer({ min: 1, max: 12 }),
  piece: fc.integer({ min: 1, max: 20 }),
  seed: fc.nat(),
});

/** Values that depend on the place alone. */
function value(seed: number, place: number): number {
  const mixed = Math.imul(seed ^ Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b);
  return (mixed >> 23) as number;
}

function table(seed: number, length: number): Int8Array {
  return Int8Array.from({ length }, (_, i) => value(seed, i));
}

/** Shows a matmul's edges in pieces and gives accumulators, toggles and every register after each piece. */
function runArray(array: ArrayModel, c: Case, stages: number) {
  const period = Math.max(c.vectors, c.rows, 2);
  const wave = c.rows + c.columns - 1 + stages;
  const acts = table(c.seed, c.tiles * c.vectors * c.rows);
  const weights = table(c.seed + 1, c.tiles * c.rows * c.columns);
  const last = 1 + (c.tiles - 1) * period + c.vectors - 1 + wave;
  const registers: (number | undefined)[] = [];
  array.begin(new Int32Array(c.vectors * c.columns));
  for (let from = 0; from <= last; ) {
    const count = Math.min(array.prepare(c.piece), last + 1 - from);
    for (let ahead = 0; ahead < count; ahead++) show(from + ahead, ahead);
    array.run(count);
    for (let cycle = from; cycle < from + count; cycle++) {
      const since = cycle - 1 - wave;
      if (since >= 0 && since % period < c.vectors && since < c.tiles * period)
        array.accumulate(since % period, from + count - cycle, 1);
    }
    from += count;
    for (let r = 0; r < c.rows; r++)
      for (let k = 0; k < c.columns; k++)
        for (const plane of ['a', 'm', 'p', 'w', 'we'] as const)
          if (plane !== 'm' || stages > 0) registers.push(array.register(plane, r, k));
  }
  return { sums: Array.from(array.accumulators(c.vectors)), registers, toggles: array.takeToggles() };

  function show(cycle: number, ahead: number): void {
    const [tile, row] = [Math.floor(cycle / period), cycle % period];
    if (tile < c.tiles && row < c.rows)
      array.showWeight(ahead, row, weights, (tile * c.rows + row) * c.columns);
    const [streamed, vector] = [Math.floor((cycle - 1) / period), (cycle - 1) % period];
    if (cycle > 0 && streamed < c.tiles && vector < c.vectors)
      array.showAct(ahead, acts, (streamed * c.vectors + vector) * c.rows);
    else array.holdAct(ahead);
  }
}

function expectedSums(c: Case): number[] {
  const acts = table(c.seed, c.tiles * c.vectors * c.rows);
  const weights = table(c.seed + 1, c.tiles * c.rows * c.columns);
  return Array.from({ length: c.vectors * c.columns }, (_, at) => {
    const [n, k] = [Math.floor(at / c.columns), at % c.columns];
    let sum = 0;
    for (let t = 0; t < c.tiles; t++)
      for (let r = 0; r < c.rows; r++)
        sum += acts[(t * c.vectors + n) * c.rows + r]! * weights[(t * c.rows + r) * c.columns + k]!;
    return sum;
  });
}

const machine = (c: Case, multiplierStages: number): Machine => {
  const base = machineOf({ rows: c.rows, columns: c.columns, lanes: 1 });
  return { ...base, array: { ...base.array, multiplierStages } };
};

describe('the plain model of the array', () => {
  it('gives the sums, registers and toggles of the WebAssembly model', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const m = machine(c, 1);
        expect(runArray(new PlainPeArray(m, true), c, 1)).toEqual(runArray(new PeArray(m, true), c, 1));
      }),
      { numRuns },
    );
  });

  it('gives the column sums R + C - 1 + stages cycles after their vector, for every multiplier depth', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 2 }), (c, stages) => {
        expect(runArray(new PlainPeArray(machine(c, stages)), c, stages).sums).toEqual(expectedSums(c));
      }),
      { numRuns },
    );
  });
});
