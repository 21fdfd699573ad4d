/**
 * Pareto fronts. In: points with costs (all to be small). Out: those that no other dominates. Points of equal costs all stay, so that
 * the front does not depend on the order in which they came.
 */

export interface CostedPoint {
  readonly id: number;
  readonly costs: readonly number[];
}

/** Whether `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false;
    if (a[i]! < b[i]!) better = true;
  }
  return better;
}

/** A front that grows: each point costs a walk over the front, never over all points. */
export class Front {
  private members: CostedPoint[] = [];

  /** True where the point is (still) on the front. */
  add(point: CostedPoint): boolean {
    if (this.members.some((member) => dominates(member.costs, point.costs))) return false;
    this.members = this.members.filter((member) => !dominates(point.costs, member.costs));
    this.members.push(point);
    return true;
  }

  get size(): number {
    return this.members.length;
  }

  /** By first objective, then the others, then id. */
  get points(): readonly CostedPoint[] {
    return [...this.members].sort(comparePoints);
  }
}

function comparePoints(a: CostedPoint, b: CostedPoint): number {
  for (let i = 0; i < a.costs.length; i++) {
    if (a.costs[i] !== b.costs[i]) return a.costs[i]! - b.costs[i]!;
  }
  return a.id - b.id;
}
