/** Times that overlap in part: 1 adds them, more hides the shorter behind the longer. */
export function pNorm(values: readonly number[], p: number): number {
  const large = Math.max(...values);
  if (large === 0) return 0;
  return large * values.reduce((sum, value) => sum + (value / large) ** p, 0) ** (1 / p);
}
