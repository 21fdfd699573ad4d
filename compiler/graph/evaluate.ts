/** The golden meaning of a graph. In: a verified graph and its input tensors. Out: tensors, by value name. */

import { DiagnosticError, InternalError, invariant, type Tensor } from '../../base/index.js';
import { readAttributes } from './attributes.js';
import { badFeed, badInputs } from './diagnostics.js';
import { printType, sameType, typeOf } from './infer.js';
import { OperatorRefusal } from './operator.js';
import { lookupOperator } from './table.js';
import type { Graph, Node, TensorType } from './types.js';

export interface EvaluateOptions {
  /** `outputs` (default): the graph's outputs only; `all`: every value that a node computes, and the inputs. */
  readonly keep?: 'outputs' | 'all';
}

/**
 * Evaluates every node in order.
 * @param inputs one tensor per graph input, of exactly the stated type.
 * @throws DiagnosticError when an input is missing or has another type, or a value does not fit its operator.
 */
export function evaluateGraph(
  graph: Graph,
  inputs: ReadonlyMap<string, Tensor>,
  { keep = 'outputs' }: EvaluateOptions = {},
): Map<string, Tensor> {
  const tensors = feed(graph, inputs);
  const lastUse = keep === 'outputs' ? lastUses(graph) : new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    const results = evaluateNode(
      graph.name,
      node,
      node.inputs.map((name) => readValue(graph, tensors, name)),
      node.outputs.map((name) => graph.values.get(name)?.type),
    );
    node.outputs.forEach((name, output) => {
      if (name !== '') tensors.set(name, results[output]!);
    });
    // Large networks: a tensor is dropped once its last reader has run.
    for (const name of node.inputs) if (lastUse.get(name) === index) tensors.delete(name);
  });
  if (keep === 'all') return tensors;
  return new Map(graph.outputs.map((name) => [name, readValue(graph, tensors, name)!]));
}

/**
 * Evaluates one node; `outputs` are its inferred types.
 * @throws DiagnosticError when the values themselves do not fit, such as an index beyond its axis.
 */
export function evaluateNode(
  network: string,
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  outputs: readonly (TensorType | undefined)[],
): readonly Tensor[] {
  const spec = lookupOperator(node.operator);
  invariant(spec !== undefined, `operator ${node.operator} passed verification but is not in the table`);
  const attributes = readAttributes(spec.attributes, node.attributes);
  const types = outputs.every((type) => type !== undefined)
    ? (outputs as readonly TensorType[])
    : spec.infer({ inputs: inputs.map((t) => t && typeOf(t)), attributes });
  try {
    return spec.evaluate({ inputs, attributes, outputs: types });
  } catch (error) {
    if (error instanceof OperatorRefusal)
      throw new DiagnosticError([badInputs(network, node, error.message)]);
    throw error;
  }
}

function feed(graph: Graph, inputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const faults = graph.inputs.flatMap((name) => {
    const given = inputs.get(name);
    const type = graph.values.get(name)!.type;
    if (given === undefined) return [badFeed(graph.name, name, `no tensor was given for the input`)];
    if (sameType(typeOf(given), type)) return [];
    return [badFeed(graph.name, name, `the input is ${printType(type)}, the tensor ${printType(given)}`)];
  });
  if (faults.length > 0) throw new DiagnosticError(faults);
  return new Map(graph.inputs.map((name) => [name, inputs.get(name)!]));
}

function readValue(graph: Graph, tensors: ReadonlyMap<string, Tensor>, name: string): Tensor | undefined {
  if (name === '') return undefined;
  const found = tensors.get(name) ?? graph.values.get(name)?.constant;
  if (found === undefined) throw new InternalError(`value "${name}" is read before it is computed`);
  return found;
}

/** Index of the last node that reads each computed value; graph outputs are never dropped. */
function lastUses(graph: Graph): Map<string, number> {
  const last = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.inputs) last.set(name, index);
  });
  for (const name of graph.outputs) last.delete(name);
  return last;
}
