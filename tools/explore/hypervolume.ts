/**
 * Hypervolume: what a front dominates up to a reference point, the one number that grows with every point that is added to it. In: costs
 * (all to be small). Out: the volume, exact, by slicing along the last objective (dimension-sweep; C. Fonseca et al., CEC 2006, without
 * its caches: fronts here are small).
 */

import { dominates } from './front.js';

/** @param reference worse than every point in every objective; points that are not count where they are better in all. */
export function hypervolume(costs: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = costs.filter((point) => point.every((cost, i) => cost < reference[i]!));
  return volume(nonDominated(inside), reference.length, reference);
}

/** The volume in the first `objectives` objectives. */
function volume(
  points: readonly (readonly number[])[],
  objectives: number,
  reference: readonly number[],
): number {
  if (points.length === 0) return 0;
  if (objectives === 1) return reference[0]! - Math.min(...points.map((point) => point[0]!));
  if (objectives === 2) return area(points, reference);
  const last = objectives - 1;
  const sorted = [...points].sort((a, b) => a[last]! - b[last]!);
  let total = 0;
  let slice: (readonly number[])[] = [];
  for (const [i, point] of sorted.entries()) {
    const height = (sorted[i + 1]?.[last] ?? reference[last]!) - point[last]!;
    slice = insert(slice, point, last);
    if (height > 0) total += height * volume(slice, last, reference);
  }
  return total;
}

/** Two objectives: a staircase. */
function area(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const sorted = [...points].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
  let [total, lowest] = [0, reference[1]!];
  for (const [x, y] of sorted as [number, number][]) {
    if (y >= lowest) continue;
    total += (reference[0]! - x) * (lowest - y);
    lowest = y;
  }
  return total;
}

/** Non-dominated in the first objectives. */
function insert(
  slice: readonly (readonly number[])[],
  point: readonly number[],
  objectives: number,
): (readonly number[])[] {
  const covers = (a: readonly number[], b: readonly number[]) => {
    for (let i = 0; i < objectives; i++) if (a[i]! > b[i]!) return false;
    return true;
  };
  if (slice.some((other) => covers(other, point))) return [...slice];
  return [...slice.filter((other) => !covers(point, other)), point];
}

function nonDominated(points: readonly (readonly number[])[]): (readonly number[])[] {
  return points.filter((point) => !points.some((other) => dominates(other, point)));
}

/** The worst of a front in every objective, a tenth of its span beyond: the usual reference. */
export function referenceOf(front: readonly (readonly number[])[]): readonly number[] {
  return front[0]!.map((_, i) => {
    const column = front.map((point) => point[i]!);
    const [low, high] = [Math.min(...column), Math.max(...column)];
    return high + 0.1 * (high - low || Math.abs(high) || 1);
  });
}
