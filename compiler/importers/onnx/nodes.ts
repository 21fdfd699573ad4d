/** The nodes of a graph or of a body, mapped one after the other. In: nodes in order. Out: what the builder got, and the faults. */

import { collect, type Diagnostic, fail } from '../../../base/index.js';
import type { OnnxGraph } from '../wire/index.js';
import { type Import, OnnxCall } from './call.js';
import { unmappedOperator } from './diagnostics.js';
import type { PlacedNode } from './order.js';

/** Gives every node a unique name: its own, or one made of operator and position. `taken` gets the names. */
export function placeNodes(network: string, graph: OnnxGraph, taken: Set<string>, prefix = ''): PlacedNode[] {
  return graph.node.map((node, index) => {
    const own = node.name !== '' && !taken.has(prefix + node.name);
    let name = prefix + (own ? node.name : `${node.opType}_${index}`);
    while (taken.has(name)) name += '_';
    taken.add(name);
    return { node, place: { network, node: name, operator: node.opType } };
  });
}

/** A diagnostic for every node that has no mapping. */
export function checkMapped(lookup: Import['lookup'], nodes: readonly PlacedNode[]): Diagnostic[] {
  const unmapped = nodes.filter(({ node }) => lookup(node.domain, node.opType) === undefined);
  return unmapped.map(({ node, place }) => unmappedOperator(place, node.domain));
}

/** Maps the nodes in order. Nodes that depend on a refused one are passed over: their faults would be its. */
export function readNodes(shared: Import, nodes: readonly PlacedNode[]): Diagnostic[] {
  const lost = new Set<string>();
  return nodes.flatMap(({ node, place }) => {
    const result = node.input.some((name) => lost.has(name))
      ? fail()
      : collect(() => shared.lookup(node.domain, node.opType)!(new OnnxCall(shared, node, place)));
    if (result.ok) return [];
    for (const name of node.output) lost.add(name);
    return result.diagnostics;
  });
}
