/** What a quantised network states with its scales and zero points. In: a node and input positions. Out: int8 terms, or a diagnostic. */

import { DiagnosticError, type Tensor } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { asymmetricWeights, unsupportedScale } from './diagnostics.js';
import type { ActivationScale, QuantizedWeights } from './types.js';

/** Scale and zero point of an activation from inputs `at` and `at + 1`, in int8; no zero point means uint8 0. */
export function statedScale(graph: Graph, node: Node, at: number): ActivationScale {
  const scales = constantOf(graph, node, at).data as Float32Array;
  if (scales.length !== 1)
    throw refused(graph, node, `an activation has ${scales.length} scales, one for each index of an axis`);
  const name = node.inputs[at + 1] ?? '';
  if (name === '') return { scale: scales[0]!, zeroPoint: -128, frameworkZero: -128 };
  const zero = constantOf(graph, node, at + 1);
  if (zero.element !== 'int8' && zero.element !== 'uint8')
    throw refused(graph, node, `an activation is ${zero.element}, not int8 or uint8`);
  const scale = { scale: scales[0]!, zeroPoint: Number(zero.data[0]) };
  return zero.element === 'int8'
    ? scale
    : { ...scale, zeroPoint: scale.zeroPoint - 128, frameworkZero: -128 };
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
