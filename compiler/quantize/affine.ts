/** Addition and multiplication by constants, per channel. */

import type { Tensor } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';

/** The per-channel values of a constant that broadcasts along the channel axis (axis 1, or the last of [N, K]) only. */
export function perChannel(constant: Tensor, shape: readonly number[]): number[] | undefined {
  const channelAxis = shape.length === 2 ? 1 : shape.length - 3 === 1 ? 1 : shape.length === 3 ? 1 : -1;
  const channels = shape[channelAxis];
  if (channels === undefined) return undefined;
  const values = Array.from(constant.data as ArrayLike<number>, Number);
  if (values.length === 1) return new Array<number>(channels).fill(values[0]!);
  const aligned = [
    ...new Array<number>(Math.max(0, shape.length - constant.shape.length)).fill(1),
    ...constant.shape,
  ];
  const onlyChannel = aligned.every((extent, axis) =>
    axis === channelAxis ? extent === channels : extent === 1,
  );
  return onlyChannel ? values : undefined;
}

/** The constant that an Add adds to `value` per channel, if that is all it does. */
export function absorbedBias(graph: Graph, node: Node, value: string): number[] | undefined {
  if (node.operator !== 'Add') return undefined;
  const other = node.inputs.find((name) => name !== value);
  const constant = other === undefined ? undefined : graph.values.get(other)?.constant;
  if (constant === undefined) return undefined;
  const shape = graph.values.get(value)!.type.shape;
  const result = graph.values.get(node.outputs[0]!)!.type.shape;
  return shape.join() === result.join() ? perChannel(constant, shape) : undefined;
}

/** y = factor[c] * x + offset[c] */
export interface Affine {
  readonly input: string;
  readonly factor: readonly number[];
  readonly offset: readonly number[];
}

/** An Add, Sub, Mul or Div with one constant operand as a per-channel affine function of [N, C, H, W]. */
export function affineOf(graph: Graph, node: Node): Affine | undefined {
  const constantAt = node.inputs.findIndex((name) => graph.values.get(name)?.constant !== undefined);
  if (constantAt < 0 || node.inputs.length !== 2) return undefined;
  const input = node.inputs[1 - constantAt]!;
  const { shape } = graph.values.get(input)!.type;
  if (shape.length !== 4 || graph.values.get(node.outputs[0]!)!.type.shape.join() !== shape.join())
    return undefined;
  const values = perChannel(graph.values.get(node.inputs[constantAt]!)!.constant!, shape);
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
