/** Points drawn without replacement, by seed. */

import { isAllowed } from '../points.js';
import { type Random, seededRandom } from '../random.js';
import type { Space } from '../space.js';
import type { Strategy } from './strategy.js';

/** @param budget evaluations at most. */
export function randomSearch(space: Space, seed: number, budget: number, batch: number): Strategy {
  const draw = drawer(space, seededRandom(seed));
  let left = Math.min(budget, space.size);
  const next = () => {
    const ids: number[] = [];
    while (left > 0 && ids.length < batch) {
      const id = draw();
      if (id === undefined) left = 0;
      else {
        ids.push(id);
        left--;
      }
    }
    return ids.length > 0 ? ids : ('done' as const);
  };
  return { total: left, next, tell: () => undefined };
}

/** Allowed points, each once: a shuffle whose swaps are kept only where they happened. */
export function drawer(space: Space, random: Random): () => number | undefined {
  const moved = new Map<number, number>();
  let rest = space.size;
  return () => {
    while (rest > 0) {
      const at = random.below(rest);
      rest--;
      const id = moved.get(at) ?? at;
      moved.set(at, moved.get(rest) ?? rest);
      moved.delete(rest);
      if (isAllowed(space, id)) return id;
    }
    return undefined;
  };
}
