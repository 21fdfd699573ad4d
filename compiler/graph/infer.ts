/** Shape inference. In: a node or a graph. Out: the types that the operator table gives, or located diagnostics. */

import {
  collect,
  type Diagnostic,
  fail,
  type Result,
  succeed,
  type Tensor,
  unwrap,
} from '../../base/index.js';
import { attributeFaults, readAttributes } from './attributes.js';
import { badArity, badAttribute, badInputs, undefinedValue, unknownOperator } from './diagnostics.js';
import { OperatorRefusal, type OperatorSpec } from './operator.js';
import { lookupOperator } from './table.js';
import type { Graph, Node, TensorType, Value } from './types.js';

/** `float32[1, 3, 8, 8]`. */
export function printType({ element, shape }: TensorType): string {
  return `${element}[${shape.join(', ')}]`;
}

export function sameType(a: TensorType, b: TensorType): boolean {
  return (
    a.element === b.element && a.shape.length === b.shape.length && a.shape.every((v, i) => v === b.shape[i])
  );
}

/** The type of a tensor. */
export function typeOf({ element, shape }: Tensor): TensorType {
  return { element, shape };
}

/**
 * The types of the node's outputs (as many as the node names).
 * @param inputs one type per entry of `node.inputs`; undefined for an absent optional input.
 */
export function inferNode(
  network: string,
  node: Node,
  inputs: readonly (TensorType | undefined)[],
): Result<readonly TensorType[]> {
  const spec = lookupOperator(node.operator);
  if (spec === undefined) return fail(unknownOperator(network, node));
  const faults = [...checkArity(network, node, spec), ...checkAttributes(network, node, spec)];
  if (faults.length > 0) return fail(...faults);
  try {
    const types = spec.infer({ inputs, attributes: readAttributes(spec.attributes, node.attributes) });
    if (types.length >= node.outputs.length) return succeed(types.slice(0, node.outputs.length));
    return fail(badArity(network, node, `gives ${types.length} outputs at most, not ${node.outputs.length}`));
  } catch (error) {
    if (error instanceof OperatorRefusal) return fail(badInputs(network, node, error.message));
    throw error;
  }
}

function checkArity(network: string, node: Node, spec: OperatorSpec): Diagnostic[] {
  const { min, max } = spec.inputs;
  const count = node.inputs.length;
  const missing = node.inputs.slice(0, min).includes('');
  if (count >= min && count <= max && !missing) return [];
  const range =
    min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`;
  const found = missing ? 'and a required one is absent' : `not ${count}`;
  return [badArity(network, node, `takes ${range} inputs, ${found}`)];
}

function checkAttributes(network: string, node: Node, spec: OperatorSpec): Diagnostic[] {
  return attributeFaults(spec.attributes, node.attributes).map((fault) => badAttribute(network, node, fault));
}

/**
 * The same graph with the type of every node output recomputed from the inputs and constants.
 * Fails with the diagnostics of the nodes that do not fit (nodes that follow a failed one are not judged).
 */
export function inferShapes(graph: Graph): Result<Graph> {
  const values = new Map<string, Value>();
  for (const [name, value] of graph.values) {
    if (value.constant !== undefined || graph.inputs.includes(name)) values.set(name, value);
  }
  const diagnostics: Diagnostic[] = [];
  const poisoned = new Set<string>();
  for (const node of graph.nodes) {
    const result = collect(() => inferInto(graph, node, values, poisoned));
    if (result.ok) continue;
    diagnostics.push(...result.diagnostics);
    for (const output of node.outputs) poisoned.add(output);
  }
  return diagnostics.length > 0 ? fail(...diagnostics) : succeed({ ...graph, values });
}

function inferInto(graph: Graph, node: Node, values: Map<string, Value>, poisoned: Set<string>): void {
  if (node.inputs.some((name) => poisoned.has(name))) {
    for (const output of node.outputs) poisoned.add(output);
    return;
  }
  const inputs = node.inputs.map((name) => {
    if (name === '') return undefined;
    const value = values.get(name);
    return value?.type ?? unwrap<TensorType>(fail(undefinedValue(graph.name, node, name)));
  });
  const types = unwrap(inferNode(graph.name, node, inputs));
  node.outputs.forEach((name, index) => {
    if (name !== '') values.set(name, { ...graph.values.get(name), name, type: types[index]! });
  });
}
