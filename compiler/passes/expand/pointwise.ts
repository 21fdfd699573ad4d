/** Element-wise operators of two operands, PRelu, and Gather at one position, made of what the accelerator has. */

import type { Node } from '../../graph/index.js';
import type { Expansion } from './expansion.js';

/** The operands of a node whose both operands are computed and have the result's shape. */
function computed(e: Expansion, node: Node): readonly [string, string] | undefined {
  const [a, b] = node.inputs as [string, string];
  const shape = e.shape(node.outputs[0]!).join();
  const fits = [a, b].every((name) => e.constantOf(name) === undefined && e.shape(name).join() === shape);
  return fits ? [a, b] : undefined;
}

/** a - b = a + (-b). */
export function expandSub(e: Expansion, node: Node): boolean {
  const operands = computed(e, node);
  if (operands === undefined) return false;
  e.add('Add', [operands[0], e.add('Neg', [operands[1]])], {}, node.outputs[0]!);
  return true;
}

/** The larger of two: rows of both alternate, and a window of two rows takes the maximum. Both get one scale, so it is exact. */
export function expandMax(e: Expansion, node: Node): boolean {
  const operands = computed(e, node);
  const shape = e.shape(node.outputs[0]!);
  if (operands === undefined || shape.length < 2 || shape.length > 4) return false;
  largest(e, operands, node.outputs[0]!);
  return true;
}

function largest(e: Expansion, operands: readonly string[], output?: string): string {
  const shape = e.shape(operands[0]!);
  const [n, c, ...rest] = shape as [number, number, ...number[]];
  const picture = [n, c, ...(rest.length === 2 ? rest : [1, rest[0] ?? 1])];
  const rows = e.add(
    'Interleave',
    operands.map((name) => e.reshape(name, picture)),
    { strides: [2, 1] },
  );
  const window = { kernel: [2, 1], strides: [2, 1] };
  if (shape.length === 4) return e.add('MaxPool', [rows], window, output);
  return e.reshape(e.add('MaxPool', [rows], window), shape, output);
}

/** min(a, b) = -max(-a, -b) */
export function expandMin(e: Expansion, node: Node): boolean {
  const operands = computed(e, node);
  const shape = e.shape(node.outputs[0]!);
  if (operands === undefined || shape.length < 2 || shape.length > 4) return false;
  const negative = operands.map((name) => e.add('Neg', [name]));
  e.add('Neg', [largest(e, negative)], {}, node.outputs[0]!);
  return true;
}

/** x below zero has a slope of its channel: max(x, 0) + slope * min(x, 0). One slope for all is a LeakyRelu. */
export function expandPRelu(e: Expansion, node: Node): boolean {
  const [x, slope] = node.inputs as [string, string];
  const slopes = e.numbers(slope);
  const shape = e.shape(x);
  if (slopes === undefined || shape.length < 2 || shape.length > 4) return false;
  if (new Set(slopes).size === 1) {
    e.add('LeakyRelu', [x], { alpha: slopes[0]! }, node.outputs[0]!);
    return true;
  }
  const extents = e.shape(slope);
  const perChannel = slopes.length === shape[1] && extents.at(1 - shape.length) === shape[1];
  if (!perChannel) return false;
  const [n, c, ...rest] = shape as [number, number, ...number[]];
  const picture = e.reshape(x, [n, c, ...(rest.length === 2 ? rest : [1, rest[0] ?? 1])]);
  const below = e.add('Mul', [e.add('Clip', [picture], { max: 0 }), e.floats([1, c, 1, 1], slopes)]);
  const operands = [e.add('Relu', [picture]), below];
  if (shape.length === 4) e.add('Add', operands, {}, node.outputs[0]!);
  else e.reshape(e.add('Add', operands), shape, node.outputs[0]!);
  return true;
}

/** A Gather at one position: that slice of the tensor, without the axis. */
export function expandPosition(e: Expansion, node: Node): boolean {
  const [x, index] = node.inputs as [string, string];
  const position = e.constantOf(index);
  const shape = e.shape(x);
  if (position === undefined || position.shape.length > 0 || (shape.length !== 2 && shape.length !== 4))
    return false;
  const given = Number(node.attributes.axis ?? 0);
  const axis = given < 0 ? given + shape.length : given;
  const at = Number(position.data[0]) + (Number(position.data[0]) < 0 ? shape[axis]! : 0);
  if (at < 0 || at >= shape[axis]!) return false;
  e.reshape(e.slice(x, axis, at, at + 1), e.shape(node.outputs[0]!), node.outputs[0]!);
  return true;
}
