/**
 * Picks of channels next to convolutions disappear into their weights, where that costs the array no more: an exchange of a dense convolution's
 * results is one of its weights' outputs; a pick that one convolution alone reads is one of its weights' inputs, zero where nothing is picked. In order:
 *
 *     composePicks     a part of a pick is a pick
 *     absorbBehind     convolution, then an exchange of all its channels
 *     absorbInFront    pick, then a convolution
 */

import { elementArrayOf, type Tensor, tensor } from '../../../base/index.js';
import type { Node } from '../../graph/index.js';
import { bandOf, isDepthwise } from '../band.js';
import { numberOf, numbersOf } from '../stage.js';
import { expandGroups } from './conv.js';
import { cornerOfSlice, pictureAxis } from './corner.js';
import type { Rewrite } from './rewrite.js';

/** The channels that a node picks by constant positions, each at most once; undefined for any other node. */
function picksOf(rewrite: Rewrite, node: Node | undefined): readonly number[] | undefined {
  if (node?.operator !== 'Gather') return undefined;
  const shape = rewrite.shape(node.inputs[0]!);
  const indices = rewrite.constantOf(node.inputs[1]);
  if (shape.length < 2 || pictureAxis(Number(node.attributes.axis ?? 0), shape.length) !== 1)
    return undefined;
  if (indices === undefined || indices.shape.length !== 1) return undefined;
  const count = shape[1]!;
  const picked = Array.from(indices.data as ArrayLike<number | bigint>, (i) => (Number(i) + count) % count);
  return new Set(picked).size === picked.length ? picked : undefined;
}

/** What computes a value, and whether nobody else sees it or another name of it. */
function sourceOf(
  rewrite: Rewrite,
  value: string,
): { readonly node: Node | undefined; readonly alone: boolean } {
  const node = rewrite.producer(value);
  const alone = rewrite.isAlone(value);
  if (node?.operator !== 'Identity') return { node, alone };
  const before = sourceOf(rewrite, node.inputs[0]!);
  return { ...before, alone: alone && before.alone };
}

/** A Slice of channels alone, of a Gather of channels, is a Gather of fewer. */
export function composePicks(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  if (node.operator !== 'Slice') return undefined;
  const { node: before } = sourceOf(rewrite, node.inputs[0]!);
  const picked = picksOf(rewrite, before);
  const corner = cornerOfSlice(rewrite.graph, node);
  const [input, output] = [rewrite.shape(node.inputs[0]!), rewrite.shape(node.outputs[0]!)];
  const channelsOnly = output.every((extent, axis) => axis === 1 || extent === input[axis]);
  if (before === undefined || picked === undefined || corner === undefined || !channelsOnly) return undefined;
  const rest = Array.from({ length: output[1]! }, (_, i) => picked[corner.channel + i * corner.stepChannel]!);
  const list = tensor('int64', [rest.length], BigInt64Array.from(rest, BigInt));
  const name = rewrite.addConstant(`${node.name}_channels`, list);
  return [{ ...node, operator: 'Gather', inputs: [before.inputs[0]!, name], attributes: { axis: 1 } }];
}

/** A convolution of the array, with its weights as those of one group. */
interface ArrayConv {
  readonly node: Node;
  readonly weights: Tensor;
  /** Weight tiles as it stands, and as a dense one. */
  readonly tiles: number;
  readonly denseTiles: number;
}

function arrayConv(rewrite: Rewrite, node: Node | undefined): ArrayConv | undefined {
  if (node?.operator !== 'IntegerConv') return undefined;
  const stored = rewrite.constantOf(node.inputs[1]);
  if (stored === undefined || stored.shape.length !== 4 || rewrite.constantOf(node.inputs[2]) === undefined)
    return undefined;
  const group = numberOf(node, 'group', 1);
  const [outputs, perGroup, height, width] = stored.shape as readonly [number, number, number, number];
  const channels = { outputs, inputs: perGroup * group, group };
  const { machine } = rewrite;
  if (isDepthwise(machine, channels)) return undefined;
  const { rows, columns } = machine.array;
  const blocks = Math.ceil(outputs / columns) * height * width;
  return {
    node,
    weights: group === 1 ? stored : expandGroups(stored, group),
    tiles: blocks * bandOf(machine, channels).blocks,
    denseTiles: blocks * Math.ceil(channels.inputs / rows),
  };
}

