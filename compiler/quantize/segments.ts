/**
 * A quantised network as alternating work of the host and the accelerator. In: a QuantizedNetwork. Out: its segments, integer graphs
 * with integer ends, each with a program of its own; and one host step more than segments: what the host computes before the first,
 * between them, and after the last. Every node is placed as early as its operands allow.
 */

import type { ElementType, Tensor } from '../../base/index.js';
import { evaluateGraph, type Graph, type Node } from '../graph/index.js';
import type { QuantizedNetwork, Sample } from './types.js';

const activationTypes: ReadonlySet<ElementType> = new Set(['int4', 'int8', 'int16']);

export interface SegmentPlan {
  /** What the accelerator computes, in order; none where everything runs on the host. */
  readonly segments: readonly Graph[];
  /** `host[k]` runs before segment k, the last one after all; each may be empty. */
  readonly host: readonly (readonly Node[])[];
}

/** Cuts a network into segments. The first evaluation that a node could belong to is the one that it belongs to. */
export function segmentPlan({ graph }: QuantizedNetwork): SegmentPlan {
  const nodes: Node[][] = [];
  const host: Node[][] = [[]];
  /** Number of segments that must have run before a value of the host exists; the segment that makes one of the accelerator. */
  const made = new Map<string, number>();
  const computed = new Set<string>();
  for (const node of graph.nodes) {
    const body = inBody(graph, node);
    const at = Math.max(
      0,
      ...node.inputs.map((name) => (made.get(name) ?? 0) + (!body && computed.has(name) ? 1 : 0)),
    );
    const lists = body ? nodes : host;
    lists[at] = [...(lists[at] ?? []), node];
    for (const output of node.outputs) {
      made.set(output, at);
      if (body) computed.add(output);
    }
  }
  return {
    segments: nodes.map((list) => segmentGraph(graph, list)),
    host: Array.from({ length: nodes.length + 1 }, (_, step) => host[step] ?? []),
  };
}

/** What moves integers as it moves floats; every other operator that the accelerator has is called Integer... */
const moves: ReadonlySet<string> = new Set([
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Identity', 'Slice', 'Concat', 'Gather'],
]);

/** Has an integer form, takes integers of the machine and gives them. */
function inBody(graph: Graph, node: Node): boolean {
  const isInteger = (name: string) => activationTypes.has(graph.values.get(name)?.type.element ?? 'string');
  return (
    node.outputs.every(isInteger) &&
    (node.operator.startsWith('Integer') || moves.has(node.operator)) &&
    node.inputs.every(
      (name) => name === '' || graph.values.get(name)!.constant !== undefined || isInteger(name),
    )
  );
}

/** Some of the nodes as a graph: its inputs are what they read of others, its outputs what others read. */
function segmentGraph(graph: Graph, nodes: readonly Node[]): Graph {
  const own = new Set(nodes);
  const computed = new Set(nodes.flatMap((node) => node.outputs));
  const activation = (name: string) => name !== '' && graph.values.get(name)!.constant === undefined;
  const inputs = new Set(
    nodes.flatMap((node) => node.inputs.filter((name) => activation(name) && !computed.has(name))),
  );
  const readOutside = new Set(graph.nodes.filter((node) => !own.has(node)).flatMap((node) => node.inputs));
  const outputs = [...computed].filter((name) => readOutside.has(name) || graph.outputs.includes(name));
  return subgraph(graph, nodes, [...inputs], outputs);
}

/** A subgraph with the values that it touches. */
export function subgraph(
  graph: Graph,
  nodes: readonly Node[],
  inputs: readonly string[],
  outputs: readonly string[],
): Graph {
  const names = new Set([
    ...inputs,
    ...outputs,
    ...nodes.flatMap((node) => [...node.inputs, ...node.outputs]),
  ]);
  return {
    name: graph.name,
    inputs,
    outputs,
    nodes,
    values: new Map([...graph.values].filter(([name]) => names.has(name))),
  };
}

/** How one segment is computed: from its integer inputs, by name, to its outputs. */
export type SegmentRunner = (
  segment: Graph,
  index: number,
  inputs: ReadonlyMap<string, Tensor>,
) => Promise<ReadonlyMap<string, Tensor>>;

/**
 * Runs a network: the host's steps here, in float, by the evaluation that defines the operators; the segments by `run`.
 * @param sample the network's inputs.
 * @returns every value that the host computes and every segment's results, the network's outputs among them.
 */
export async function runSegments(
  network: QuantizedNetwork,
  sample: Sample,
  run: SegmentRunner,
): Promise<Map<string, Tensor>> {
  const plan = segmentPlan(network);
  const values = new Map(sample);
  for (const [step, nodes] of plan.host.entries()) {
    runHost(network.graph, nodes, values);
    const segment = plan.segments[step];
    if (segment === undefined) break;
    const inputs = new Map(segment.inputs.map((name) => [name, values.get(name)!]));
    for (const [name, tensor] of await run(segment, step, inputs)) values.set(name, tensor);
  }
  return values;
}

/** One step of the host; its results are added to `values`. */
export function runHost(graph: Graph, nodes: readonly Node[], values: Map<string, Tensor>): void {
  if (nodes.length === 0) return;
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const read = new Set(nodes.flatMap((node) => node.inputs.filter((name) => name !== '' && !made.has(name))));
  const inputs = [...read].filter((name) => graph.values.get(name)!.constant === undefined);
  const part = subgraph(graph, nodes, inputs, []);
  const feed = new Map(inputs.map((name) => [name, values.get(name)!]));
  for (const [name, tensor] of evaluateGraph(part, feed, { keep: 'all' })) values.set(name, tensor);
}
