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

/**
 * A front that grows. Each point costs a walk over the front's costs, which lie in one array: a front of a thousand takes a microsecond
 * or two. Most points that are dominated meet their match at once, since whoever dominated last is asked first.
 */
export class Front {
  private members: CostedPoint[] = [];
  /** Costs of the members, one after another. */
  private costs = new Float64Array(0);
  private width = 0;

  /** True where the point is (still) on the front. */
  add(point: CostedPoint): boolean {
    this.width = point.costs.length;
    const beaten: number[] = [];
    for (let member = 0; member < this.members.length; member++) {
      const order = this.compare(member, point.costs);
      if (order < 0) {
        this.promote(member);
        return false;
      }
      if (order > 0) beaten.push(member);
    }
    this.remove(beaten);
    this.append(point);
    return true;
  }

  get size(): number {
    return this.members.length;
  }

  /** By first objective, then the others, then id. */
  get points(): readonly CostedPoint[] {
    return [...this.members].sort(comparePoints);
  }

  /** Below 0 where the member dominates, above 0 where it is dominated, 0 where neither. */
  private compare(member: number, costs: readonly number[]): number {
    let [better, worse] = [false, false];
    for (let i = 0, at = member * this.width; i < costs.length; i++, at++) {
      if (this.costs[at]! < costs[i]!) better = true;
      else if (this.costs[at]! > costs[i]!) worse = true;
      if (better && worse) return 0;
    }
    return better ? -1 : worse ? 1 : 0;
  }

  private promote(member: number): void {
    if (member === 0) return;
    const [first, found] = [this.members[0]!, this.members[member]!];
    this.put(0, found);
    this.put(member, first);
  }

  private put(at: number, point: CostedPoint): void {
    this.members[at] = point;
    this.costs.set(point.costs, at * this.width);
  }

  /** The last member takes each place that becomes free. @param beaten ascending. */
  private remove(beaten: readonly number[]): void {
    for (let i = beaten.length - 1; i >= 0; i--) {
      const last = this.members.pop()!;
      if (beaten[i]! < this.members.length) this.put(beaten[i]!, last);
    }
  }

  private append(point: CostedPoint): void {
    const needed = (this.members.length + 1) * this.width;
    if (this.costs.length < needed) {
      const grown = new Float64Array(Math.max(2 * needed, 64));
      grown.set(this.costs);
      this.costs = grown;
    }
    this.put(this.members.length, point);
  }
}

function comparePoints(a: CostedPoint, b: CostedPoint): number {
  for (let i = 0; i < a.costs.length; i++) {
    if (a.costs[i] !== b.costs[i]) return a.costs[i]! - b.costs[i]!;
  }
  return a.id - b.id;
}
