/** How far the models of a target are off: prediction beside measurement for every recorded core, those left out of the fits among them. */

import type { SynthesisTarget } from '../data/index.js';
import { predictMegahertz } from './clock.js';
import {
  countNames,
  hasMappedModel,
  type ModelledArray,
  modelledAs,
  pointsOfTarget,
  predictCounts,
} from './mapped.js';
import { predictPower, wattsAt } from './power.js';

export interface ModelError {
  readonly machine: string;
  readonly target: SynthesisTarget;
  readonly held: boolean;
  readonly array: ModelledArray;
  readonly figure: string;
  readonly measured: number;
  readonly predicted: number;
  /** Prediction over measurement, less one; where nothing was measured: what is predicted. */
  readonly error: number;
}

/** Transitions of a net a cycle that powers are compared at. */
export const COMPARED_ACTIVITY = 0.1;
const COMPARED_MEGAHERTZ = 100;

const cache = new Map<SynthesisTarget, readonly ModelError[]>();

/** Every figure of every core of a target. */
export function modelErrors(target: SynthesisTarget): readonly ModelError[] {
  const known = cache.get(target);
  if (known !== undefined) return known;
  const modelled = pointsOfTarget(target).filter(
    ({ machine }) => hasMappedModel(target) && hasMappedModel(target, modelledAs(machine)),
  );
  const errors = modelled.flatMap((p) => errorsOf(target, p));
  cache.set(target, errors);
  return errors;
}

function errorsOf(
  target: SynthesisTarget,
  { point, machine }: ReturnType<typeof pointsOfTarget>[number],
): readonly ModelError[] {
  const row = (figure: string, measured: number, predicted: number): ModelError => {
    const error = measured === 0 ? predicted : predicted / measured - 1;
    const array = modelledAs(machine);
    return { machine: machine.name, target, held: point.held, array, figure, measured, predicted, error };
  };
  const counts = predictCounts(machine, target)!;
  const rows = countNames(target).map((name) => row(name, point.counts[name]!, counts[name]!));
  const delays = point.nanoseconds && Math.max(...Object.values(point.nanoseconds));
  const megahertz = point.routed?.megahertz ?? (delays && 1000 / delays);
  const predicted = predictMegahertz(machine, target);
  if (megahertz !== undefined && predicted !== undefined) rows.push(row('megahertz', megahertz, predicted));
  const watts = predictPower(machine, target);
  if (point.power && watts)
    rows.push(
      row(
        'watts',
        wattsAt(point.power, COMPARED_MEGAHERTZ, COMPARED_ACTIVITY),
        wattsAt(watts, COMPARED_MEGAHERTZ, COMPARED_ACTIVITY),
      ),
    );
  return rows;
}

/** A worst relative error, and on how many cores that were not fitted on. */
export interface HeldOutError {
  readonly worst: number;
  readonly cores: number;
}

/** Worst error of a figure on cores of a dataflow that were not fitted on; undefined when none states it. One DSP or block RAM more or less is no error. */
export function heldOutError(
  target: SynthesisTarget,
  figure: string,
  array: ModelledArray = 'weight-stationary',
): HeldOutError | undefined {
  const rows = modelErrors(target).filter(
    (error) => error.held && error.figure === figure && error.array === array,
  );
  if (rows.length === 0) return undefined;
  const whole = figure === 'dsps' || figure === 'blockRams';
  const errors = rows.map(({ error, measured, predicted }) =>
    whole && Math.abs(predicted - measured) <= 1 ? 0 : Math.abs(error),
  );
  return { worst: Math.max(...errors), cores: rows.length };
}
