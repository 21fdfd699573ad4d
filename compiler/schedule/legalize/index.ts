/**
 * Integer graph -> the operators that the machine has: IntegerConv (dense or depthwise), the pools, IntegerAdd, IntegerRescale,
 * slot-aligned Concat, and shape operators that move nothing. In order:
 *
 *     matmulToConv     before normalizeConv, which sees to its kernels
 *     normalizeConv    groups and one-dimensional kernels
 *     composePicks, absorbBehind, absorbInFront
 *                      picks of channels become part of weights that are already normal
 *     foldNarrowInput  after them: it looks at dense kernels
 *     selectChannels   Gather and Slice of channels: convolutions, already normal
 *     alignConcat      likewise
 *     splitPool        pools of whole pictures that are too long
 *     copyOutputs      every graph output gets a tensor of its own
 *     dropUnused       shape operators whose reader was rewritten
 */

import { type Diagnostic, fail, integerBits, type Result, succeed } from '../../../base/index.js';
import { activationElement, type Machine, weightElement } from '../../../models/machine/index.js';
import type { Graph, Node } from '../../graph/index.js';
import {
  constantOperand,
  notActivation,
  placeOfNode,
  unsupportedOperator,
  weightType,
} from '../diagnostics.js';
import { alignConcat } from './concat.js';
import { normalizeConv } from './conv.js';
import { foldNarrowInput } from './fold.js';
import { matmulToConv } from './matmul.js';
import { absorbBehind, absorbInFront, composePicks } from './picks.js';
import { splitPool } from './pool.js';
import { copyStage, type NodeRewrite, rewriteNodes } from './rewrite.js';
import { selectChannels } from './select.js';
import { aliasesOf, keepsOrder, pictureShape } from './shapes.js';

export { type Corner, cornerOfSlice, cornersOfJoin, joinsPixels } from './corner.js';
export { aliasesOf, pictureShape } from './shapes.js';

const rules: readonly NodeRewrite[] = [
  matmulToConv,
  normalizeConv,
  composePicks,
  absorbBehind,
  absorbInFront,
  foldNarrowInput,
  selectChannels,
  alignConcat,
  splitPool,
];

/** Rewrites an integer graph for a machine; error diagnostics name the node that stands in the way. */
export function legalize(graph: Graph, machine: Machine): Result<Graph> {
  let current = graph;
  const diagnostics: Diagnostic[] = [];
  for (const rule of rules) {
    const step = rewriteNodes(current, machine, rule);
    current = step.graph;
    diagnostics.push(...step.diagnostics);
  }
  if (diagnostics.some((d) => d.severity === 'error')) return fail(...diagnostics);
  current = dropUnused(copyOutputs(current, machine));
  const stuck = [
    ...[...current.inputs, ...current.nodes.flatMap((node) => node.outputs)].flatMap((v) =>
      checkValue(current, machine, v),
    ),
    ...current.nodes.flatMap((node) => [
      ...movingReshape(current, node),
      ...constantOperands(current, node),
      ...wideWeights(current, machine, node),
    ]),
  ];
  if (stuck.length > 0) return fail(...diagnostics, ...stuck);
  return succeed(current, diagnostics);
}

/** A graph output that is another name of an input or of another output becomes a copy. */
function copyOutputs(graph: Graph, machine: Machine): Graph {
  const aliases = aliasesOf(graph);
  const taken = new Set(graph.inputs);
  const copies = new Set<string>();
  for (const name of graph.outputs) {
    const home = aliases.get(name) ?? name;
    if (taken.has(home)) copies.add(name);
    taken.add(home);
  }
  const attributes = { ...copyStage(machine), bias: [0] };
  const nodes = graph.nodes.map((node) =>
    copies.has(node.outputs[0]!) && aliases.has(node.outputs[0]!)
      ? { ...node, operator: 'IntegerRescale', inputs: [node.inputs[0]!], attributes }
      : node,
  );
  return { ...graph, nodes };
}

function dropUnused(graph: Graph): Graph {
  const used = new Set(graph.outputs);
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => used.has(name))) continue;
    kept.unshift(node);
    for (const input of node.inputs) used.add(input);
  }
  return { ...graph, nodes: kept };
}

/** Shape operators that would have to move elements between channels and pixels. */
function movingReshape(graph: Graph, node: Node): readonly Diagnostic[] {
  const shape = (name: string) => graph.values.get(name)?.type.shape ?? [];
  const shapeOperator = keepsOrder(node, shape(node.inputs[0]!)) || node.operator === 'Transpose';
  if (!shapeOperator || aliasesOf(graph).has(node.outputs[0]!)) return [];
  const why = `[${shape(node.inputs[0]!)}] to [${shape(node.outputs[0]!)}] moves elements between channels and pixels`;
  const hint =
    'only a matrix product may follow such a reshaping; otherwise keep pictures, channels and pixels apart';
  return [unsupportedOperator(placeOfNode(graph.name, node), node.operator, why, hint)];
}

function checkValue(graph: Graph, machine: Machine, name: string): readonly Diagnostic[] {
  const type = graph.values.get(name)?.type;
  if (type === undefined) return [];
  const element = activationElement(machine);
  const fine = type.element === element && pictureShape(type.shape) !== undefined;
  return fine ? [] : [notActivation(graph.name, name, { type: `${type.element}[${type.shape}]`, element })];
}

/** Weights that the machine does not hold: narrower ones are fine. */
function wideWeights(graph: Graph, machine: Machine, node: Node): readonly Diagnostic[] {
  if (node.operator !== 'IntegerConv') return [];
  const element = graph.values.get(node.inputs[1]!)?.type.element;
  const limit = weightElement(machine);
  if (element === undefined || integerBits(element) <= integerBits(limit)) return [];
  return [weightType(placeOfNode(graph.name, node), element, limit)];
}

const streamsAll: ReadonlySet<string> = new Set(['IntegerAdd', 'IntegerMul', 'Concat', 'IntegerInterleave']);

/** Operands that the machine streams from DRAM: all of an add and of what joins, the first of the others. */
function constantOperands(graph: Graph, node: Node): readonly Diagnostic[] {
  const all = streamsAll.has(node.operator);
  const streamed = all ? node.inputs : node.inputs.slice(0, 1);
  return streamed
    .filter((name) => graph.values.get(name)?.constant !== undefined)
    .map((name) => constantOperand(placeOfNode(graph.name, node), node.operator, name));
}
