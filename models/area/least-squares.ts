/** Least squares with weights that are never negative: parts of a circuit add up. In: rows of features and values. Out: weights. */

export interface Sample {
  readonly features: readonly number[];
  readonly value: number;
  /** What an error counts against: the fit is by relative errors. Of 0: by errors as they are. */
  readonly scale: number;
}

const SWEEPS = 4000;

/**
 * Weights of the features, each zero or more, by coordinate descent. A small pull to `prior` (zeros by default; `ridge`, in shares of the
 * samples' own weight) decides where samples do not.
 */
export function nonNegativeFit(
  samples: readonly Sample[],
  ridge = 1e-4,
  prior: readonly number[] = [],
): readonly number[] {
  const count = samples[0]?.features.length ?? 0;
  const rows = samples.map(({ features, scale }) => features.map((f) => f / (scale || 1)));
  const goals = samples.map(({ value, scale }) => value / (scale || 1));
  const weights = Array.from({ length: count }, (_, j) => prior[j] ?? 0);
  const norms = Array.from({ length: count }, (_, j) => rows.reduce((sum, row) => sum + row[j]! ** 2, 0));
  const errors = rows.map((row, i) => goals[i]! - weighted(weights, row));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let j = 0; j < count; j++) {
      if (norms[j] === 0) continue;
      const gradient = rows.reduce((sum, row, i) => sum + row[j]! * errors[i]!, 0);
      const pull = ridge * norms[j]! * (prior[j] ?? 0);
      const next = Math.max(0, (gradient + norms[j]! * weights[j]! + pull) / (norms[j]! * (1 + ridge)));
      const change = next - weights[j]!;
      if (change === 0) continue;
      weights[j] = next;
      for (let i = 0; i < rows.length; i++) errors[i]! -= change * rows[i]![j]!;
    }
  }
  return weights;
}

export function weighted(weights: readonly number[], features: readonly number[]): number {
  return weights.reduce((sum, weight, j) => sum + weight * features[j]!, 0);
}
