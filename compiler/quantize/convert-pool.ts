/** Pooling: maxima keep their input's scale, averages get one of their own. */

import type { AttributeValue, Node } from '../graph/index.js';
import { isClamp } from './activations.js';
import { windowLists } from './convert-multiply.js';
import type { Emission } from './emission.js';
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

function maximumStage(emission: Emission, node: Node, from: ActivationScale) {
  const output = node.outputs[0]!;
  const next = emission.onlyReader(output);
  if (!emission.annotated.sparse && next !== undefined && isClamp(next.operator))
    return tailOf(emission, node);
  const stated = emission.annotated.sparse ? emission.annotated.activation(output) : undefined;
  return { output, scale: stated ?? from, ...emission.range };
}

export function convertAverage(emission: Emission, node: Node): void {
  const input = node.inputs[0]!;
  const integer = emission.integerOf(input, node);
  const from = emission.scaleOf(input);
  const { kernel, attributes } = poolingOf(emission, node);
  const count = kernel.reduce((product, extent) => product * extent, 1);
  const flattens = node.operator === 'ReduceMean' && node.attributes.keepDims === false;
  const tail = flattens ? plainTail(emission, node) : tailOf(emission, node);
  const pool = {
    ...attributes,
    padValue: from.zeroPoint,
    bias: -count * from.zeroPoint,
    ...stageAttributes([from.scale / (count * tail.scale.scale)], tail, emission.multiplierBits),
  };
  const result = flattens
    ? flattened(emission, node, emission.helper('IntegerAveragePool', meanOf(node, integer, tail), pool))
    : emission.node('IntegerAveragePool', node, [integer], tail.output, pool);
  emission.define(tail.output, result, tail.outputScale);
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
