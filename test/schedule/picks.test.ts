/** Picks of channels next to convolutions become part of their weights: fewer layers, the same values, the network's MACs. */

import { describe, expect, it } from 'vitest';
import { tensor, unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { legalize } from '../../compiler/schedule/index.js';
import { check } from './check.js';
import { machineOf, NetworkBuilder } from './networks.js';

const machine = machineOf({ rows: 4, columns: 4, lanes: 2 });

/** The graph with a Gather of channels in the place of its rescale. */
function pick(graph: Graph, channels: readonly number[]): Graph {
  const at = graph.nodes.findIndex(({ operator }) => operator === 'IntegerRescale');
  const node = graph.nodes[at]!;
  const input = graph.values.get(node.inputs[0]!)!;
  const constant = tensor('int64', [channels.length], BigInt64Array.from(channels, BigInt));
  const values = new Map(graph.values);
  values.set('picked', { name: 'picked', type: { element: 'int64', shape: constant.shape }, constant });
  const gather = { ...node, operator: 'Gather', inputs: [input.name, 'picked'], attributes: { axis: 1 } };
  return { ...graph, values, nodes: graph.nodes.map((other, i) => (i === at ? gather : other)) };
}

const order = [3, 0, 7, 4, 1, 6, 2, 5];

const behind = (group: number) => (b: NetworkBuilder) => {
  const x = b.conv(b.input('x', [1, 8, 3, 3]), { channels: 8, kernel: [1, 1], group });
  return pick(b.build(b.rescale(x)), order);
};

const inFront = (group: number) => (b: NetworkBuilder) => {
  const x = b.rescale(b.input('x', [1, 8, 3, 3]));
  return pick(b.build(b.conv(x, { channels: 8, kernel: [1, 1], group })), order);
};

const operators = (graph: Graph) => unwrap(legalize(graph, machine)).nodes.map(({ operator }) => operator);

describe('picks of channels', () => {
  it.each([
    ['behind a dense convolution', behind(1)],
    ['behind a grouped one', behind(2)],
    ['in front of a dense convolution', inFront(1)],
    ['in front of a grouped one', inFront(2)],
  ])('%s are part of its weights', (_, build) => {
    expect(operators(build(new NetworkBuilder(3)))).toEqual(['IntegerConv']);
    for (const seed of [3, 4, 5]) expect(check(build, machine, seed)).toEqual([]);
  });

  it('behind a depthwise convolution stay a layer', () => {
    expect(operators(behind(8)(new NetworkBuilder(3)))).toEqual(['IntegerConv', 'IntegerConv']);
    expect(check(behind(8), machine, 4)).toEqual([]);
  });
});
