/** Pooling: maxima keep their input's scale, averages get one of their own. */

import type { AttributeValue, Node } from '../graph/index.js';
import { isClamp } from './activations.js';
import { windowLists } from './convert-multiply.js';
import type { Emission } from './emission.js';
import { Moves, type Run } from './moves.js';
import { rescaleAttributes, stageAttributes } from './stage.js';
import { tailOf } from './tail.js';
import type { ActivationScale } from './types.js';

interface Pooling {
  readonly kernel: readonly number[];
  readonly attributes: Record<string, AttributeValue>;
}

/** The window of a pooling operator; global ones and means cover the picture. */
function poolingOf(emission: Emission, node: Node): Pooling {
  const { shape } = emission.graph.values.get(node.inputs[0]!)!.type;
  const kernel = (node.attributes.kernel as readonly number[] | undefined) ?? shape.slice(2);
  const { strides, dilations, pads } = node.attributes;
  return { kernel, attributes: { kernel, ...windowLists(2, { strides, dilations, pads }) } };
}

/** Maxima keep their input's scale, unless a clamp follows or a framework states another. */
export function convertMaximum(emission: Emission, node: Node): void {
  if (node.attributes.keepDims === false) convertFlatMaximum(emission, node);
  else convertPictureMaximum(emission, node);
}

function convertPictureMaximum(emission: Emission, node: Node): void {
  const input = node.inputs[0]!;
  const integer = emission.integerOf(input, node);
  const from = emission.scaleOf(input);
  const stage = maximumStage(emission, node, from);
  const attributes = {
    ...poolingOf(emission, node).attributes,
    padValue: emission.range.min,
    ...rescaleAttributes(from, stage, emission.multiplierBits),
  };
  const result = emission.node('IntegerMaxPool', node, [integer], stage.output, attributes);
  emission.define(stage.output, result, stage.scale);
}

/** A ReduceMax that drops the axes which it reduces. */
function convertFlatMaximum(emission: Emission, node: Node): void {
  const input = node.inputs[0]!;
  const integer = emission.integerOf(input, node);
  const from = emission.scaleOf(input);
  const output = node.outputs[0]!;
  const stated = emission.annotated.sparse ? emission.annotated.activation(output) : undefined;
  const scale = stated ?? from;
  const attributes = {
    ...poolingOf(emission, node).attributes,
    padValue: emission.range.min,
    ...rescaleAttributes(from, { scale, ...emission.range }, emission.multiplierBits),
  };
  const place = { node, suffix: 'maximum', input: integer, scale };
  emission.define(
    output,
    flattened(emission, node, emission.helper('IntegerMaxPool', place, attributes)),
    scale,
  );
}

function maximumStage(emission: Emission, node: Node, from: ActivationScale) {
  const output = node.outputs[0]!;
  const next = emission.onlyReader(output);
  if (!emission.annotated.sparse && next !== undefined && isClamp(next.operator))
    return tailOf(emission, node);
  const stated = emission.annotated.sparse ? emission.annotated.activation(output) : undefined;
  return { output, scale: stated ?? from, ...emission.range };
}

export function convertAverage(emission: Emission, node: Node): void {
  const integer = emission.integerOf(node.inputs[0]!, node);
  if (divisorVaries(node)) convertUnevenAverage(emission, node, integer);
  else convertEvenAverage(emission, node, integer);
}

function convertEvenAverage(emission: Emission, node: Node, integer: string): void {
  const input = node.inputs[0]!;
  const from = emission.scaleOf(input);
  const { kernel, attributes } = poolingOf(emission, node);
  const count = kernel.reduce((product, extent) => product * extent, 1);
  const flattens = node.operator === 'ReduceMean' && node.attributes.keepDims === false;
  const tail = flattens ? plainTail(emission, node) : tailOf(emission, node);
  const pool = {
    ...attributes,
    padValue: from.zeroPoint,
    ...meanStage(emission, node, { count, from, tail }),
  };
  const result = flattens
    ? flattened(emission, node, emission.helper('IntegerAveragePool', meanOf(node, integer, tail), pool))
    : emission.node('IntegerAveragePool', node, [integer], tail.output, pool);
  emission.define(tail.output, result, tail.outputScale);
}

interface Mean {
  readonly count: number;
  readonly from: ActivationScale;
  readonly tail: Parameters<typeof stageAttributes>[1];
}

/** Bias and output stage of a mean of `count` elements. */
function meanStage(emission: Emission, node: Node, { count, from, tail }: Mean) {
  const { multiplierBits, widths, annotated } = emission;
  const sameScale = from.scale === tail.scale.scale && from.zeroPoint === tail.scale.zeroPoint;
  const asStored = annotated.sparse && sameScale && node.operator === 'AveragePool';
  const exact = asStored ? exactReciprocal(count, multiplierBits, widths.activationBits) : undefined;
  if (exact === undefined)
    return {
      bias: -count * from.zeroPoint,
      ...stageAttributes([from.scale / (count * tail.scale.scale)], tail, multiplierBits),
    };
  const zeroPoint = from.frameworkZero ?? 0;
  return { ...stageAttributes([1], tail, multiplierBits), bias: -count * zeroPoint, zeroPoint, ...exact };
}

