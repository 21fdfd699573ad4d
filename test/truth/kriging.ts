/**
 * What a model leaves, predicted from rows of other devices: Gaussian process regression (kriging) of log(measured / model). In: rows, their
 * groups (devices), a covariance of two rows. Out: the expected logarithm and its variance for rows of a group that was left out.
 */

import { factored, inverseBlock, invertedFactor, type Square, solved, symmetric } from './cholesky.js';
import { patternSearch } from './pattern-search.js';

export interface Kriging<Row> {
  /** log(measured / model). */
  readonly residual: (row: Row) => number;
  /** Left out together. */
  readonly group: (row: Row) => string;
  /** Covariance of two rows' residuals under constants, without noise. */
  readonly covariance: (constants: readonly number[]) => (a: Row, b: Row) => number;
  /** Variance that no other row shares. */
  readonly noise: number;
  /** Stated constants, above zero: where the search starts, and what it is held to. */
  readonly stated: readonly number[];
  /**
   * Of the variance that the expected logarithm is lowered by: of a log-normal quantity, exp(mean - variance) has the least expected error in
   * percent of what is measured, and exp(mean) the least error of the logarithm.
   */
  readonly shade: number;
}

/** Points of mean percent error that a constant costs in the search, by the square of its logarithm's distance from the stated one. */
const HOLD = 0.3;
const STEP = 0.6;
const SWEEPS = 3;
/** Constants are searched on every so many rows; predictions use all. */
const SEEN = 3;

/** Predicted log(measured / model) of each wanted row from the known ones. */
export function krige<Row>(
  problem: Kriging<Row>,
  constants: readonly number[],
  known: readonly Row[],
  wanted: readonly Row[],
): readonly number[] {
  const covariance = problem.covariance(constants);
  const factor = factored(withNoise(problem, covariance, known));
  const weights = solved(factor, known.map(problem.residual));
  return wanted.map((row) => {
    const shared = known.map((other) => covariance(row, other));
    const explained = dot(shared, solved(factor, shared));
    return dot(shared, weights) - problem.shade * Math.max(0, covariance(row, row) - explained);
  });
}

/** The same for every row from the rows of other groups, with one factorisation: what is left of a group is its block of the inverse,
 * inverted, times the weights of its rows. */
export function krigedByOthers<Row>(
  problem: Kriging<Row>,
  constants: readonly number[],
  rows: readonly Row[],
): readonly number[] {
  const covariance = problem.covariance(constants);
  const factor = factored(withNoise(problem, covariance, rows));
  const residuals = rows.map(problem.residual);
  const weights = solved(factor, residuals);
  const inverse = invertedFactor(factor);
  const predicted = new Array<number>(rows.length).fill(0);
  for (const group of new Set(rows.map(problem.group))) {
    const members = rows.flatMap((row, at) => (problem.group(row) === group ? [at] : []));
    const own = factored(inverseBlock(inverse, members));
    const left = solved(
      own,
      members.map((at) => weights[at]!),
    );
    members.forEach((at, place) => {
      const variance = solved(own, unit(members.length, place))[place]! - problem.noise;
      predicted[at] = residuals[at]! - left[place]! - problem.shade * variance;
    });
  }
  return predicted;
}

/** Constants near the stated ones with the least error on groups of `rows` that are left out in turn. */
export function searchedConstants<Row>(problem: Kriging<Row>, rows: readonly Row[]): readonly number[] {
  const seen = rows.filter((_, at) => at % SEEN === 0);
  return patternSearch({
    start: problem.stated,
    step: STEP,
    sweeps: SWEEPS,
    objective: (constants) => {
      const held = constants.reduce((sum, value, at) => sum + Math.log(value / problem.stated[at]!) ** 2, 0);
      const errors = krigedByOthers(problem, constants, seen).map((predicted, at) =>
        Math.abs(Math.exp(predicted - problem.residual(seen[at]!)) - 1),
      );
      return (100 * errors.reduce((sum, error) => sum + error, 0)) / seen.length + HOLD * held;
    },
  });
}

/** Each group's rows predicted from the others, with constants searched on the others alone. */
export function leaveGroupsOut<Row>(
  problem: Kriging<Row>,
  rows: readonly Row[],
): readonly { readonly row: Row; readonly predicted: number }[] {
  return [...new Set(rows.map(problem.group))].flatMap((group) => {
    const known = rows.filter((row) => problem.group(row) !== group);
    const held = rows.filter((row) => problem.group(row) === group);
    const constants = searchedConstants(problem, known);
    return krige(problem, constants, known, held).map((predicted, at) => ({ row: held[at]!, predicted }));
  });
}

function withNoise<Row>(
  { noise }: Kriging<Row>,
  covariance: (a: Row, b: Row) => number,
  rows: readonly Row[],
): Square {
  return symmetric(rows.length, (a, b) => covariance(rows[a]!, rows[b]!) + (a === b ? noise : 0));
}

function unit(length: number, at: number): readonly number[] {
  return Array.from({ length }, (_, other) => (other === at ? 1 : 0));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}
