/** Operators that move values and keep their scale: Split, Gather, Pad, blocks to depth and back, nearest Resize. */

import { elementCount, tensor } from '../../base/index.js';
import { evaluateNode, type Graph, type Node } from '../graph/index.js';
import type { Emission } from './emission.js';
import { ascendingRuns, Moves } from './moves.js';
import { rescaleAttributes } from './stage.js';

function shapeOf(graph: Graph, name: string): readonly number[] {
  return graph.values.get(name)!.type.shape;
}

/** Converts a node of one input and one output that only moves values. */
function moving(move: (moves: Moves, input: string, emission: Emission, node: Node) => string) {
  return (emission: Emission, node: Node): void => {
    const [input, output] = [node.inputs[0]!, node.outputs[0]!];
    const integer = emission.integerOf(input, node);
    const scale = emission.scaleOf(input);
    const moved = move(new Moves(emission, node, scale), integer, emission, node);
    const stated = emission.annotated.sparse ? emission.annotated.activation(output) : undefined;
    if (stated === undefined || (stated.scale === scale.scale && stated.zeroPoint === scale.zeroPoint)) {
      emission.define(output, emission.node('Identity', node, [moved], output, {}), scale);
      return;
    }
    const stage = rescaleAttributes(scale, { scale: stated, ...emission.range }, emission.multiplierBits);
    emission.define(output, emission.node('IntegerRescale', node, [moved], output, stage), stated);
  };
}

export function convertSplit(emission: Emission, node: Node): void {
  const input = node.inputs[0]!;
  const integer = emission.integerOf(input, node);
  const scale = emission.scaleOf(input);
  const moves = new Moves(emission, node, scale);
  const axis = positiveAxis(node, emission.shapeOf(integer).length);
  let start = 0;
  node.outputs.forEach((output, i) => {
    const count = (node.attributes.sizes as readonly number[])[i]!;
    if (output !== '')
      emission.define(output, moves.slice(integer, new Map([[axis, { start, count, step: 1 }]])), scale);
    start += count;
  });
}

function positiveAxis(node: Node, rank: number): number {
  const axis = Number(node.attributes.axis ?? 0);
  return axis < 0 ? axis + rank : axis;
}

/** Axes are cut and joined where they are channels or pixels of a picture, or pictures. */
export function pictureRefused(graph: Graph, node: Node): string | undefined {
  const { length } = shapeOf(graph, node.inputs[0]!);
  return length === 4 || length === 2 ? undefined : `its input has rank ${length}, not 4`;
}

export function sliceRefused(graph: Graph, node: Node): string | undefined {
  const steps = (node.attributes.steps as readonly number[] | undefined) ?? [];
  if (steps.some((step) => step < 1)) return 'it runs backwards';
  if (elementCount(shapeOf(graph, node.outputs[0]!)) === 0) return 'nothing is left of its input';
  return pictureRefused(graph, node);
}

export function gatherRefused(graph: Graph, node: Node): string | undefined {
  const indices = graph.values.get(node.inputs[1]!)!.constant;
  if (indices === undefined) return 'its positions are computed';
  if (indices.shape.length !== 1) return 'its positions are no list';
  const extent = shapeOf(graph, node.inputs[0]!)[positiveAxis(node, shapeOf(graph, node.inputs[0]!).length)]!;
  const outside = Array.from(indices.data as ArrayLike<number | bigint>, Number).find(
    (i) => i < -extent || i >= extent,
  );
  if (outside !== undefined) return `position ${outside} is outside its ${extent}`;
  return pictureRefused(graph, node);
}

export const convertGather = moving((moves, input, { graph }, node) => {
  const shape = moves.shape(input);
  const axis = positiveAxis(node, shape.length);
  const indices = graph.values.get(node.inputs[1]!)!.constant!.data as ArrayLike<number | bigint>;
  const extent = shape[axis]!;
  return moves.pick(
    input,
    axis,
    Array.from(indices, (i) => (Number(i) + extent) % extent),
  );
});

export function padRefused(graph: Graph, node: Node): string | undefined {
  const pads = node.attributes.pads as readonly number[];
  if (shapeOf(graph, node.inputs[0]!).length !== 4) return 'its input is no picture';
  if (pads.some((p) => p < 0)) return 'it crops its input';
  const outer = [0, 1, 4, 5].some((i) => pads[i] !== 0);
  if ((node.attributes.mode ?? 'constant') !== 'constant') return undefined;
  if (outer) return 'it adds channels or pictures';
  return Number(node.attributes.value ?? 0) === 0 ? undefined : 'it adds a value other than 0';
}

/** Zeros are the padding of a window of one pixel; other borders are rows and columns of the picture once more. */
export const convertPad = moving((moves, input, emission, node) => {
  const pads = node.attributes.pads as readonly number[];
  if ((node.attributes.mode ?? 'constant') === 'constant') {
    const scale = emission.scaleOf(node.inputs[0]!);
    const stage = rescaleAttributes(
      { ...scale, zeroPoint: 0 },
      { scale: { ...scale, zeroPoint: 0 }, ...emission.range },
      emission.multiplierBits,
    );
    return moves.add('IntegerMaxPool', 'border', input, {
      ...{ kernel: [1, 1], strides: [1, 1], dilations: [1, 1] },
      pads: [pads[2]!, pads[3]!, pads[6]!, pads[7]!],
      padValue: scale.zeroPoint,
      ...stage,
      bias: 0,
    });
  }
  let value = input;
  for (let axis = 0; axis < 4; axis++)
    value = moves.pick(value, axis, positionsOf(node, moves.shape(input), axis));
  return value;
});

