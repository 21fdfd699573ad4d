/** fold-constants: what depends on constants alone is computed now. */

import { elementCount, type Tensor } from '../../base/index.js';
import {
  evaluateNode,
  type Graph,
  type Node,
  nodeMacs,
  type TensorType,
  type Value,
} from '../graph/index.js';
import type { Pass } from './pass.js';

/** Larger results stay nodes: a file must not be able to make the compiler fill the memory. */
const maximumElements = 2 ** 24;
const maximumMacs = 2 ** 28;

/**
 * Whether a node whose inputs are all constant may be replaced by its result. A dequantisation of stored weights stays:
 * the integers and their scales are what the hardware runs, and folding would lose them.
 */
export function isFoldable(node: Node, outputs: readonly TensorType[], macs: number): boolean {
  const elements = outputs.reduce((sum, type) => sum + elementCount(type.shape), 0);
  return node.operator !== 'DequantizeLinear' && elements <= maximumElements && macs <= maximumMacs;
}

export const foldConstants: Pass = {
  name: 'fold-constants',
  summary: 'computes nodes whose inputs are all constant, except dequantisations of stored integers',
  run: (graph) => {
    const values = new Map<string, Value>(graph.values);
    const nodes = graph.nodes.filter((node) => !foldInto(values, graph, node));
    return { ...graph, values, nodes };
  },
};

/** Evaluates the node into `values` when it can be folded; says whether it did. */
function foldInto(values: Map<string, Value>, graph: Graph, node: Node): boolean {
  const inputs: (Tensor | undefined)[] = [];
  for (const name of node.inputs) {
    const constant = name === '' ? undefined : values.get(name)?.constant;
    if (name !== '' && constant === undefined) return false;
    inputs.push(constant);
  }
  const types = node.outputs.filter((name) => name !== '').map((name) => values.get(name)!.type);
  if (!isFoldable(node, types, nodeMacs(graph, node))) return false;
  const results = evaluateNode(
    graph.name,
    node,
    inputs,
    node.outputs.map((name) => values.get(name)?.type),
  );
  node.outputs.forEach((name, index) => {
    if (name !== '') values.set(name, { ...values.get(name)!, constant: results[index]! });
  });
  return true;
}
