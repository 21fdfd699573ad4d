/** remove-identities: operators that pass their input on unchanged. */

import { type Graph, type Node, sameType } from '../graph/index.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';

/** Operators that are the identity whenever the output has the type of the input. */
const renaming = new Set([
  'Identity',
  'Dropout',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Cast',
  'Expand',
  'Slice',
]);

/**
 * Whether the output equals the first input, element for element. A slice of unchanged shape could still be a reversal;
 * a transpose of equal extents is not an identity.
 */
function isIdentity(graph: Graph, node: Node): boolean {
  const [from, to] = [graph.values.get(node.inputs[0] ?? ''), graph.values.get(node.outputs[0]!)];
  if (from === undefined || to === undefined || node.outputs.length !== 1) return false;
  if (!sameType(from.type, to.type)) return false;
  if (node.operator === 'Concat') return node.inputs.length === 1;
  if (node.operator === 'Transpose') return isOrdered(node.attributes.perm);
  if (node.operator === 'Slice')
    return !Array.isArray(node.attributes.steps) || node.attributes.steps.every((s) => s > 0);
  if (node.operator === 'Pad')
    return Array.isArray(node.attributes.pads) && node.attributes.pads.every((p) => p === 0);
  return renaming.has(node.operator);
}

function isOrdered(perm: unknown): boolean {
  return Array.isArray(perm) && perm.length > 0 && perm.every((axis, index) => axis === index);
}

export const removeIdentities: Pass = {
  name: 'remove-identities',
  summary: 'drops Identity, Dropout and reshapes, casts, slices, pads and transposes that change nothing',
  run: (graph) => {
    const alias = new Map<string, string>();
    const outputs = new Set(graph.outputs);
    const nodes: Node[] = [];
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((name) => alias.get(name) ?? name);
      // A graph output keeps its name, so an identity that makes one stays.
      if (isIdentity(graph, node) && !outputs.has(node.outputs[0]!)) alias.set(node.outputs[0]!, inputs[0]!);
      else nodes.push({ ...node, inputs });
    }
    return renameOutputs(removeUnused.run({ ...graph, nodes }));
  },
};

/** An identity whose result is a graph output: its producer computes the output directly when nobody else reads it. */
function renameOutputs(graph: Graph): Graph {
  const rename = new Map<string, string>();
  const outputs = new Set(graph.outputs);
  const kept = graph.nodes.filter((node) => {
    const [from, to] = [node.inputs[0]!, node.outputs[0]!];
    const computed = graph.nodes.some((other) => other.outputs.includes(from));
    if (!isIdentity(graph, node) || !computed || outputs.has(from) || rename.has(from)) return true;
    rename.set(from, to);
    return false;
  });
  const renamed = (names: readonly string[]): string[] => names.map((name) => rename.get(name) ?? name);
  const nodes = kept.map((node) => ({
    ...node,
    inputs: renamed(node.inputs),
    outputs: renamed(node.outputs),
  }));
  return removeUnused.run({ ...graph, nodes });
}
