/** Sizes of a graph: multiply-accumulates and parameters. */

import { elementCount } from '../../base/index.js';
import { readAttributes } from './attributes.js';
import { lookupOperator } from './table.js';
import type { Graph, Node, TensorType } from './types.js';

/** Multiply-accumulates of one evaluation of the node; 0 for operators that do none. */
export function nodeMacs(graph: Graph, node: Node): number {
  const spec = lookupOperator(node.operator);
  if (spec?.macs === undefined) return 0;
  const typeOfName = (name: string): TensorType | undefined => graph.values.get(name)?.type;
  return spec.macs({
    inputs: node.inputs.map(typeOfName),
    outputs: node.outputs.map((name) => typeOfName(name)!),
    attributes: readAttributes(spec.attributes, node.attributes),
  });
}

/** Multiply-accumulates of one evaluation of the graph. */
export function graphMacs(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + nodeMacs(graph, node), 0);
}

/** Elements of all constants that nodes read: the trained parameters (shape constants live in attributes). */
export function graphParameters(graph: Graph): number {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  let count = 0;
  for (const { name, constant } of graph.values.values()) {
    if (constant !== undefined && read.has(name)) count += elementCount(constant.shape);
  }
  return count;
}
