/**
 * fuse-shuffles: reshapings and transpositions behind one another that in the end only exchange channels of a picture (the channel shuffle of
 * ShuffleNet: [N, C, H, W] as [N, g, C/g, H, W], axes 1 and 2 exchanged, back) become one Gather of channels. In: nodes that nobody else
 * reads. What a chain does is seen from what it makes of a picture of numbered elements.
 */

import { elementCount, tensor } from '../../base/index.js';
import { evaluateNode, type Graph, type Node, typeOf } from '../graph/index.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { freshValue, type Uses, usesOf } from './rewrite.js';

const moving: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Floats number so many elements exactly. */
const MOST_ELEMENTS = 2 ** 24;

export const fuseShuffles: Pass = {
  name: 'fuse-shuffles',
  summary: 'reshapings and transpositions that exchange channels of a picture become a Gather of channels',
  run: (graph) => {
    const uses = usesOf(graph);
    const values = new Map(graph.values);
    const taken = new Set<Node>();
    const nodes = graph.nodes.toReversed().map((last) => {
      const chain = taken.has(last) ? undefined : longestShuffle(graph, uses, last);
      if (chain === undefined) return last;
      for (const node of chain.nodes) taken.add(node);
      const name = freshValue(values, `${last.name}.channels`);
      const constant = tensor('int64', [chain.channels.length], BigInt64Array.from(chain.channels, BigInt));
      values.set(name, { name, type: typeOf(constant), constant });
      const inputs = [chain.nodes[0]!.inputs[0]!, name];
      return { ...last, operator: 'Gather', inputs, attributes: { axis: 1 } };
    });
    return taken.size === 0 ? graph : removeUnused.run({ ...graph, values, nodes: nodes.toReversed() });
  },
};

interface Shuffle {
  /** In their order. */
  readonly nodes: readonly Node[];
  /** Which channel each channel of the result was. */
  readonly channels: readonly number[];
}

/** The longest chain that ends in `last` and only exchanges channels. */
function longestShuffle(graph: Graph, uses: Uses, last: Node): Shuffle | undefined {
  if (!moving.has(last.operator)) return undefined;
  const shapeOf = (name: string) => graph.values.get(name)!.type.shape;
  const shape = shapeOf(last.outputs[0]!);
  if (shape.length !== 4 || elementCount(shape) > MOST_ELEMENTS) return undefined;
  let found: Shuffle | undefined;
  const nodes: Node[] = [];
  for (let next: Node | undefined = last; next !== undefined && moving.has(next.operator); ) {
    nodes.unshift(next);
    const input: string = next.inputs[0]!;
    if (nodes.length > 1 && shapeOf(input).join() === shape.join()) {
      const channels = exchanged(graph, nodes, shape);
      if (channels !== undefined) found = { nodes: [...nodes], channels };
    }
    next = uses.isOutput(input) || uses.readers(input).length > 1 ? undefined : uses.producer(input);
  }
  return found;
}

/** Which channels a chain takes; undefined where it moves anything else. */
function exchanged(
  graph: Graph,
  nodes: readonly Node[],
  shape: readonly number[],
): readonly number[] | undefined {
  let numbered = tensor(
    'float32',
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => i),
  );
  for (const node of nodes) {
    const type = { element: 'float32', shape: graph.values.get(node.outputs[0]!)!.type.shape } as const;
    numbered = evaluateNode(graph.name, node, [numbered], [type])[0]!;
  }
  const [, count, height, width] = shape as readonly [number, number, number, number];
  const area = height * width;
  const moved = numbered.data as Float32Array;
  const channels = Array.from({ length: count }, (_, c) => moved[c * area]! / area);
  const from = (i: number) =>
    i - (Math.floor(i / area) % count) * area + channels[Math.floor(i / area) % count]! * area;
  return moved.every((value, i) => value === from(i)) ? channels : undefined;
}
