/**
 * Input-stationary: which layers keep their activations in the array and stream their weights. In: a legal graph and a Machine. Out: parts of the
 * graph that can be computed with pixels and channels exchanged, and for each other layer with weights the reason.
 *
 * A product Y = X W is computed as Y' = W' X' with the machine's own instructions: tiles of X' (channels down, pixels across) rest in the array in
 * the weights' place, a row of W' an output channel streams through it, and Y' comes out as X' lies (an act row a channel, pixels in lanes). So
 * layers of this kind follow one another without moving anything, but nothing on the machine turns X into X'. Exchanged are therefore parts of the
 * graph between its inputs and outputs, which the host packs: 1 x 1 convolutions, matrix products, sums and rescalings that are alike for all channels.
 */

import type { Machine } from '../../models/machine/index.js';
import type { Graph, Node } from '../graph/index.js';
import type { Placement } from './placement.js';
import { refusedOperand } from './product.js';
import { numberOf, numbersOf } from './stage.js';

/** A part of a graph that meets the others only in inputs and outputs of the network. */
export interface ExchangePart {
  readonly nodes: readonly Node[];
  /** Stored values of it. */
  readonly values: ReadonlySet<string>;
}

export interface ExchangeParts {
  readonly parts: readonly ExchangePart[];
  /** Why a layer with weights is in none of them, by node. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Whether a machine can keep activations in its array at all: it was asked for. */
export function canExchange({ array, vector }: Machine): boolean {
  return array.dataflow !== 'output-stationary' && vector.functions.includes('row-parameters');
}

/** The parts of a legal graph; none on a machine that cannot exchange. */
export function exchangeParts(graph: Graph, machine: Machine, placement: Placement): ExchangeParts {
  const refused = new Map<string, string>();
  if (!canExchange(machine)) return { parts: [], refused };
  const operand = refusedOperand(machine);
  const parts: ExchangePart[] = [];
  for (const part of connectedParts(graph, placement)) {
    const layers = part.nodes.filter(({ operator }) => operator === 'IntegerConv');
    const reasons = new Map(part.nodes.map((node) => [node, refusal(graph, node)]));
    const first = part.nodes.find((node) => reasons.get(node) !== undefined);
    const whole =
      operand ?? (first && `its activations meet those of ${first.name}, where ${reasons.get(first)}`);
    if (whole === undefined) {
      if (layers.length > 0) parts.push(part);
      continue;
    }
    for (const node of layers) refused.set(node.name, operand ?? reasons.get(node) ?? whole);
  }
  return { parts, refused };
}

/** Nodes and the stored values that they share, constants aside. */
function connectedParts(graph: Graph, placement: Placement): readonly ExchangePart[] {
  const parts: { nodes: Node[]; values: Set<string> }[] = [];
  for (const node of graph.nodes) {
    const values = [...node.inputs, ...node.outputs].filter((name) => placement.isStored(name));
    const homes = new Set(values.map((name) => placement.home(name)));
    const met = parts.filter((part) => [...homes].some((name) => part.values.has(name)));
    const joined = {
      nodes: [...met.flatMap(({ nodes }) => nodes), node],
      values: new Set([...met.flatMap((part) => [...part.values]), ...homes]),
    };
    for (const part of met) parts.splice(parts.indexOf(part), 1);
    parts.push(joined);
  }
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const inOrder = (nodes: readonly Node[]) =>
    nodes
      .filter(({ outputs }) => placement.home(outputs[0]!) === outputs[0])
      .sort((a, b) => position.get(a)! - position.get(b)!);
  return parts.map(({ nodes, values }) => ({ nodes: inOrder(nodes), values }));
}

/** Why a node cannot be computed with pixels and channels exchanged. */
function refusal(graph: Graph, node: Node): string | undefined {
  switch (node.operator) {
    case 'IntegerAdd':
      return undefined;
    case 'IntegerRescale': {
      const alike = ['bias', 'multiplier', 'shift'].every((name) => numbersOf(node, name, [0]).length === 1);
      return alike ? undefined : 'channels have scales of their own';
    }
    case 'IntegerConv':
      return convRefusal(graph, node);
    default:
      return `${node.operator} takes channels by lanes`;
  }
}

function convRefusal(graph: Graph, node: Node): string | undefined {
  if (numberOf(node, 'group', 1) > 1) return 'channels are in groups';
  const [, , height = 1, width = 1] = graph.values.get(node.inputs[1]!)!.type.shape;
  if (height * width > 1) return `a kernel of ${height} x ${width} takes pixels of several lanes`;
  const plain = (name: string, value: number) => numbersOf(node, name, [value]).every((n) => n === value);
  if (!plain('strides', 1)) return 'a stride leaves pixels out';
  return plain('pads', 0) ? undefined : 'padding moves pixels to other lanes';
}
