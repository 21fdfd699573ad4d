/** Chains of reshapings that exchange channels become one Gather; others stay. */

import { describe, expect, it } from 'vitest';
import { evaluateGraph, type Graph, GraphBuilder, verifyGraph } from '../../compiler/graph/index.js';
import { fuseShuffles } from '../../compiler/passes/index.js';
import { randomTensor } from '../support/compare.js';

const shape = [2, 12, 3, 5];

/** x reshaped, transposed and reshaped to `last`. */
function chain(
  split: readonly number[],
  perm: readonly number[],
  last: readonly number[],
  seen = false,
): Graph {
  const b = new GraphBuilder('shuffle');
  const x = b.input('x', { element: 'float32', shape });
  const apart = b.node('Reshape', [x], { attributes: { shape: [...split] } });
  const turned = b.node('Transpose', [apart], { attributes: { perm: [...perm] } });
  b.output(b.node('Reshape', [turned], { attributes: { shape: [...last] } }));
  if (seen) b.output(turned);
  return b.build();
}

const kinds = (graph: Graph) => graph.nodes.map(({ operator }) => operator);

describe('fuse-shuffles', () => {
  it.each([3, 4, 6])('a shuffle of channels in %i groups is one Gather of the same meaning', (groups) => {
    const graph = chain([2, groups, 12 / groups, 3, 5], [0, 2, 1, 3, 4], shape);
    const fused = fuseShuffles.run(graph);
    expect(kinds(fused)).toEqual(['Gather']);
    expect(verifyGraph(fused)).toEqual([]);
    const feed = new Map([['x', randomTensor(shape, 3)]]);
    expect(evaluateGraph(fused, feed)).toEqual(
      new Map([[fused.outputs[0]!, evaluateGraph(graph, feed).get(graph.outputs[0]!)!]]),
    );
  });

  it.each([
    ['pixels that change places', chain([2, 12, 15], [0, 1, 2], [2, 12, 5, 3])],
    ['pictures and channels that do', chain([2, 12, 15], [1, 0, 2], shape)],
    ['a result in the middle that others see', chain([2, 3, 4, 3, 5], [0, 2, 1, 3, 4], shape, true)],
  ])('%s: stay', (_, graph) => {
    expect(fuseShuffles.run(graph)).toBe(graph);
  });
});
