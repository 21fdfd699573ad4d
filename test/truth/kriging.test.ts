/** Kriging and what it stands on: systems, searches, groups left out. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factored, inverseBlock, invertedFactor, solved, symmetric } from './cholesky.js';
import { type Kriging, krige, krigedByOthers, leaveGroupsOut, searchedConstants } from './kriging.js';
import { patternSearch } from './pattern-search.js';

const number = fc.double({ min: -2, max: 2, noNaN: true });
/** A A^T + 1: positive definite, and far from singular. */
const matrix = fc
  .integer({ min: 1, max: 6 })
  .chain((size) =>
    fc.array(fc.array(number, { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
  );
const definite = (rows: readonly (readonly number[])[]) => (a: number, b: number) =>
  rows[a]!.reduce((sum, value, k) => sum + value * rows[b]![k]!, a === b ? 1 : 0);

describe('systems by Cholesky', () => {
  it('law: the matrix times the solution is the right side', () => {
    fc.assert(
      fc.property(matrix, number, (rows, first) => {
        const value = definite(rows);
        const right = rows.map((_, at) => first + at);
        const x = solved(factored(symmetric(rows.length, value)), right);
        for (const [at, expected] of right.entries())
          expect(
            x.reduce((sum, one, k) => sum + one * value(Math.max(at, k), Math.min(at, k)), 0),
          ).toBeCloseTo(expected, 8);
      }),
    );
  });

  it('law: blocks of the inverse are those that unit vectors give', () => {
    fc.assert(
      fc.property(matrix, (rows) => {
        const factor = factored(symmetric(rows.length, definite(rows)));
        const members = rows.flatMap((_, at) => (at % 2 === 0 ? [at] : []));
        const { size, values } = inverseBlock(invertedFactor(factor), members);
        members.forEach((column, b) => {
          const unit = rows.map((_, at) => (at === column ? 1 : 0));
          for (let a = b; a < size; a++)
            expect(values[a * size + b]).toBeCloseTo(solved(factor, unit)[members[a]!]!, 8);
        });
      }),
    );
  });

  it('refuse what is not positive definite', () => {
    expect(() => factored(symmetric(2, () => 1))).toThrow(RangeError);
  });
});

describe('patternSearch', () => {
  it('finds a hollow, and keeps to limits', () => {
    const objective = ([a, b]: readonly number[]) =>
      Math.abs(Math.log(a! / 3)) + Math.abs(Math.log(b! / 0.2));
    const found = patternSearch({ start: [1, 1], step: 0.5, sweeps: 40, objective });
    expect(found[0]).toBeCloseTo(3, 3);
    expect(found[1]).toBeCloseTo(0.2, 3);
    const limits = [
      [0.5, 2],
      [0.5, 2],
    ] as const;
    expect(patternSearch({ start: [1, 1], step: 0.5, sweeps: 40, objective, limits })).toEqual([2, 0.5]);
  });
});

interface Sample {
  readonly device: string;
  readonly x: number;
  readonly y: number;
}

/** Three devices that lose alike by shape; `odd` more than the others. */
const samples: readonly Sample[] = ['one', 'two', 'odd'].flatMap((device) =>
  Array.from({ length: 12 }, (_, x) => ({ device, x, y: Math.sin(x / 3) + (device === 'odd' ? 0.3 : 0) })),
);
const problem: Kriging<Sample> = {
  residual: ({ y }) => y,
  group: ({ device }) => device,
  stated: [2, 0.5],
  noise: 1e-4,
  shade: 0.5,
  covariance:
    ([range, variance]) =>
    (a, b) =>
      variance! * Math.exp(-Math.abs(a.x - b.x) / range!) * (a.device === b.device ? 1 : 0.95),
};

describe('kriging', () => {
  it('says of a group that is left out what its shapes lose elsewhere', () => {
    const held = samples.filter(({ device }) => device === 'two');
    const known = samples.filter(({ device }) => device === 'one');
    const predicted = krige({ ...problem, shade: 0 }, problem.stated, known, held);
    for (const [at, value] of predicted.entries()) expect(value).toBeCloseTo(0.95 * held[at]!.y, 2);
  });

  it('law: one factorisation leaves groups out as predicting each from the others does', () => {
    const whole = krigedByOthers(problem, problem.stated, samples);
    for (const device of ['one', 'two', 'odd']) {
      const known = samples.filter((row) => row.device !== device);
      const held = samples.filter((row) => row.device === device);
      for (const [at, value] of krige(problem, problem.stated, known, held).entries())
        expect(whole[samples.indexOf(held[at]!)]).toBeCloseTo(value, 8);
    }
  });

  it('lowers a prediction by its variance: all of the prior where nothing is near', () => {
    const far: Sample = { device: 'far', x: 1e6, y: 0 };
    expect(krige(problem, problem.stated, samples, [far])[0]).toBeCloseTo(-0.5 * 0.5, 6);
  });

  it('never sees the rows that it predicts', () => {
    const changed = samples.map((row) => (row.device === 'odd' ? { ...row, y: row.y + 5 } : row));
    const odd = (rows: readonly Sample[]) =>
      leaveGroupsOut(problem, rows).flatMap(({ row, predicted }) =>
        row.device === 'odd' ? [predicted] : [],
      );
    expect(odd(changed)).toEqual(odd(samples));
  });

  it('searches no further from the stated constants than the error pays for', () => {
    const flat = samples.map((row) => ({ ...row, y: 0 }));
    const found = searchedConstants({ ...problem, shade: 0 }, flat);
    expect(found).toEqual(problem.stated);
  });
});
