/** Fronts against the definition, and the genetic search’s selection. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominates, Front } from '../../tools/explore/index.js';

const points = fc
  .array(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)), { minLength: 1, maxLength: 40 })
  .map((list) => list.map((costs, id) => ({ id, costs })));

describe('Front', () => {
  it('property: holds exactly the points that no other dominates, in whatever order they came', () => {
    fc.assert(
      fc.property(points, fc.infiniteStream(fc.nat()), (list, order) => {
        const expected = list
          .filter((a) => !list.some((b) => dominates(b.costs, a.costs)))
          .map(({ id }) => id);
        const keys = new Map(list.map((point) => [point, order.next().value as number]));
        const front = new Front();
        for (const point of [...list].sort((a, b) => keys.get(a)! - keys.get(b)!)) front.add(point);
        expect(front.points.map(({ id }) => id).sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});
