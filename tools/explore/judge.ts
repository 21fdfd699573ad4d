/** Outcomes against a space's objectives and limits. In: an outcome. Out: what a strategy and a front need of it. */

import type { Outcome } from './evaluate.js';
import { brokenLimits, costsOf, environmentOf } from './objectives.js';
import type { Setup } from './setup.js';
import { type Space, weightsOf } from './space.js';
import type { Judged } from './strategies/strategy.js';

export interface Judge {
  judge(id: number, outcome: Outcome): Judged;
  /** Why a point is not feasible; undefined where it is. */
  reason(outcome: Outcome): string | undefined;
}

export function judgeOf({ space, manifest }: Setup): Judge {
  return judgeSpace(
    space,
    manifest.networks.map(({ name }) => name),
  );
}

/** @param names of the networks, in the order of the measurements. */
export function judgeSpace(space: Space, names: readonly string[]): Judge {
  const weights = weightsOf(space, names);
  const judge = (id: number, outcome: Outcome): Judged => {
    if (!outcome.ok) return { id, costs: undefined, violations: Number.POSITIVE_INFINITY };
    const environment = environmentOf(outcome.measurement, names, weights);
    const costs = costsOf(space.objectives, environment);
    // A machine without a value (an FPGA's square millimetres) cannot be compared.
    const comparable = costs.every((cost) => !Number.isNaN(cost));
    const violations = brokenLimits(space.limits, environment).length + (comparable ? 0 : 1);
    return { id, costs: comparable ? costs : undefined, violations };
  };
  const reason = (outcome: Outcome) => {
    if (!outcome.ok) return outcome.reason;
    const environment = environmentOf(outcome.measurement, names, weights);
    const broken = brokenLimits(space.limits, environment).map((index) => space.limits[index]!.text);
    if (broken.length > 0) return `limit ${broken.join(', ')}`;
    const costs = costsOf(space.objectives, environment);
    const missing = space.objectives.filter((_, i) => Number.isNaN(costs[i]));
    return missing.length > 0 ? `no value of ${missing.map(({ name }) => name).join(', ')}` : undefined;
  };
  return { judge, reason };
}
