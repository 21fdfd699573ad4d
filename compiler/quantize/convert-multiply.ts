/** Convolutions, dense layers and per-channel affine functions: int8 weights, folded bias, one scale a channel. */

import { DiagnosticError, type Tensor, tensor } from '../../base/index.js';
import type { AttributeValue, Node } from '../graph/index.js';
import type { Affine } from './affine.js';
import { accumulatorOverflow, scaleOutOfRange } from './diagnostics.js';
import type { Emission, Tail } from './emission.js';
import { stageAttributes } from './stage.js';
import type { QuantizedWeights } from './types.js';
import { foldBias, quantizeWeights } from './weights.js';

export function convertConv(emission: Emission, node: Node): void {
  const [x, w, b] = node.inputs as [string, string, string | undefined];
  const weights = emission.graph.values.get(w)!.constant!;
  const channels = weights.shape[0]!;
  const quantized = emission.annotated.weights(w) ?? quantizeWeights(weights.data as Float32Array, channels);
  const { group, strides, dilations, pads } = node.attributes;
  multiply(emission, node, {
    operator: 'IntegerConv',
    input: x,
    rows: quantized,
    weights: tensor('int8', weights.shape, quantized.data),
    bias: biasReader(emission, b, channels),
    attributes: (zeroPoint) => ({
      ...windowLists(weights.shape.length - 2, { strides, dilations, pads }),
      group: group ?? 1,
      padValue: zeroPoint,
    }),
  });
}

type Lists = Readonly<Record<'strides' | 'dilations' | 'pads', AttributeValue | undefined>>;

/** Window attributes with absent lists written out. */
export function windowLists(
  axes: number,
  { strides, dilations, pads }: Lists,
): Record<string, AttributeValue> {
  const filled = (list: AttributeValue | undefined, length: number, value: number) =>
    Array.isArray(list) && list.length > 0 ? list : new Array<number>(length).fill(value);
  return {
    strides: filled(strides, axes, 1),
    dilations: filled(dilations, axes, 1),
    pads: filled(pads, 2 * axes, 0),
  };
}

/** Gemm and MatMul with constant weights [K, N] (or [N, K] when transB). */
export function convertMatMul(emission: Emission, node: Node): void {
  const [x, w, b] = node.inputs as [string, string, string | undefined];
  const constant = emission.graph.values.get(w)!.constant!;
  const byRow = node.attributes.transB === true;
  const [k, n] = byRow ? [constant.shape[1]!, constant.shape[0]!] : [constant.shape[0]!, constant.shape[1]!];
  const rows = rowsOf(emission, node, constant, { k, n, byRow });
  multiply(emission, node, {
    operator: 'IntegerMatMul',
    input: x,
    rows,
    weights: tensor('int8', [k, n], transposed(rows.data, n, k)),
    bias: biasReader(emission, b, n, Number(node.attributes.beta ?? 1)),
    attributes: () => ({}),
  });
}

/** Weights in [N, K] order as integers. */
function rowsOf(
  emission: Emission,
  node: Node,
  constant: Tensor,
  { k, n, byRow }: { k: number; n: number; byRow: boolean },
): QuantizedWeights {
  const known = emission.annotated.weights(node.inputs[1]!);
  if (known !== undefined) return { ...known, data: byRow ? known.data : transposed(known.data, k, n) };
  const alpha = Number(node.attributes.alpha ?? 1);
  const rows = byRow ? (constant.data as Float32Array) : transposed(constant.data as Float32Array, k, n);
  return quantizeWeights(
    rows.map((value: number) => value * alpha),
    n,
  );
}

/** [rows, columns] -> [columns, rows]. */
function transposed<T extends Int8Array | Float32Array>(data: T, rows: number, columns: number): T {
  const result = data.slice() as T;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c]!;
  return result;
}

/** A per-channel affine function as a depthwise 1x1 convolution. */
export function convertAffine(emission: Emission, node: Node, { input, factor, offset }: Affine): void {
  const channels = factor.length;
  const rows = quantizeWeights(factor, channels);
  multiply(emission, node, {
    operator: 'IntegerConv',
    input,
    rows,
    weights: tensor('int8', [channels, 1, 1, 1], rows.data),
    bias: () => offset,
    attributes: (zeroPoint) => ({
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      group: channels,
      padValue: zeroPoint,
    }),
  });
}

/** Real bias values given the accumulator's scale a channel. */
type BiasReader = (accumulatorScale: readonly number[]) => readonly number[];

function biasReader(emission: Emission, name: string | undefined, channels: number, factor = 1): BiasReader {
  if (name === undefined || name === '') return () => new Array<number>(channels).fill(0);
  const integers = emission.annotated.bias(name);
  if (integers !== undefined) return (scale) => Array.from(integers, (b, c) => b * scale[c]!);
  const values = Array.from(
    emission.graph.values.get(name)!.constant!.data as ArrayLike<number>,
    (v) => Number(v) * factor,
  );
  return () => (values.length === 1 ? new Array<number>(channels).fill(values[0]!) : values);
}

interface Product {
  readonly operator: 'IntegerConv' | 'IntegerMatMul';
  readonly input: string;
  /** Weights in [channels, n] order, for sums and bounds. */
  readonly rows: QuantizedWeights;
  /** Weights as the operator takes them. */
  readonly weights: Tensor;
  readonly bias: BiasReader;
  readonly attributes: (zeroPoint: number) => Node['attributes'];
}

function multiply(emission: Emission, node: Node, product: Product): void {
  const integer = emission.integerOf(product.input, node);
  const input = emission.scaleOf(product.input);
  const tail = emission.tail(node, true);
  const channels = product.weights.shape[product.operator === 'IntegerConv' ? 0 : 1]!;
  const scale = Array.from(
    { length: channels },
    (_, c) => input.scale * (product.rows.scale[c] ?? product.rows.scale[0]!),
  );
  const real = product.bias(scale);
  const bias = scale.map((s, c) => Math.round((real[c]! + (tail.bias?.[c] ?? 0)) / s));
  const folded = foldBias(product.rows.data, bias, input.zeroPoint);
  if (folded.bound >= 2 ** 31)
    throw new DiagnosticError([accumulatorOverflow(emission.graph.name, node, folded.bound)]);
  const { builder } = emission;
  const inputs = [
    integer,
    builder.constant(`${node.name}.weights`, product.weights),
    builder.constant(`${node.name}.bias`, tensor('int32', [channels], folded.bias)),
  ];
  const attributes = { ...product.attributes(input.zeroPoint), ...stageOf(emission, node, scale, tail) };
  const output = emission.node(product.operator, node, inputs, tail.output, attributes);
  emission.define(tail.output, output, emission.outputScale(tail, node));
}

function stageOf(emission: Emission, node: Node, scale: readonly number[], tail: Tail): Node['attributes'] {
  const ratios = scale.map((s) => s / tail.scale.scale);
  const tooLarge = ratios.find((ratio) => ratio >= 2 ** (emission.multiplierBits - 2));
  if (tooLarge !== undefined)
    throw new DiagnosticError([scaleOutOfRange(emission.graph.name, node, tooLarge)]);
  return stageAttributes(ratios, tail, emission.multiplierBits);
}
