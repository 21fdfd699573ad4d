/** Every point of the space whose constraints hold, in order. */

import { isAllowed } from '../points.js';
import type { Space } from '../space.js';
import type { Strategy } from './strategy.js';

/** @param batch points asked for at once. */
export function exhaustive(space: Space, batch: number): Strategy {
  let at = 0;
  const next = () => {
    const ids: number[] = [];
    for (; at < space.size && ids.length < batch; at++) if (isAllowed(space, at)) ids.push(at);
    return ids.length > 0 ? ids : 'done';
  };
  return { total: countAllowed(space), next, tell: () => undefined };
}

/** Exact up to a size at which counting would take longer than a look at the clock. */
function countAllowed(space: Space): number {
  if (space.constraints.length === 0 || space.size > 200_000) return space.size;
  let count = 0;
  for (let id = 0; id < space.size; id++) if (isAllowed(space, id)) count++;
  return count;
}
