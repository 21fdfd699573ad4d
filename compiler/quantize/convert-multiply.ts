/** Convolutions, dense layers and per-channel affine functions: integer weights, folded bias, one scale a channel. */

import {
  DiagnosticError,
  type ElementArray,
  fixedPointScale,
  type Tensor,
  tensor,
} from '../../base/index.js';
import type { AttributeValue, Node } from '../graph/index.js';
import type { Affine } from './affine.js';
import { accumulatorOverflow, scaleOutOfRange, weightAxis } from './diagnostics.js';
import type { Emission } from './emission.js';
import { stageAttributes } from './stage.js';
import { type Tail, tailOf } from './tail.js';
import { reducedScale } from './two-roundings.js';
import type { ActivationScale, QuantizedBias, QuantizedWeights } from './types.js';
import { type FoldedBias, foldBias, quantizeWeights, roomyScales } from './weights.js';

export function convertConv(emission: Emission, node: Node): void {
  const [x, w, b] = node.inputs as [string, string, string | undefined];
  const weights = emission.graph.values.get(w)!.constant!;
  const channels = weights.shape[0]!;
  const known = knownWeights(emission, node, 0);
  const { group, strides, dilations, pads } = node.attributes;
  multiply(emission, node, {
    operator: 'IntegerConv',
    input: x,
    channels,
    quantized: (least) => known ?? floatWeights(emission, weights.data as Float32Array, channels, least),
    weights: ({ element, data }) => tensor(element, weights.shape, data),
    bias: biasOf(emission, b, channels),
    attributes: (zeroPoint) => ({
      ...windowLists(weights.shape.length - 2, { strides, dilations, pads }),
      group: group ?? 1,
      padValue: zeroPoint,
    }),
  });
}

/** Weights of the machine's width, with no scale below `least` or too fine for its accumulator. */
function floatWeights(
  emission: Emission,
  rows: ArrayLike<number>,
  channels: number,
  least: readonly number[],
): QuantizedWeights {
  const { widths } = emission;
  // Of 8-bit activations too large a sum is refused: there the weights have no bits to spare.
  const room = widths.activationBits > 8 ? roomyScales(rows, channels, widths) : [];
  const floor = least.map((scale, c) => Math.max(scale, room[c] ?? 0));
  return quantizeWeights(rows, channels, { least: floor, bits: widths.weightBits });
}

/** The framework's own integers for the weights of a node, whose output channels lie along `axis`. */
function knownWeights(emission: Emission, node: Node, axis: number): QuantizedWeights | undefined {
  const known = emission.annotated.weights(node.inputs[1]!);
  if (known === undefined || known.scale.length === 1 || known.axis === axis) return known;
  throw new DiagnosticError([weightAxis(emission.graph.name, node, known.axis ?? 0, axis)]);
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
  const alpha = Number(node.attributes.alpha ?? 1);
  const known = knownWeights(emission, node, byRow ? 0 : 1);
  const inRows = <T extends ElementArray | Float32Array>(data: T) => (byRow ? data : transposed(data, k, n));
  const quantized = (least: readonly number[]): QuantizedWeights =>
    known === undefined
      ? floatWeights(
          emission,
          inRows(constant.data as Float32Array).map((value) => value * alpha),
          n,
          least,
        )
      : {
          element: known.element,
          data: inRows(known.data),
          scale: known.scale.map((scale) => scale * alpha),
        };
  multiply(emission, node, {
    operator: 'IntegerMatMul',
    input: x,
    channels: n,
    quantized,
    weights: ({ element, data }) => tensor(element, [k, n], transposed(data, n, k)),
    bias: biasOf(emission, b, n, Number(node.attributes.beta ?? 1)),
    attributes: () => ({}),
  });
}

/** [rows, columns] -> [columns, rows]. */
function transposed<T extends ElementArray | Float32Array>(data: T, rows: number, columns: number): T {
  const result = data.slice() as T;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c]!;
  return result;
}

/** A per-channel affine function as a depthwise 1x1 convolution. */
export function convertAffine(emission: Emission, node: Node, { input, factor, offset }: Affine): void {
  const channels = factor.length;
  multiply(emission, node, {
    operator: 'IntegerConv',
    input,
    channels,
    quantized: (least) => floatWeights(emission, factor, channels, least),
    weights: ({ element, data }) => tensor(element, [channels, 1, 1, 1], data),
    bias: { real: offset, known: undefined },
    attributes: (zeroPoint) => ({
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      group: channels,
      padValue: zeroPoint,
    }),
  });
}

/** A bias, one number a channel, with the framework's own integers where it has any. */
interface Bias {
  readonly real: readonly number[];
  readonly known: QuantizedBias | undefined;
}

function biasOf(emission: Emission, name: string | undefined, channels: number, factor = 1): Bias {
  if (name === undefined || name === '')
    return { real: new Array<number>(channels).fill(0), known: undefined };
  const known = factor === 1 ? emission.annotated.bias(name) : undefined;
  const values = Array.from(
    emission.graph.values.get(name)!.constant!.data as ArrayLike<number>,
    (value) => Number(value) * factor,
  );
  const real = values.length === 1 ? new Array<number>(channels).fill(values[0]!) : values;
  return { real, known };
}

