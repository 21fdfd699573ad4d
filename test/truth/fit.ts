/**
 * Fits positive constants of a model to measured values, by relative error. Levenberg-Marquardt (ml-levenberg-marquardt) on logarithms, from
 * several starting points: models with ceilings have more than one hollow. Deterministic.
 */

import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { patternSearch } from './pattern-search.js';

export interface FitProblem<Row> {
  readonly rows: readonly Row[];
  /** Above zero. */
  readonly measured: (row: Row) => number;
  /** Above zero, for constants above zero. */
  readonly model: (constants: readonly number[], row: Row) => number;
  /** Where to start; each a full set of constants above zero. */
  readonly starts: readonly (readonly number[])[];
  /** Smallest and largest that each constant may be, both above zero. */
  readonly limits?: readonly (readonly [least: number, most: number])[];
  /** How much a row counts in the mean error; 1 if absent. */
  readonly weight?: (row: Row) => number;
  /** At most so many steps from each start. */
  readonly iterations?: number;
  /** Sweeps of a pattern search for the least mean error after the descent: models with steps (waves, tiles) have no useful gradients. */
  readonly sweeps?: number;
}

const ITERATIONS = 60;
/** Of a pattern search, in logarithms. */
const STEP = 0.4;

/** The constants with the smallest mean absolute logarithm of predicted over measured. @throws RangeError without rows or starts. */
export function fitConstants<Row>(problem: FitProblem<Row>): readonly number[] {
  const { rows, starts } = problem;
  if (rows.length === 0 || starts.length === 0) throw new RangeError('nothing to fit');
  let best: readonly number[] = starts[0]!;
  for (const start of starts) {
    for (const candidate of [start, search(problem, descend(problem, start))])
      if (meanLogError(problem, candidate) < meanLogError(problem, best)) best = candidate;
  }
  return best;
}

function descend<Row>(
  { rows, measured, model, limits, iterations = ITERATIONS }: FitProblem<Row>,
  start: readonly number[],
): readonly number[] {
  if (iterations === 0) return start;
  const data = { x: rows.map((_, index) => index), y: rows.map((row) => Math.log(measured(row))) };
  const inLogs = (logs: readonly number[]) => (index: number) =>
    Math.log(model(logs.map(Math.exp), rows[index]!));
  const { parameterValues } = levenbergMarquardt(data, inLogs, {
    initialValues: start.map(Math.log),
    maxIterations: iterations,
    damping: 0.1,
    gradientDifference: 1e-3,
    centralDifference: true,
    ...(limits && {
      minValues: limits.map(([least]) => Math.log(least)),
      maxValues: limits.map(([, most]) => Math.log(most)),
    }),
  });
  return parameterValues.map(Math.exp);
}

function search<Row>(problem: FitProblem<Row>, start: readonly number[]): readonly number[] {
  return patternSearch({
    start,
    ...(problem.limits && { limits: problem.limits }),
    step: STEP,
    sweeps: problem.sweeps ?? 0,
    objective: (constants) => meanLogError(problem, constants),
  });
}

function logError<Row>({ measured, model }: FitProblem<Row>, constants: readonly number[], row: Row): number {
  return Math.log(model(constants, row) / measured(row));
}

/** Mean of |log(predicted / measured)|; infinite where a prediction is no number above zero. */
export function meanLogError<Row>(problem: FitProblem<Row>, constants: readonly number[]): number {
  let sum = 0;
  let weights = 0;
  for (const row of problem.rows) {
    const weight = problem.weight?.(row) ?? 1;
    sum += weight * Math.abs(logError(problem, constants, row));
    weights += weight;
  }
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : sum / weights;
}

/** Predicts each group of rows with constants fitted to all the others. */
export function leaveOneOut<Row>(
  groups: readonly (readonly Row[])[],
  problem: Omit<FitProblem<Row>, 'rows'>,
): readonly { readonly row: Row; readonly predicted: number }[] {
  return groups.flatMap((held, at) => {
    const rows = groups.filter((_, other) => other !== at).flat();
    const constants = fitConstants({ ...problem, rows });
    return held.map((row) => ({ row, predicted: problem.model(constants, row) }));
  });
}
