/**
 * expand-operators: operators that the accelerator does not have become others that it has, each by a rule of its own. In: a float graph.
 * Out: one of the same meaning; a node that no rule fits stays.
 */

import type { Graph, Node } from '../graph/index.js';
import { Expansion } from './expand/expansion.js';
import { expandNormalization, expandPerChannel, expandPool, expandReduction } from './expand/lines.js';
import { expandMax, expandMin, expandPosition, expandPRelu, expandSub } from './expand/pointwise.js';
import { expandResize } from './expand/resize.js';
import { expandConvTranspose } from './expand/transposed.js';
import { foldBatchNormalization } from './fold-batch-normalization.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { usesOf } from './rewrite.js';

/** Adds nodes that compute the node's outputs, or adds none and says false. */
type Rule = (expansion: Expansion, node: Node) => boolean;

export type Rules = Readonly<Record<string, Rule>>;

const rules: Rules = {
  ConvTranspose: expandConvTranspose,
  Resize: expandResize,
  PRelu: expandPRelu,
  Max: expandMax,
  Min: expandMin,
  Sub: (e, node) => expandSub(e, node) || expandPerChannel(e, node),
  Add: expandPerChannel,
  Mul: expandPerChannel,
  Div: expandPerChannel,
  MaxPool: expandPool,
  AveragePool: expandPool,
  GlobalMaxPool: expandPool,
  GlobalAveragePool: expandPool,
  BatchNormalization: expandNormalization,
  Gather: expandPosition,
  ReduceMean: expandReduction,
  ReduceMax: expandReduction,
  ReduceSum: expandReduction,
};

/** Operators that this pass takes to the accelerator. */
export const expandedOperators: ReadonlySet<string> = new Set(Object.keys(rules));

export const expandOperators: Pass = {
  name: 'expand-operators',
  summary:
    'operators that the accelerator lacks become ones that it has: phases, windows, sums, pictures of one row',
  run: (graph) => {
    const expanded = expandBy(graph, rules);
    if (expanded === graph) return graph;
    return foldBatchNormalization.run(removeUnused.run(sinkIntoPhases(expanded)));
  },
};

/** Planes of a maximum, for which the order of comparing does not matter. */
const maximum: Rule = (e, node) => node.operator.endsWith('Max') && expandReduction(e, node);
const line: Rule = (e, node) => e.shape(node.inputs[0]!).length === 3 && expandReduction(e, node);
const lineOrMaximum: Rule = (e, node) =>
  (e.shape(node.inputs[0]!).length === 3 || node.operator === 'GlobalMaxPool') && expandPool(e, node);

/** What a file that states its integers may be put in terms of: no rule changes where anything is rounded. Means in two windows would. */
export const exactRules: Rules = {
  ConvTranspose: expandConvTranspose,
  Gather: expandPosition,
};

/** Those that need pools and sums. */
export const exactPoolRules: Rules = {
  PRelu: (e, node) => new Set(e.numbers(node.inputs[1])).size === 1 && expandPRelu(e, node),
  Max: expandMax,
  MaxPool: expandPool,
  AveragePool: expandPool,
  GlobalMaxPool: lineOrMaximum,
  GlobalAveragePool: lineOrMaximum,
  ReduceMax: maximum,
  ReduceMean: line,
};

/** The accelerator's operators are of floats; nodes that give integers or truths are the host's. */
function givesFloats(graph: Graph, { outputs }: Node): boolean {
  // The first result of a recurrent node may be one that nobody asked for, which has no name.
  return outputs.every((name) => graph.values.get(name)?.type.element.startsWith('float') ?? true);
}

/** Replaces nodes by rules, by operator. @returns the graph itself where no rule fits. */
export function expandBy(graph: Graph, rules: Rules): Graph {
  const expansion = new Expansion(graph);
  let changed = false;
  for (const node of graph.nodes) {
    expansion.begin(node);
    const done = givesFloats(graph, node) && (rules[node.operator]?.(expansion, node) ?? false);
    if (!done) expansion.keep(node);
    changed ||= done;
  }
  return changed ? expansion.graph() : graph;
}

/** Functions of one value that a phase's convolution takes into its output stage. */
const sinking: ReadonlySet<string> = new Set([
  ...[
    'Relu',
    'Clip',
    'LeakyRelu',
    'Sigmoid',
    'Tanh',
    'Elu',
    'Gelu',
    'Silu',
    'Mish',
    'HardSwish',
    'HardSigmoid',
  ],
  ...['BatchNormalization', 'Function'],
]);

/**
 * What follows an Interleave alone, and works pixel by pixel, is done to its parts.
 * @param sinks whether a node may: each when absent.
 */
export function sinkIntoPhases(graph: Graph, sinks: (node: Node) => boolean = () => true): Graph {
  const uses = usesOf(graph);
  for (const node of graph.nodes) {
    const weave = uses.producer(node.inputs[0] ?? '');
    if (weave?.operator !== 'Interleave' || !sinking.has(node.operator) || !sinks(node)) continue;
    if (uses.isOutput(weave.outputs[0]!) || uses.readers(weave.outputs[0]!).length > 1) continue;
    if (!weave.inputs.every((name) => uses.producer(name)?.operator === 'Conv')) continue;
    const expansion = new Expansion(graph);
    for (const other of graph.nodes) {
      expansion.begin(node);
      if (other === weave) continue;
      if (other !== node) {
        expansion.keep(other);
        continue;
      }
      const parts = weave.inputs.map((name) =>
        expansion.add(node.operator, [name, ...node.inputs.slice(1)], node.attributes),
      );
      expansion.add('Interleave', parts, weave.attributes, node.outputs[0]!);
    }
    return sinkIntoPhases(expansion.graph(), sinks);
  }
  return graph;
}
