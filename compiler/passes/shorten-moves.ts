/**
 * shorten-moves: reshapings and transpositions that together keep the order of elements become one reshaping, or nothing; functions of one value
 * are computed in front of them; a pick out of a join of pictures reads the part that it is. In: a float graph. Out: one of the same
 * meaning. What a chain does is seen from what it makes of numbered elements.
 */

import { elementCount, type Tensor, tensor } from '../../base/index.js';
import { evaluateNode, type Graph, type Node, pointwiseOperators } from '../graph/index.js';
import { Expansion } from './expand/expansion.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { type Uses, untilStable, usesOf } from './rewrite.js';

const moving: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten']);
const picking: ReadonlySet<string> = new Set(['Gather', 'Slice']);

export const shortenMoves: Pass = {
  name: 'shorten-moves',
  summary: 'moves that together keep the order of elements become one reshaping, or nothing',
  run: (graph) => removeUnused.run(shorten(untilStable(graph, sinkMoves))),
};

/** One function of a value behind moves is computed in front of them. */
function sinkMoves(graph: Graph): Graph | undefined {
  const uses = usesOf(graph);
  const found = graph.nodes.find((node) => {
    const before = uses.producer(node.inputs[0] ?? '');
    return isFunction(graph, node) && before !== undefined && moving.has(before.operator);
  });
  if (found === undefined) return undefined;
  const move = uses.producer(found.inputs[0]!)!;
  const expansion = new Expansion(graph);
  for (const node of graph.nodes) {
    expansion.begin(node);
    if (node !== found) {
      expansion.keep(node);
      continue;
    }
    const value = expansion.add(node.operator, [move.inputs[0]!, ...node.inputs.slice(1)], node.attributes);
    expansion.add(move.operator, [value, ...move.inputs.slice(1)], move.attributes, node.outputs[0]!);
  }
  return expansion.graph();
}

/** Of one computed value, element by element; what else it reads are single numbers. */
function isFunction(graph: Graph, { operator, inputs }: Node): boolean {
  const known = pointwiseOperators.has(operator) || operator === 'Function';
  const others = inputs.slice(1).filter((name) => name !== '');
  return known && others.every((name) => graph.values.get(name)?.constant?.data.length === 1);
}

/** Chains of moves are taken from where they begin. */
function shorten(graph: Graph): Graph {
  const uses = usesOf(graph);
  const expansion = new Expansion(graph);
  for (const node of graph.nodes) {
    expansion.begin(node);
    const known = moving.has(node.operator) || picking.has(node.operator);
    if (!known || !(takePart(expansion, graph, uses, node) || takeWhole(expansion, graph, uses, node)))
      expansion.keep(node);
  }
  return expansion.graph();
}

/** The nodes in front of one and itself, as far as they move values, from the first of them on. */
function chainOf(graph: Graph, uses: Uses, node: Node): readonly Node[] {
  const chain = [node];
  for (;;) {
    const input = chain[0]!.inputs[0]!;
    const before = graph.values.get(input)?.constant === undefined ? uses.producer(input) : undefined;
    if (before === undefined || !moving.has(before.operator)) return chain;
    chain.unshift(before);
  }
}

/** What a chain makes of numbered elements. */
function numbersBehind(graph: Graph, chain: readonly Node[]): Float32Array {
  const { shape } = graph.values.get(chain[0]!.inputs[0]!)!.type;
  let numbered: Tensor = tensor(
    'float32',
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => i),
  );
  for (const node of chain) {
    const others = node.inputs.slice(1).map((name) => graph.values.get(name)?.constant);
    const type = { element: 'float32', shape: graph.values.get(node.outputs[0]!)!.type.shape } as const;
    numbered = evaluateNode(graph.name, node, [numbered, ...others], [type])[0]!;
  }
  return numbered.data as Float32Array;
}

/** A pick out of a join of pictures that is one of what was joined. */
function takePart(e: Expansion, graph: Graph, uses: Uses, node: Node): boolean {
  const chain = chainOf(graph, uses, node);
  const join = uses.producer(chain[0]!.inputs[0]!);
  const constant = node.inputs.slice(1).every((name) => graph.values.get(name)?.constant !== undefined);
  const axis = join?.operator === 'Concat' ? Number(join.attributes.axis ?? 1) : -1;
  if (!picking.has(node.operator) || join === undefined || axis !== 0 || !constant) return false;
  const numbers = numbersBehind(graph, chain);
  let first = 0;
  for (const name of join.inputs) {
    const count = elementCount(e.shape(name));
    const start = first;
    if (numbers.length === count && numbers.every((v, i) => v === start + i)) {
      e.reshape(name, e.shape(node.outputs[0]!), node.outputs[0]!);
      return true;
    }
    first += count;
  }
  return false;
}

/** Moves that together keep the order: one reshaping of what the first of them reads. */
function takeWhole(e: Expansion, graph: Graph, uses: Uses, node: Node): boolean {
  const chain = chainOf(graph, uses, node);
  if (chain.length < 2 || picking.has(node.operator)) return false;
  if (!numbersBehind(graph, chain).every((v, i) => v === i)) return false;
  e.reshape(chain[0]!.inputs[0]!, e.shape(node.outputs[0]!), node.outputs[0]!);
  return true;
}
