/** What rewriting passes share: who reads a value, and renaming. */

import type { Tensor } from '../../base/index.js';
import type { Graph, Node, Value } from '../graph/index.js';

/** Who reads and who computes each value of a graph. */
export interface Uses {
  /** The nodes that read a value. */
  readers(name: string): readonly Node[];
  /** The node that computes a value. */
  producer(name: string): Node | undefined;
  isOutput(name: string): boolean;
}

export function usesOf(graph: Graph): Uses {
  const readers = new Map<string, Node[]>();
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs)) readers.set(name, [...(readers.get(name) ?? []), node]);
    for (const name of node.outputs) producers.set(name, node);
  }
  const outputs = new Set(graph.outputs);
  return {
    readers: (name) => readers.get(name) ?? [],
    producer: (name) => producers.get(name),
    isOutput: (name) => outputs.has(name),
  };
}

/** The constant of a node's input, if it has one. */
export function constantInput(graph: Graph, node: Node, index: number): Tensor | undefined {
  return graph.values.get(node.inputs[index] ?? '')?.constant;
}

/** A name that no value of the graph has. */
export function freshValue(values: ReadonlyMap<string, Value>, stem: string): string {
  let name = stem;
  for (let index = 1; values.has(name); index++) name = `${stem}_${index}`;
  return name;
}

/** Runs one step until it finds nothing more to do. */
export function untilStable(graph: Graph, step: (graph: Graph) => Graph | undefined): Graph {
  let current = graph;
  for (let next = step(current); next !== undefined; next = step(current)) current = next;
  return current;
}
