/** The mappings of a layer as they are weighed: the best, and the best that something else bounds. */

import type { NestBound, NestCost } from '../../models/analytic/index.js';

export interface Weighed<Shape> {
  readonly shape: Shape;
  readonly cost: NestCost;
}

export class Ranking<Shape> {
  /** Of least score. */
  best: Weighed<Shape> | undefined;
  /** How many were weighed. */
  count = 0;
  private readonly byBound = new Map<NestBound, Weighed<Shape>>();

  weigh(shape: Shape, cost: NestCost): void {
    this.count++;
    const known = this.byBound.get(cost.bound);
    if (known !== undefined && known.cost.score <= cost.score) return;
    const found = { shape, cost };
    this.byBound.set(cost.bound, found);
    if (this.best === undefined || cost.score < this.best.cost.score) this.best = found;
  }

  /** The best of each other bound, the better ones first. */
  alternatives(): readonly Weighed<Shape>[] {
    const others = [...this.byBound.values()].filter(({ cost }) => cost.bound !== this.best?.cost.bound);
    return others.sort((a, b) => a.cost.score - b.cost.score);
  }
}
