/** The GraphDef importer. In: the bytes of a frozen graph. Out: a graph with channels-first convolutions, or diagnostics. */

import { collect, type Result, unwrap } from '../../../base/index.js';
import type { Graph } from '../../graph/index.js';
import { decodeGraphDef, type TensorflowGraph } from '../wire/index.js';
import { inlineFunctions } from './functions.js';
import { importNodes, type NodesOptions } from './nodes.js';

export interface ImportGraphDefOptions {
  /** What graph and diagnostics call the network; default `network`. */
  readonly name?: string;
  /** Concrete shapes of placeholders, by name, in the file's layout. An unknown first extent is otherwise 1. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** Reads a frozen GraphDef; its outputs are the nodes that nothing reads. Never throws for a bad file. */
export function importGraphDef(bytes: Uint8Array, options: ImportGraphDefOptions = {}): Result<Graph> {
  const name = options.name ?? 'network';
  const graph = decodeGraphDef(bytes, name);
  if (!graph.ok) return graph;
  return importTensorflowGraph(graph.value, { name, shapes: options.shapes ?? {} });
}

/** A graph with the library of its functions; inputs and outputs may have names of their own. Never throws for a bad graph. */
export function importTensorflowGraph(graph: TensorflowGraph, options: NodesOptions): Result<Graph> {
  return collect(() => {
    const { nodes, resolve } = inlineFunctions(graph, options.name);
    const outputs = options.outputs?.map((output) => ({ ...output, source: resolve(output.source) }));
    return unwrap(importNodes(nodes, { ...options, ...(outputs && { outputs }) }));
  });
}