/**
 * A multiplier just above 1/count. An output stage with it rounds exact halves away from zero, as TFLite rounds the averages of its stored integers: the excess
 * lifts a half of a positive sum over the edge and drops one of a negative sum below it. Undefined where so few bits would move other sums too.
 */
function exactReciprocal(count: number, multiplierBits: number, activationBits: number) {
  const shift = multiplierBits - 2 + Math.floor(Math.log2(count));
  const multiplier = Math.floor(2 ** shift / count) + 1;
  const excess = multiplier * count - 2 ** shift;
  const largestSum = count * 2 ** activationBits;
  // A sum that is no half lies at least 1 / (2 count) from one.
  if (2 * largestSum * excess >= 2 ** shift) return undefined;
  return { multiplier: [multiplier], shift: [shift] };
}

/** Whether windows at the border count fewer elements. */
function divisorVaries({ operator, attributes }: Node): boolean {
  const pads = (attributes.pads as readonly number[] | undefined) ?? [];
  const uncounted = attributes.countIncludePad !== true && pads.some((p) => p !== 0);
  return operator === 'AveragePool' && (uncounted || attributes.ceilMode === true);
}

/** Each part of the picture whose windows count the same elements is an average of its own, of a part of the input. */
function convertUnevenAverage(emission: Emission, node: Node, integer: string): void {
  const from = emission.scaleOf(node.inputs[0]!);
  const shape = emission.shapeOf(integer);
  const output = emission.graph.values.get(node.outputs[0]!)!.type.shape;
  const kernel = node.attributes.kernel as readonly number[];
  const { strides, dilations, pads } = windowLists(2, node.attributes as WindowLists) as Record<
    'strides' | 'dilations' | 'pads',
    readonly number[]
  >;
  const [rows, columns] = [0, 1].map((axis) =>
    evenRanges({
      ...{ outputs: output[axis + 2]!, extent: shape[axis + 2]!, kernel: kernel[axis]! },
      ...{ stride: strides[axis]!, dilation: dilations[axis]!, pad: pads[axis]! },
    }),
  ) as [readonly EvenRange[], readonly EvenRange[]];
  const tail = tailOf(emission, node);
  const [before, behind] = [from, tail.outputScale].map((scale) => new Moves(emission, node, scale)) as [
    Moves,
    Moves,
  ];
  const average = (row: EvenRange, column: EvenRange) => {
    const part = before.slice(integer, new Map([[2, row.input] as const, [3, column.input] as const]));
    const count = row.taps * column.taps;
    return behind.add('IntegerAveragePool', 'mean', part, {
      ...{ kernel: [row.taps, column.taps], strides, dilations, pads: [0, 0, 0, 0] },
      padValue: from.zeroPoint,
      ...meanStage(emission, node, { count, from, tail }),
    });
  };
  const lines = rows.map((row) =>
    behind.join(
      columns.map((column) => average(row, column)),
      3,
    ),
  );
  const joined = emission.node('Identity', node, [behind.join(lines, 2)], tail.output, {});
  emission.define(tail.output, joined, tail.outputScale);
}

type WindowLists = Parameters<typeof windowLists>[1];

/** Neighbouring outputs of an axis whose windows hold `taps` elements of the picture, and the elements that they need. */
interface EvenRange {
  readonly taps: number;
  readonly input: Run;
}

interface Axis {
  readonly outputs: number;
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

function evenRanges(axis: Axis): readonly EvenRange[] {
  const { outputs, extent, kernel, stride, dilation, pad } = axis;
  const found: { taps: number; first: number; last: number }[] = [];
  for (let o = 0; o < outputs; o++) {
    const at = Array.from({ length: kernel }, (_, k) => o * stride - pad + k * dilation);
    const inside = at.filter((i) => i >= 0 && i < extent);
    const [taps, first] = [inside.length, inside[0]!];
    const open = found.at(-1);
    if (open !== undefined && open.taps === taps && first === open.last + stride) open.last = first;
    else found.push({ taps, first, last: first });
  }
  return found.map(({ taps, first, last }) => ({
    taps,
    input: { start: first, count: last - first + (taps - 1) * dilation + 1, step: 1 },
  }));
}

/** An output stage that takes over nothing: a reshape stands between the mean and what follows. */
function plainTail(emission: Emission, node: Node) {
  const output = node.outputs[0]!;
  const scale = emission.requiredScale(output, node);
  return { output, scale, ...emission.range, table: undefined, outputScale: scale };
}

function meanOf(node: Node, input: string, { scale }: { scale: ActivationScale }) {
  return { node, suffix: 'mean', input, scale };
}

/** The mean without its spatial axes. */
function flattened(emission: Emission, node: Node, mean: string): string {
  const output = node.outputs[0]!;
  const { shape } = emission.graph.values.get(output)!.type;
  return emission.node('Reshape', node, [mean], output, { shape });
}
