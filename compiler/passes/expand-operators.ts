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

const rules: Readonly<Record<string, Rule>> = {
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
    const expanded = expand(graph);
    if (expanded === graph) return graph;
    return foldBatchNormalization.run(removeUnused.run(sinkIntoPhases(expanded)));
  },
};

function expand(graph: Graph): Graph {
  const expansion = new Expansion(graph);
  let changed = false;
  for (const node of graph.nodes) {
    expansion.begin(node);
    const done = rules[node.operator]?.(expansion, node) ?? false;
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

/** What follows an Interleave alone, and works pixel by pixel, is done to its parts. */
function sinkIntoPhases(graph: Graph): Graph {
  const uses = usesOf(graph);
  for (const node of graph.nodes) {
    const weave = uses.producer(node.inputs[0] ?? '');
    if (weave?.operator !== 'Interleave' || !sinking.has(node.operator)) continue;
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
    return sinkIntoPhases(expansion.graph());
  }
  return graph;
}
