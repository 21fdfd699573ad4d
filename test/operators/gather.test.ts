/** Positions outside an axis: the accelerator does not take them for others. */

import { expect, it } from 'vitest';
import { tensor } from '../../base/index.js';
import { type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { gatherRefused } from '../../compiler/quantize/convert-move.js';

function gather(...positions: readonly bigint[]): Graph {
  const builder = new GraphBuilder('gather');
  const x = builder.input('x', { element: 'float32', shape: [1, 6, 3, 3] });
  const indices = builder.constant('at', tensor('int64', [positions.length], BigInt64Array.from(positions)));
  builder.output(builder.node('Gather', [x, indices], { outputs: ['y'], attributes: { axis: 1 } }));
  return builder.build();
}

it('takes positions from -6 to 5 of six, and says which other one it refuses', () => {
  const refusal = (graph: Graph) => gatherRefused(graph, graph.nodes[0]!);
  expect(refusal(gather(0n, 5n, -6n))).toBeUndefined();
  expect(refusal(gather(0n, 6n))).toBe('position 6 is outside its 6');
  expect(refusal(gather(-7n))).toBe('position -7 is outside its 6');
});
