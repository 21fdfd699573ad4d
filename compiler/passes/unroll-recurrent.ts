/**
 * unroll-recurrent: LSTM, GRU and RNN become products, sums, functions and products of gates, step by step. In: a float graph. Out: one of the
 * same meaning, in which what reads a single step reads that step's state, and reshapings between two such layers are gone.
 */

import { elementCount, type Tensor, tensor } from '../../base/index.js';
import { evaluateNode, type Graph, type Node } from '../graph/index.js';
import { Expansion } from './expand/expansion.js';
import { expandRecurrent } from './expand/recurrent.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { type Uses, usesOf } from './rewrite.js';

const recurrent: ReadonlySet<string> = new Set(['RNN', 'GRU', 'LSTM']);
const moving: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten']);
const picking: ReadonlySet<string> = new Set(['Gather', 'Slice']);

/** Operators that this pass takes to the accelerator. */
export const unrolledOperators: ReadonlySet<string> = recurrent;

export const unrollRecurrent: Pass = {
  name: 'unroll-recurrent',
  summary: 'LSTM, GRU and RNN become products, sums and functions, step by step',
  run: (graph) => {
    const expansion = new Expansion(graph);
    let changed = false;
    for (const node of graph.nodes) {
      expansion.begin(node);
      const done = recurrent.has(node.operator) && expandRecurrent(expansion, node);
      if (!done) expansion.keep(node);
      changed ||= done;
    }
    return changed ? removeUnused.run(shorten(removeUnused.run(expansion.graph()))) : graph;
  },
};

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
