/**
 * Channels picked by constant positions. Runs that start at a multiple of R are parts of the tensor (compiler/schedule/placement.ts);
 * any other choice is a 1x1 convolution with one 1 a row, an exact copy.
 */

import { elementArrayOf, tensor } from '../../../base/index.js';
import { weightElement } from '../../../models/machine/index.js';
import type { Node } from '../../graph/index.js';
import { placeOfNode, unsupportedOperator } from '../diagnostics.js';
import { cornerOfSlice, pictureAxis } from './corner.js';
import { copyStage, type Rewrite } from './rewrite.js';

export function selectChannels(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  if (node.operator === 'Gather') return gathered(rewrite, node);
  return node.operator === 'Slice' ? sliced(rewrite, node) : undefined;
}

function gathered(rewrite: Rewrite, node: Node): readonly Node[] {
  const indices = rewrite.constantOf(node.inputs[1]);
  const shape = rewrite.shape(node.inputs[0]!);
  const channels = pictureAxis(Number(node.attributes.axis ?? 0), shape.length) === 1;
  if (indices === undefined || indices.shape.length !== 1 || !channels)
    return refuse(rewrite, node, 'it does not pick channels by constant positions');
  const picked = Array.from(
    indices.data as ArrayLike<number | bigint>,
    (i) => (Number(i) + shape[1]!) % shape[1]!,
  );
  return [selection(rewrite, node, picked)];
}

function sliced(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  const corner = cornerOfSlice(rewrite.graph, node);
  if (corner === undefined) return refuse(rewrite, node, 'a step is not positive');
  const R = rewrite.machine.array.rows;
  if (corner.channel % R === 0 && corner.stepChannel === 1) return undefined;
  const input = rewrite.shape(node.inputs[0]!);
  const output = rewrite.shape(node.outputs[0]!);
  if (input.length === 1) return refuse(rewrite, node, 'its input has one axis');
  const channels = output[1]!;
  const picked = Array.from({ length: channels }, (_, i) => corner.channel + i * corner.stepChannel);
  if (output.every((extent, axis) => axis === 1 || extent === input[axis]))
    return [selection(rewrite, node, picked)];
  // Pixels first: the convolution then has less to do.
  const between = rewrite.addValue(
    `${node.name}_pixels`,
    output.map((extent, axis) => (axis === 1 ? input[1]! : extent)),
  );
  const pixels = {
    ...node,
    name: `${node.name}_pixels`,
    outputs: [between],
    attributes: pixelsOf(node, input),
  };
  return [pixels, selection(rewrite, { ...node, inputs: [between] }, picked)];
}

/** The attributes of a Slice with all channels. */
function pixelsOf({ attributes }: Node, shape: readonly number[]): Node['attributes'] {
  const starts = attributes.starts as readonly number[];
  const lists = { axes: starts.map((_, i) => i), steps: starts.map(() => 1) };
  const axes = (attributes.axes as readonly number[] | undefined)?.length ? attributes.axes : lists.axes;
  const steps = (attributes.steps as readonly number[] | undefined)?.length ? attributes.steps : lists.steps;
  const kept = (axes as readonly number[]).flatMap((axis, i) =>
    (axis < 0 ? axis + shape.length : axis) === 1 ? [] : [i],
  );
  const pick = (list: unknown) => kept.map((i) => (list as readonly number[])[i]!);
  return { starts: pick(starts), ends: pick(attributes.ends), axes: pick(axes), steps: pick(steps) };
}

function selection(rewrite: Rewrite, node: Node, picked: readonly number[]): Node {
  const channels = rewrite.shape(node.inputs[0]!)[1]!;
  const element = weightElement(rewrite.machine);
  const matrix = elementArrayOf(element, picked.length * channels);
  picked.forEach((channel, o) => {
    matrix[o * channels + channel] = 1;
  });
  const weights = rewrite.addConstant(
    `${node.name}_select`,
    tensor(element, [picked.length, channels, 1, 1], matrix),
  );
  const bias = rewrite.addConstant(
    `${node.name}_zero`,
    tensor('int32', [picked.length], new Int32Array(picked.length)),
  );
  const geometry = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1, padValue: 0, macs: 0 };
  return {
    ...node,
    operator: 'IntegerConv',
    inputs: [node.inputs[0]!, weights, bias],
    attributes: { ...copyStage(rewrite.machine), ...geometry },
  };
}

function refuse(rewrite: Rewrite, node: Node, why: string): readonly Node[] {
  const hint = 'channels are picked by constant positions, pixels by slices with positive steps';
  rewrite.diagnostics.push(
    unsupportedOperator(placeOfNode(rewrite.graph.name, node), node.operator, why, hint),
  );
  return [];
}