interface Product {
  readonly operator: 'IntegerConv' | 'IntegerMatMul';
  readonly input: string;
  readonly channels: number;
  /** Weights in [channels, n] order, with no scale below `least`; the framework's own where it has quantised them. */
  readonly quantized: (least: readonly number[]) => QuantizedWeights;
  /** Weights as the operator takes them. */
  readonly weights: (rows: QuantizedWeights) => Tensor;
  readonly bias: Bias;
  readonly attributes: (zeroPoint: number) => Node['attributes'];
}

/** A bias takes at most this much of the accumulator's 2^31; the products have the rest. */
const BIAS_LIMIT = 2 ** 30;

function multiply(emission: Emission, node: Node, product: Product): void {
  const integer = emission.integerOf(product.input, node);
  const input = emission.scaleOf(product.input);
  const tail = tailOf(emission, node, product.operator === 'IntegerConv' ? 'second' : 'last');
  const real = product.bias.real.map((value, c) => value + (tail.bias?.[c] ?? 0));
  const rows = product.quantized(real.map((value) => Math.abs(value) / (input.scale * BIAS_LIMIT)));
  const exactly = accumulatorScale(emission, product, input, rows);
  const scale = real.map((_, c) => exactly(rows.scale[c] ?? rows.scale[0]!));
  const bias = tail.bias === undefined ? knownBias(product.bias.known, scale) : undefined;
  const folded = foldBias(rows.data, bias ?? scale.map((s, c) => Math.round(real[c]! / s)), {
    zeroPoint: input.zeroPoint,
    largest: -emission.range.min,
  });
  if (folded.bound >= 2 ** 31)
    throw new DiagnosticError([accumulatorOverflow(emission.graph.name, node, folded.bound)]);
  const attributes = {
    ...product.attributes(input.zeroPoint),
    ...stageOf(emission, node, product, { scale, tail }),
  };
  const inputs = [integer, ...constantsOf(emission, node, product, { rows, scale, folded })];
  const output = emission.node(product.operator, node, inputs, tail.output, attributes);
  emission.define(tail.output, output, tail.outputScale);
}

/**
 * What 1 in the accumulator means. Frameworks multiply the two scales in double precision where each channel has its own, and in single precision for dense layers
 * and uint8 networks with one scale; the product's last bit decides how rare sums round.
 */
function accumulatorScale(
  emission: Emission,
  { operator }: Product,
  input: ActivationScale,
  rows: QuantizedWeights,
): (weight: number) => number {
  const legacy = operator === 'IntegerMatMul' || input.frameworkZero !== undefined;
  const single = emission.annotated.sparse && rows.scale.length === 1 && legacy;
  return single ? (weight) => Math.fround(input.scale * weight) : (weight) => input.scale * weight;
}

/** The framework's own integers, if they count in the accumulator's scale; scales are float32, so up to their rounding. */
function knownBias(
  known: QuantizedBias | undefined,
  scale: readonly number[],
): readonly number[] | undefined {
  const same = known?.scale.every((s, c) => Math.abs(s - scale[c]!) <= 1e-6 * scale[c]!);
  return same === true ? Array.from(known!.integers) : undefined;
}

/** Weights and bias as values of the integer graph, each with what its integers mean. */
function constantsOf(
  emission: Emission,
  node: Node,
  product: Product,
  parts: { rows: QuantizedWeights; scale: readonly number[]; folded: FoldedBias },
): [string, string] {
  const meaning = (scale: readonly number[], axis: number) => ({
    scale: [...scale],
    zeroPoint: scale.map(() => 0),
    ...(scale.length > 1 && { axis }),
  });
  const weights = emission.constant(
    `${node.name}.weights`,
    product.weights(parts.rows),
    meaning(parts.rows.scale, product.operator === 'IntegerConv' ? 0 : 1),
  );
  const bias = emission.constant(
    `${node.name}.bias`,
    tensor('int32', [product.channels], parts.folded.bias),
    meaning(parts.scale, 0),
  );
  return [weights, bias];
}

function stageOf(
  emission: Emission,
  node: Node,
  product: Product,
  { scale, tail }: { readonly scale: readonly number[]; readonly tail: Tail },
): Node['attributes'] {
  const ratios = scale.map((s) => s / tail.scale.scale);
  const tooLarge = ratios.find((ratio) => ratio >= 2 ** (emission.multiplierBits - 2));
  if (tooLarge !== undefined)
    throw new DiagnosticError([scaleOutOfRange(emission.graph.name, node, tooLarge)]);
  const wide = emission.annotated.wideKernels === true && product.bias.known?.element !== 'int32';
  const fixedPoint = wide ? reducedScale : fixedPointScale;
  return stageAttributes(ratios, tail, emission.multiplierBits, fixedPoint);
}