function gatherTiles({ machine: { array } }: Rewrite, from: number, to: number): number {
  return Math.ceil(to / array.columns) * Math.ceil(from / array.rows);
}

/** The convolution gives its channels in another order. */
export function absorbBehind(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  const picked = picksOf(rewrite, node);
  const source = sourceOf(rewrite, node.inputs[0]!);
  const conv = picked === undefined || !source.alone ? undefined : arrayConv(rewrite, source.node);
  if (picked === undefined || conv === undefined) return undefined;
  const { node: before, weights } = conv;
  if (picked.length !== weights.shape[0]) return undefined;
  if (conv.denseTiles > conv.tiles + gatherTiles(rewrite, picked.length, picked.length)) return undefined;
  const bias = rewrite.constantOf(before.inputs[2])!;
  const inputs = [
    before.inputs[0]!,
    rewrite.addConstant(`${before.inputs[1]}_exchanged`, rowsOf(weights, picked)),
    rewrite.addConstant(`${before.inputs[2]}_exchanged`, rowsOf(bias, picked)),
  ];
  const exchanged = (name: string) => {
    const list = numbersOf(before, name);
    return list.length === 1 ? list : picked.map((c) => list[c]!);
  };
  const scales = { multiplier: exchanged('multiplier'), shift: exchanged('shift') };
  return [
    { ...before, inputs, outputs: node.outputs, attributes: { ...before.attributes, ...scales, group: 1 } },
  ];
}

/** Indices of the first axis in another order. */
function rowsOf({ element, shape, data }: Tensor, picked: readonly number[]): Tensor {
  const size = data.length / shape[0]!;
  const moved =
    element === 'int32' ? new Int32Array(data.length) : elementArrayOf(element as 'int8', data.length);
  picked.forEach((from, to) => {
    for (let i = 0; i < size; i++) moved[to * size + i] = Number(data[from * size + i]);
  });
  return tensor(element as 'int8', shape, moved);
}

/** The convolution reads what the pick reads. */
export function absorbInFront(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  if (node.operator !== 'IntegerConv') return undefined;
  const { node: pick, alone } = sourceOf(rewrite, node.inputs[0]!);
  const picked = alone ? picksOf(rewrite, pick) : undefined;
  const conv = picked === undefined ? undefined : arrayConv(rewrite, node);
  if (conv === undefined || pick === undefined || picked === undefined) return undefined;
  const source = pick.inputs[0]!;
  const channels = rewrite.shape(source)[1]!;
  const { array } = rewrite.machine;
  const widened =
    (conv.denseTiles / Math.ceil(picked.length / array.rows)) * Math.ceil(channels / array.rows);
  if (widened > conv.tiles + gatherTiles(rewrite, channels, picked.length)) return undefined;
  const name = rewrite.addConstant(`${node.inputs[1]}_picked`, spread(conv.weights, picked, channels));
  const inputs = [source, name, node.inputs[2]!];
  return [{ ...node, inputs, attributes: { ...node.attributes, group: 1 } }];
}

/** [O, picked, kh, kw] -> [O, channels, kh, kw]: zero for channels that are not picked. */
function spread({ element, shape, data }: Tensor, picked: readonly number[], channels: number): Tensor {
  const [outputs, , height, width] = shape as readonly [number, number, number, number];
  const taps = height * width;
  const wide = elementArrayOf(element as 'int8', outputs * channels * taps);
  for (let o = 0; o < outputs; o++)
    picked.forEach((channel, i) => {
      for (let tap = 0; tap < taps; tap++)
        wide[(o * channels + channel) * taps + tap] = Number(data[(o * picked.length + i) * taps + tap]);
    });
  return tensor(element as 'int8', [outputs, channels, height, width], wide);
}
