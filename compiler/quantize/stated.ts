/** What a quantised network states with its scales and zero points. In: a node and input positions. Out: int8 terms, or a diagnostic. */

import { DiagnosticError, type ElementType, type Tensor, tensor } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { asymmetricWeights, unsupportedScale } from './diagnostics.js';
import type { ActivationScale, QuantizedWeights, StoredBits } from './types.js';

const activationElements: Readonly<Record<StoredBits, readonly ElementType[]>> = {
  8: ['int8', 'uint8'],
  16: ['int16'],
};

/** How wide the activations of a quantised graph are: 16 bits where the first that states a zero point is int16. */
export function storedBits(graph: Graph): StoredBits {
  const elements = graph.nodes
    .filter(({ operator }) => operator === 'QuantizeLinear' || operator === 'DequantizeLinear')
    .map(({ inputs }) => inputs.slice(0, 3).map((name) => graph.values.get(name)))
    .filter(([stored]) => stored?.constant === undefined)
    .map(([, , zero]) => zero?.type.element ?? 'uint8');
  const known = Object.values(activationElements).flat();
  return elements.find((element) => known.includes(element)) === 'int16' ? 16 : 8;
}

/**
 * Scale and zero point of an activation from inputs `at` and `at + 1`, in int8 or int16; no zero point means uint8 0.
 * @param bits of the network's activations.
 */
export function statedScale(graph: Graph, node: Node, at: number, bits: StoredBits): ActivationScale {
  const scales = constantOf(graph, node, at).data as Float32Array;
  if (scales.length !== 1)
    throw refused(graph, node, `an activation has ${scales.length} scales, one for each index of an axis`);
  const name = node.inputs[at + 1] ?? '';
  const zero = name === '' ? tensor('uint8', [], Uint8Array.of(0)) : constantOf(graph, node, at + 1);
  const expected = activationElements[bits];
  if (!expected.includes(zero.element))
    throw refused(graph, node, `an activation is ${zero.element}, not ${expected.join(' or ')}`);
  const scale = { scale: scales[0]!, zeroPoint: Number(zero.data[0]) };
  if (zero.element === 'int16' && scale.zeroPoint !== 0)
    throw refused(graph, node, `an activation of 16 bits has the zero point ${scale.zeroPoint}, not 0`);
  return zero.element === 'uint8'
    ? { ...scale, zeroPoint: scale.zeroPoint - 128, frameworkZero: -128 }
    : scale;
}

/** Where a node states what its stored weights mean. */
export interface StatedWeights {
  readonly constant: Tensor;
  readonly scaleAt: number;
  readonly axis: number;
  /** Of the machine's weights. */
  readonly weightBits: number;
}

/**
 * Stored weights as symmetric integers: less their zero points, exactly. They are int8 where the machine's weights are; uint8 less a zero
 * point far from 128 needs nine bits, which a machine of 16-bit weights has.
 */
export function statedWeights(graph: Graph, node: Node, weights: StatedWeights): QuantizedWeights {
  const { constant, scaleAt } = weights;
  const wide = weights.weightBits === 16;
  const scale = Array.from(constantOf(graph, node, scaleAt).data as Float32Array);
  const zeros =
    (node.inputs[scaleAt + 1] ?? '') === ''
      ? [0]
      : Array.from(constantOf(graph, node, scaleAt + 1).data, Number);
  const axis = weights.axis < 0 ? weights.axis + constant.shape.length : weights.axis;
  const step = constant.shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const least = wide ? -32768 : -128;
  const symmetric = Array.from(constant.data as ArrayLike<number>, (value, i) => {
    const zero = zeros[Math.floor(i / step) % zeros.length]!;
    const less = Number(value) - zero;
    if (less < least || less >= -least)
      throw new DiagnosticError([asymmetricWeights(graph.name, node, zero)]);
    return less;
  });
  const stored = wide
    ? ({ element: 'int16', data: Int16Array.from(symmetric), scale } as const)
    : ({ element: 'int8', data: Int8Array.from(symmetric), scale } as const);
  return scale.length === 1 ? stored : { ...stored, axis };
}

/** The real values of integers with one scale, or one for each index of `axis`. */
export function realValues(
  integers: ArrayLike<number>,
  shape: readonly number[],
  { scale, axis = 0 }: { readonly scale: readonly number[]; readonly axis?: number },
): Tensor {
  const step =
    scale.length === 1 ? 1 : shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const data = Float32Array.from(integers, (value, i) => value * scale[Math.floor(i / step) % scale.length]!);
  return { element: 'float32', shape, data };
}

/** Constant input `at` of a node; a computed one means that the network chooses its scales while it runs. */
export function constantOf(graph: Graph, node: Node, at: number): Tensor {
  const constant = graph.values.get(node.inputs[at] ?? '')?.constant;
  if (constant === undefined)
    throw refused(graph, node, `input ${at} is computed while the network runs, not constant`);
  return constant;
}

export function refused(graph: Graph, node: Node, why: string): DiagnosticError {
  return new DiagnosticError([unsupportedScale(graph.name, node, why)]);
}
