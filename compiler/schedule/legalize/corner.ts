/** Parts of pictures: where a Slice starts, and where a Concat or IntegerInterleave puts each of its inputs. */

import type { AttributeValue, Graph, Node } from '../../graph/index.js';
import { pictureShape } from './shapes.js';

/** The first element of a part and the distances between its neighbours, in the whole's elements. */
export interface Corner {
  readonly batch: number;
  readonly channel: number;
  readonly y: number;
  readonly x: number;
  readonly stepBatch: number;
  readonly stepChannel: number;
  readonly stepY: number;
  readonly stepX: number;
}

const whole: Corner = {
  ...{ batch: 0, channel: 0, y: 0, x: 0 },
  ...{ stepBatch: 1, stepChannel: 1, stepY: 1, stepX: 1 },
};

const starts = ['batch', 'channel', 'y', 'x'] as const;
const steps = ['stepBatch', 'stepChannel', 'stepY', 'stepX'] as const;

/** Axis of a picture [N, C, H, W] that axis `axis` of a tensor of `rank` axes is, as {@link pictureShape} has it. */
export function pictureAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (rank === 1) return 1;
  return rank === 3 && positive === 2 ? 3 : positive;
}

function list(value: AttributeValue | undefined): readonly number[] {
  return Array.isArray(value) ? (value as readonly number[]) : [];
}

/** The part that a Slice takes; undefined where a step is not positive. */
export function cornerOfSlice(graph: Graph, node: Node): Corner | undefined {
  const { shape } = graph.values.get(node.inputs[0]!)!.type;
  const first = list(node.attributes.starts);
  const axes = list(node.attributes.axes).length > 0 ? list(node.attributes.axes) : first.map((_, i) => i);
  const step = list(node.attributes.steps).length > 0 ? list(node.attributes.steps) : first.map(() => 1);
  if (step.some((s) => s < 1)) return undefined;
  const corner = { ...whole };
  axes.forEach((axis, i) => {
    const extent = shape[axis < 0 ? axis + shape.length : axis]!;
    const at = pictureAxis(axis, shape.length);
    corner[starts[at]!] = Math.min(Math.max(first[i]! < 0 ? first[i]! + extent : first[i]!, 0), extent);
    corner[steps[at]!] = step[i]!;
  });
  return corner;
}

/** Whether a node joins parts along pictures or pixels, each of which stays whole. */
export function joinsPixels(graph: Graph, node: Node): boolean {
  if (node.operator === 'IntegerInterleave') return true;
  return node.operator === 'Concat' && joinedAxis(graph, node) !== 1;
}

/** The picture axis along which a Concat joins. */
export function joinedAxis(graph: Graph, node: Node): number {
  const rank = graph.values.get(node.outputs[0]!)!.type.shape.length;
  return pictureAxis(Number(node.attributes.axis ?? 1), rank);
}

/** Where each input of a node that {@link joinsPixels} lies in its result. */
export function cornersOfJoin(graph: Graph, node: Node): readonly Corner[] {
  if (node.operator === 'IntegerInterleave') {
    const [stepY, stepX] = node.attributes.strides as readonly [number, number];
    return node.inputs.map((_, i) => ({ ...whole, y: Math.floor(i / stepX), x: i % stepX, stepY, stepX }));
  }
  const axis = joinedAxis(graph, node);
  let offset = 0;
  return node.inputs.map((name) => {
    const corner = { ...whole, [starts[axis]!]: offset };
    offset += pictureShape(graph.values.get(name)!.type.shape)![axis]!;
    return corner;
  });
}
