/** How far predictions are from what was published or measured: percentages of the published value, and how they spread. */

export interface Point {
  /** What it is of: device, shape. */
  readonly label: string;
  readonly published: number;
  readonly predicted: number;
}

export interface Statistics {
  readonly n: number;
  /** Of the absolute errors, in percent of the published value. */
  readonly median: number;
  readonly mean: number;
  readonly p90: number;
  readonly max: number;
  /** Mean of the signed errors, in percent: above zero the model is slow, heavy or large. */
  readonly bias: number;
}

/** 100 * (predicted - published) / published. */
export function percentError({ published, predicted }: Point): number {
  return (100 * (predicted - published)) / published;
}

/** @throws RangeError without points. */
export function statisticsOf(points: readonly Point[]): Statistics {
  if (points.length === 0) throw new RangeError('no points');
  const signed = points.map(percentError);
  const sorted = signed.map(Math.abs).sort((a, b) => a - b);
  return {
    n: points.length,
    median: quantile(sorted, 0.5),
    mean: average(sorted),
    p90: quantile(sorted, 0.9),
    max: sorted.at(-1)!,
    bias: average(signed),
  };
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Linear between the sorted values. @param share 0 to 1. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}

/** Rows that share a key, in order of the first of each. */
export function grouped<Row>(rows: readonly Row[], key: (row: Row) => string): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return [...groups.values()];
}
