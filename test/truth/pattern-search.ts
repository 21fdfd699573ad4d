/** Hooke and Jeeves' search over logarithms, one constant at a time, each with its own step: for functions without useful gradients. */

export interface PatternSearch {
  /** Above zero. */
  readonly start: readonly number[];
  /** Smallest and largest that each constant may be, both above zero. */
  readonly limits?: readonly (readonly [least: number, most: number])[];
  /** The first step of every constant, in its logarithm. */
  readonly step: number;
  readonly sweeps: number;
  readonly objective: (constants: readonly number[]) => number;
}

/** What a step shrinks by where neither side is better. */
const SHRINK = 0.5;

/** The best constants that were met. */
export function patternSearch({ start, limits, step, sweeps, objective }: PatternSearch): readonly number[] {
  let best = [...start];
  let least = objective(best);
  const steps = start.map(() => step);
  const moved = (at: number, by: number) => {
    const [lowest, highest] = limits?.[at] ?? [0, Number.POSITIVE_INFINITY];
    return best.with(at, Math.min(highest, Math.max(lowest, best[at]! * Math.exp(by))));
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const at of start.keys()) {
      const tried = [1, -1].map((sign) => moved(at, sign * steps[at]!));
      const errors = tried.map(objective);
      const better = errors[0]! <= errors[1]! ? 0 : 1;
      if (errors[better]! < least) [best, least] = [tried[better]!, errors[better]!];
      else steps[at]! *= SHRINK;
    }
  }
  return best;
}
