/**
 * How much of an objective each parameter explains. In: a table of feasible points. Out: per parameter the mean of the objective at each of
 * its values, and the share of the objective's variance that these means explain (the correlation ratio; on a full enumeration the
 * first-order Sobol index). Searches visit good points more often than others, so theirs is of the points visited.
 */

export interface ValueMean {
  readonly value: string;
  readonly points: number;
  readonly mean: number;
}

export interface Sensitivity {
  readonly parameter: string;
  readonly objective: string;
  /** 0 to 1; 0 where the objective never changes. */
  readonly share: number;
  readonly values: readonly ValueMean[];
}

/** @param values of the parameter and the objective, one each a point. */
export function sensitivityOf(
  names: { readonly parameter: string; readonly objective: string },
  points: readonly (readonly [value: string, objective: number])[],
): Sensitivity {
  const mean = average(points.map(([, y]) => y));
  const total = points.reduce((sum, [, y]) => sum + (y - mean) ** 2, 0);
  const groups = new Map<string, number[]>();
  for (const [value, y] of points) {
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [y]);
    else group.push(y);
  }
  const values = [...groups].map(([value, ys]) => ({ value, points: ys.length, mean: average(ys) }));
  const between = values.reduce((sum, group) => sum + group.points * (group.mean - mean) ** 2, 0);
  return { ...names, share: total > 0 ? Math.min(1, between / total) : 0, values };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
