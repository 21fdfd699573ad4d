/**
 * Shape operators and the blocked layout. A tensor lies in DRAM as (picture, channel block, pixel, channel in block), so a
 * reshaping that keeps pictures, channels and the number of pixels moves nothing: its result is another name of its input.
 */

import { type Graph, type Node, viewOperators } from '../../graph/index.js';

/** [N, C, H, W] of a shape: [C] is one picture, [N, C] has one pixel, [N, C, L] one row of pixels. Undefined for other ranks. */
export function pictureShape(
  shape: readonly number[],
): readonly [number, number, number, number] | undefined {
  switch (shape.length) {
    case 1:
      return [1, shape[0]!, 1, 1];
    case 2:
      return [shape[0]!, shape[1]!, 1, 1];
    case 3:
      return [shape[0]!, shape[1]!, 1, shape[2]!];
    case 4:
      return [shape[0]!, shape[1]!, shape[2]!, shape[3]!];
    default:
      return undefined;
  }
}

/** Whether a node leaves its elements in row-major order: all it changes is the shape. */
export function keepsOrder(node: Node, inputShape: readonly number[]): boolean {
  if (viewOperators.has(node.operator)) return true;
  if (node.operator !== 'Transpose') return false;
  const reversed = inputShape.map((_, i) => inputShape.length - 1 - i);
  const given = node.attributes.perm ?? reversed;
  const perm = (given as readonly number[]).filter((axis) => inputShape[axis] !== 1);
  return perm.every((axis, i) => i === 0 || perm[i - 1]! < axis);
}

/** Whether two shapes of equal element order lie the same way in the blocked layout. */
export function sameLayout(a: readonly number[], b: readonly number[]): boolean {
  const from = pictureShape(a);
  const to = pictureShape(b);
  if (from === undefined || to === undefined) return false;
  return from[0] === to[0] && from[1] === to[1] && from[2] * from[3] === to[2] * to[3];
}

/** Values that are other names of stored ones, with the stored value's name. */
export function aliasesOf(graph: Graph): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  const shape = (name: string) => graph.values.get(name)?.type.shape ?? [];
  for (const node of graph.nodes) {
    const [from, to] = [node.inputs[0]!, node.outputs[0]!];
    if (keepsOrder(node, shape(from)) && sameLayout(shape(from), shape(to))) {
      aliases.set(to, aliases.get(from) ?? from);
    }
  }
  return aliases;
}
