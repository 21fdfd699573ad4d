/**
 * The matrix product that a node of the network graph is. In: a node that multiplies and accumulates. Out: m, n, k and groups of one
 * sample with the node's own count of multiply-accumulates: m * n * k * groups * batch is that count wherever the node is one product.
 */

import { elementCount } from '../../base/index.js';
import {
  type Graph,
  lookupOperator,
  type Node,
  nodeMacs,
  readAttributes,
} from '../../compiler/graph/index.js';
import type { Kernel } from '../../models/devices/index.js';

type Product = Pick<Kernel, 'kind' | 'm' | 'n' | 'k' | 'groups' | 'macs' | 'kernel' | 'strides'>;

const plain = { kernel: [1, 1], strides: [1, 1] } as const;

/** @param batch samples of one evaluation. */
export function productOf(graph: Graph, node: Node, batch: number): Product {
  const macs = nodeMacs(graph, node) / batch;
  switch (node.operator) {
    case 'Conv':
    case 'ConvInteger':
    case 'IntegerConv':
      return convolution(graph, node, { macs, batch, weights: 1 });
    case 'QLinearConv':
      return convolution(graph, node, { macs, batch, weights: 3 });
    case 'ConvTranspose':
      return transposed(graph, node, macs, batch);
    case 'RNN':
    case 'GRU':
    case 'LSTM':
      return recurrent(graph, node, macs);
    case 'Attention':
    case 'Einsum':
      return whole(graph, node, macs, batch);
    default:
      return matrices(graph, node, macs, batch);
  }
}

const shapeOf = (graph: Graph, name: string): readonly number[] => graph.values.get(name)?.type.shape ?? [];

interface Window {
  readonly macs: number;
  readonly batch: number;
  /** Which input holds the weights [O, I / groups, ...]. */
  readonly weights: number;
}

function convolution(graph: Graph, node: Node, { macs, batch, weights }: Window): Product {
  const weight = shapeOf(graph, node.inputs[weights]!);
  const output = shapeOf(graph, node.outputs[0]!);
  const channels = weight[0]!;
  const k = elementCount(weight.slice(1));
  const groups = groupsOf(node);
  const depthwise = groups > 1 && weight[1] === 1;
  return {
    kind: depthwise ? 'depthwise' : 'convolution',
    m: elementCount(output) / channels / batch,
    n: channels / groups,
    k,
    groups,
    macs,
    kernel: pair(weight.slice(2)),
    strides: pair(stridesOf(node)),
  };
}

/** Every input pixel times all of a kernel's elements: a product of the pixels with [I, O / groups * kernel]. */
function transposed(graph: Graph, node: Node, macs: number, batch: number): Product {
  const weight = shapeOf(graph, node.inputs[1]!);
  const input = shapeOf(graph, node.inputs[0]!);
  const groups = groupsOf(node);
  return {
    kind: 'convolution',
    m: elementCount(input) / input[1]! / batch,
    n: elementCount(weight.slice(1)),
    k: weight[0]! / groups,
    groups,
    macs,
    kernel: pair(weight.slice(2)),
    strides: pair(stridesOf(node)),
  };
}

/** Gates of all steps: one row of products a step and sample; steps wait for one another, which a device's model may know. */
function recurrent(graph: Graph, node: Node, macs: number): Product {
  const weights = [1, 2].map((i) => shapeOf(graph, node.inputs[i]!));
  const directions = weights[0]![0] ?? 1;
  const n = weights[0]![1] ?? 1;
  const k = (weights[0]![2] ?? 1) + (weights[1]![2] ?? 1);
  return { kind: 'matmul', m: macs / (n * k * directions), n, k, groups: directions, macs, ...plain };
}

/** Several products in one node (scores and values of attention), as one with the same count. */
function whole(graph: Graph, node: Node, macs: number, batch: number): Product {
  const output = shapeOf(graph, node.outputs[0]!);
  const n = Math.max(1, output.at(-1) ?? 1);
  const m = Math.max(1, elementCount(output) / n / batch);
  return { kind: 'matmul', m, n, k: macs / (m * n), groups: 1, macs, ...plain };
}

/** A[..., m, k] B[..., k, n]: with B a constant matrix all rows are one product, with B activations each leading index is. */
function matrices(graph: Graph, node: Node, macs: number, batch: number): Product {
  const output = shapeOf(graph, node.outputs[0]!);
  const n = Math.max(1, output.at(-1) ?? 1);
  const rows = Math.max(1, elementCount(output) / n / batch);
  const right = node.inputs[node.operator === 'QLinearMatMul' ? 3 : 1]!;
  const leading = elementCount(shapeOf(graph, right).slice(0, -2));
  const constant = graph.values.get(right)?.constant !== undefined;
  const groups = constant ? leading : Math.max(1, Math.round(leading / batch));
  const m = rows / groups;
  return { kind: 'matmul', m, n, k: macs / (m * n * groups), groups, macs, ...plain };
}

function attributesOf(node: Node) {
  return readAttributes(lookupOperator(node.operator)!.attributes, node.attributes);
}

function groupsOf(node: Node): number {
  return 'group' in lookupOperator(node.operator)!.attributes ? attributesOf(node).number('group') : 1;
}

function stridesOf(node: Node): readonly number[] {
  return 'strides' in lookupOperator(node.operator)!.attributes ? attributesOf(node).numbers('strides') : [];
}

function pair(extents: readonly number[]): readonly [number, number] {
  if (extents.length === 0) return [1, 1];
  return extents.length === 1 ? [1, extents[0]!] : [extents[0]!, extents[1]!];
}
