/** The rules that every graph obeys. In: any graph. Out: every breach, as located diagnostics; none means legal. */

import { type Diagnostic, elementCount } from '../../base/index.js';
import {
  badConstant,
  duplicateNode,
  missingValue,
  redefinedValue,
  typeMismatch,
  undefinedValue,
} from './diagnostics.js';
import { inferNode, printType, sameType, typeOf } from './infer.js';
import type { Graph, Node } from './types.js';

/**
 * Checks that names are unique, that every value is defined before it is read, that operators are in the table and
 * accept their inputs and attributes, and that every stated type is the inferred one.
 */
export function verifyGraph(graph: Graph): Diagnostic[] {
  return [...checkEnds(graph), ...checkConstants(graph), ...checkNodes(graph)];
}

function checkEnds(graph: Graph): Diagnostic[] {
  const missing = (names: readonly string[], role: string): Diagnostic[] =>
    names.filter((name) => !graph.values.has(name)).map((name) => missingValue(graph.name, name, role));
  return [...missing(graph.inputs, 'input'), ...missing(graph.outputs, 'output')];
}

function checkConstants(graph: Graph): Diagnostic[] {
  return [...graph.values.values()].flatMap(({ name, type, constant }) => {
    if (constant === undefined) return [];
    if (!sameType(type, typeOf(constant)))
      return [typeMismatch(graph.name, name, printType(type), printType(typeOf(constant)))];
    if (constant.data.length === elementCount(constant.shape)) return [];
    return [
      badConstant(
        graph.name,
        name,
        `${constant.data.length} elements for a shape of [${constant.shape.join(', ')}]`,
      ),
    ];
  });
}

function checkNodes(graph: Graph): Diagnostic[] {
  const names = new Set<string>();
  const defined = new Set(graph.inputs);
  for (const { name, constant } of graph.values.values()) if (constant !== undefined) defined.add(name);
  return graph.nodes.flatMap((node) => {
    const faults = names.has(node.name) ? [duplicateNode(graph.name, node)] : [];
    names.add(node.name);
    faults.push(...checkUses(graph, node, defined), ...checkTypes(graph, node));
    for (const output of node.outputs) {
      if (output === '') continue;
      if (defined.has(output)) faults.push(redefinedValue(graph.name, node, output));
      defined.add(output);
    }
    return faults;
  });
}

function checkUses(graph: Graph, node: Node, defined: ReadonlySet<string>): Diagnostic[] {
  return node.inputs
    .filter((name) => name !== '' && !defined.has(name))
    .map((name) => undefinedValue(graph.name, node, name));
}

function checkTypes(graph: Graph, node: Node): Diagnostic[] {
  const known = node.inputs.every((name) => name === '' || graph.values.has(name));
  if (!known) return [];
  const inputs = node.inputs.map((name) => graph.values.get(name)?.type);
  const result = inferNode(graph.name, node, inputs);
  if (!result.ok) return [...result.diagnostics];
  const types = result.value;
  return node.outputs.flatMap((name, index) => {
    const stated = graph.values.get(name)?.type;
    if (name === '' || (stated !== undefined && sameType(stated, types[index]!))) return [];
    const said = stated === undefined ? 'nothing' : printType(stated);
    return [typeMismatch(graph.name, name, said, printType(types[index]!))];
  });
}