/** Which input position each output position of an axis has, as the operator's own meaning says. */
function positionsOf(node: Node, shape: readonly number[], axis: number, operator = node): readonly number[] {
  const extents = shape.map((extent, i) => (i === axis ? extent : 1));
  const result = outputExtents(node, shape, axis);
  const ramp = Float32Array.from({ length: shape[axis]! }, (_, i) => i);
  const type = { element: 'float32', shape: result } as const;
  const [moved] = evaluateNode('', operator, [tensor('float32', extents, ramp)], [type]);
  return Array.from(moved!.data as Float32Array);
}

function outputExtents(node: Node, shape: readonly number[], axis: number): readonly number[] {
  const { pads, sizes } = node.attributes as Readonly<Record<string, readonly number[] | undefined>>;
  return shape.map((extent, i) => {
    if (i !== axis) return 1;
    return sizes === undefined ? extent + pads![i]! + pads![i + shape.length]! : sizes[i]!;
  });
}

export function depthRefused(graph: Graph, node: Node): string | undefined {
  return shapeOf(graph, node.inputs[0]!).length === 4 ? undefined : 'its input is no picture';
}

export const convertDepthToSpace = moving((moves, input, _, node) => {
  const b = Number(node.attributes.blockSize);
  const depth = moves.shape(input)[1]! / (b * b);
  const channel = (block: number, c: number) =>
    node.attributes.mode === 'CRD' ? c * b * b + block : block * depth + c;
  const parts = Array.from({ length: b * b }, (_x, block) =>
    moves.pick(
      input,
      1,
      Array.from({ length: depth }, (_y, c) => channel(block, c)),
    ),
  );
  return moves.interleave(parts, [b, b]);
});

export const convertSpaceToDepth = moving((moves, input, _, node) => {
  const b = Number(node.attributes.blockSize);
  const [, , height, width] = moves.shape(input) as [number, number, number, number];
  const phase = (start: number, extent: number) => ({ start, count: extent / b, step: b });
  const parts = Array.from({ length: b * b }, (_x, block) =>
    moves.slice(
      input,
      new Map([
        [2, phase(Math.floor(block / b), height)],
        [3, phase(block % b, width)],
      ]),
    ),
  );
  return moves.join(parts, 1);
});

/** The phases of the rows or columns of a nearest Resize: each a run of the picture's; undefined where they are not. */
function nearestPhases(node: Node, shape: readonly number[], axis: number) {
  const sizes = node.attributes.sizes as readonly number[];
  const [from, to] = [shape[axis]!, sizes[axis]!];
  const count = to > from ? to / from : 1;
  if (!Number.isInteger(count)) return undefined;
  const alone = onAxis(node, shape, axis);
  const positions = positionsOf(node, shape, axis, alone);
  const phases = Array.from({ length: count }, (_, phase) =>
    ascendingRuns(positions.filter((_x, i) => i % count === phase)),
  );
  return phases.every((runs) => runs.length === 1) ? phases.map(([run]) => run!) : undefined;
}

/** The node on a tensor that has one axis only. */
function onAxis(node: Node, shape: readonly number[], axis: number): Node {
  const { sizes, scales } = node.attributes as Readonly<Record<string, readonly number[] | undefined>>;
  const ones = shape.map((_, i) => (i === axis ? sizes![i]! : 1));
  const factors = scales?.length ? scales.map((s, i) => (i === axis ? s : 1)) : [];
  return { ...node, attributes: { ...node.attributes, sizes: ones, scales: factors } };
}

export function resizeRefused(graph: Graph, node: Node): string | undefined {
  const shape = shapeOf(graph, node.inputs[0]!);
  const sizes = node.attributes.sizes as readonly number[];
  if (shape.length !== 4) return 'its input is no picture';
  if (sizes[0] !== shape[0] || sizes[1] !== shape[1]) return 'it changes the channels';
  if ((node.attributes.mode ?? 'nearest') !== 'nearest') return 'it interpolates';
  if (node.attributes.coordinateMode === 'tf_crop_and_resize') return 'it crops';
  const phases = [2, 3].map((axis) => nearestPhases(node, shape, axis));
  return phases.includes(undefined) ? 'it does not repeat or skip pixels evenly' : undefined;
}

export const convertResize = moving((moves, input, _, node) => {
  const shape = moves.shape(input);
  const [rows, columns] = [nearestPhases(node, shape, 2)!, nearestPhases(node, shape, 3)!];
  const parts = rows.flatMap((row) =>
    columns.map((column) =>
      moves.slice(
        input,
        new Map([
          [2, row],
          [3, column],
        ]),
      ),
    ),
  );
  return moves.interleave(parts, [rows.length, columns.length]);
});
