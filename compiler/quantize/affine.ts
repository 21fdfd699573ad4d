/** Addition and multiplication by constants, per channel. */

import type { Tensor } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';

/** Where the channels of a value lie: axis 1 (pictures) or the last one (rows of a matrix product). */
export type ChannelAxis = 'second' | 'last';

/** The per-channel values of a constant that broadcasts along the channel axis only. */
function perChannel(
  constant: Tensor,
  shape: readonly number[],
  channels: ChannelAxis,
): readonly number[] | undefined {
  const at = channels === 'second' ? 1 : shape.length - 1;
  const extent = shape[at];
  if (extent === undefined || constant.shape.length > shape.length) return undefined;
  const values = Array.from(constant.data as ArrayLike<number>, Number);
  if (values.length === 1) return new Array<number>(extent).fill(values[0]!);
  const missing = shape.length - constant.shape.length;
  const alongChannels = constant.shape.every((size, axis) => size === (axis + missing === at ? extent : 1));
  return alongChannels ? values : undefined;
}

/** The constant that an Add adds to `value` per channel, if that is all it does. */
export function absorbedBias(
  graph: Graph,
  node: Node,
  value: string,
  channels: ChannelAxis,
): readonly number[] | undefined {
  if (node.operator !== 'Add') return undefined;
  const other = node.inputs.find((name) => name !== value);
  const constant = other === undefined ? undefined : graph.values.get(other)?.constant;
  if (constant === undefined) return undefined;
  const shape = graph.values.get(value)!.type.shape;
  const result = graph.values.get(node.outputs[0]!)!.type.shape;
  return shape.join() === result.join() ? perChannel(constant, shape, channels) : undefined;
}

/** y = factor[c] * x + offset[c] */
export interface Affine {
  readonly input: string;
  readonly factor: readonly number[];
  readonly offset: readonly number[];
}

/** A node as a per-channel affine function of [N, C, H, W], if it is one: a normalisation, or arithmetic with one constant. */
export function affineOf(graph: Graph, node: Node): Affine | undefined {
  if (node.operator === 'BatchNormalization') return normalization(graph, node);
  const constantAt = node.inputs.findIndex((name) => graph.values.get(name)?.constant !== undefined);
  if (constantAt < 0 || node.inputs.length !== 2) return undefined;
  const input = node.inputs[1 - constantAt]!;
  const { shape } = graph.values.get(input)!.type;
  if (shape.length !== 4 || graph.values.get(node.outputs[0]!)!.type.shape.join() !== shape.join())
    return undefined;
  const values = perChannel(graph.values.get(node.inputs[constantAt]!)!.constant!, shape, 'second');
  if (values === undefined) return undefined;
  const ones = values.map(() => 1);
  const zeros = values.map(() => 0);
  switch (node.operator) {
    case 'Add':
      return { input, factor: ones, offset: values };
    case 'Mul':
      return { input, factor: values, offset: zeros };
    case 'Sub':
      return constantAt === 1
        ? { input, factor: ones, offset: values.map((v) => -v) }
        : { input, factor: values.map(() => -1), offset: values };
    case 'Div':
      return constantAt === 1 ? { input, factor: values.map((v) => 1 / v), offset: zeros } : undefined;
    default:
      return undefined;
  }
}

/** gamma * (x - mean) / sqrt(variance + epsilon) + beta, where no convolution in front could take it. */
function normalization(graph: Graph, node: Node): Affine | undefined {
  const [input, ...names] = node.inputs as [string, ...string[]];
  const lists = names.map((name) => graph.values.get(name)?.constant?.data as Float32Array | undefined);
  const [gamma, beta, mean, variance] = lists;
  if (graph.values.get(input)!.type.shape.length !== 4) return undefined;
  if (!gamma || !beta || !mean || !variance) return undefined;
  const epsilon = Number(node.attributes.epsilon ?? 1e-5);
  const factor = Array.from(gamma, (g, c) => g / Math.sqrt(variance[c]! + epsilon));
  return { input, factor, offset: factor.map((f, c) => beta[c]! - mean[c]! * f) };
}
