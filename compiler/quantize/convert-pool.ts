/** Pooling: maxima keep their input's scale, averages get one of their own. */

import type { AttributeValue, Node } from '../graph/index.js';
import { windowLists } from './convert-multiply.js';
import type { Emission } from './emission.js';
import { rescaleAttributes, stageAttributes } from './stage.js';

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

export function convertMaximum(emission: Emission, node: Node): void {
  const input = node.inputs[0]!;
  const integer = emission.integerOf(input, node);
  const from = emission.scaleOf(input);
  const output = node.outputs[0]!;
  // Framework scales behind a maximum may differ from those in front; calibration never makes them differ.
  const to = emission.annotated.sparse ? (emission.annotated.activation(output) ?? from) : from;
  const { attributes } = poolingOf(emission, node);
  const result = emission.node('IntegerMaxPool', node, [integer], output, {
    ...attributes,
    padValue: -128,
    ...rescaleAttributes(from, { scale: to, min: -128, max: 127 }, emission.multiplierBits),
  });
  emission.define(output, result, to);
}

export function convertAverage(emission: Emission, node: Node): void {
  const input = node.inputs[0]!;
  const integer = emission.integerOf(input, node);
  const from = emission.scaleOf(input);
  const { kernel, attributes } = poolingOf(emission, node);
  const count = kernel.reduce((product, extent) => product * extent, 1);
  const flattens = node.operator === 'ReduceMean' && node.attributes.keepDims === false;
  const tail = flattens ? undefined : emission.tail(node, false);
  const scale = tail?.scale ?? emission.requiredScale(node.outputs[0]!, node);
  const output = tail?.output ?? node.outputs[0]!;
  const stage = stageAttributes(
    [from.scale / (count * scale.scale)],
    tail ?? { scale, min: -128, max: 127 },
    emission.multiplierBits,
  );
  const pooledAttributes = {
    ...attributes,
    padValue: from.zeroPoint,
    bias: -count * from.zeroPoint,
    ...stage,
  };
  if (!flattens) {
    const result = emission.node('IntegerAveragePool', node, [integer], output, pooledAttributes);
    emission.define(output, result, tail === undefined ? scale : emission.outputScale(tail, node));
    return;
  }
  const pooled = emission.builder.node('IntegerAveragePool', [integer], {
    name: `${node.name}.mean`,
    origin: node.origin,
    attributes: pooledAttributes,
  });
  const { shape } = emission.graph.values.get(output)!.type;
  emission.define(output, emission.node('Reshape', node, [pooled], output, { shape }), scale);
}
