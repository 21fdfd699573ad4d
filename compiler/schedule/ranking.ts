/** The mappings of a layer as they are weighed: the best, and the best that something else bounds. */

import type { NestBound, NestCost } from '../../models/analytic/index.js';

export interface Weighed<Shape> {
  readonly shape: Shape;
  readonly cost: NestCost;
}

/** Mappings that an exact measurement decides between. */
const FINALISTS = 32;

export class Ranking<Shape> {
  /** Of least score. */
  best: Weighed<Shape> | undefined;
  /** How many were weighed. */
  count = 0;
  /** The best few of different scores, best first. */
  readonly top: Weighed<Shape>[] = [];
  private readonly byBound = new Map<NestBound, Weighed<Shape>>();

  weigh(shape: Shape, cost: NestCost): void {
    this.count++;
    this.enter({ shape, cost });
    const known = this.byBound.get(cost.bound);
    if (known !== undefined && known.cost.score <= cost.score) return;
    const found = { shape, cost };
    this.byBound.set(cost.bound, found);
    if (this.best === undefined || cost.score < this.best.cost.score) this.best = found;
  }

  private enter(weighed: Weighed<Shape>): void {
    const { score } = weighed.cost;
    if (this.top.length === FINALISTS && score >= this.top.at(-1)!.cost.score) return;
    let at = this.top.length;
    while (at > 0 && this.top[at - 1]!.cost.score > score) at--;
    if (at > 0 && this.top[at - 1]!.cost.score === score) return;
    this.top.splice(at, 0, weighed);
    if (this.top.length > FINALISTS) this.top.pop();
  }

  /** The best of each other bound, the better ones first. */
  alternatives(): readonly Weighed<Shape>[] {
    const others = [...this.byBound.values()].filter(({ cost }) => cost.bound !== this.best?.cost.bound);
    return others.sort((a, b) => a.cost.score - b.cost.score);
  }
}
