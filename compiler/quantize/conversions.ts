/** One row an operator: when the accelerator takes it, and what it becomes. */

import type { Graph, Node } from '../graph/index.js';
import { clampOperators, tabledOperators } from './activations.js';
import { affineOf } from './affine.js';
import { convertAdd, convertFunction, convertJoin, convertShape } from './convert-elementwise.js';
import { convertTwoLines } from './convert-leaky.js';
import {
  convertDepthToSpace,
  convertGather,
  convertPad,
  convertResize,
  convertSpaceToDepth,
  convertSplit,
  depthRefused,
  gatherRefused,
  padRefused,
  pictureRefused,
  resizeRefused,
  sliceRefused,
} from './convert-move.js';
import { convertAffine, convertConv, convertMatMul } from './convert-multiply.js';
import { convertAverage, convertMaximum } from './convert-pool.js';
import { convertProduct, productOf } from './convert-product.js';
import type { Emission } from './emission.js';

export interface Conversion {
  /** Why this node cannot become integers, or undefined. */
  refuses(graph: Graph, node: Node): string | undefined;
  emit(emission: Emission, node: Node): void;
  /** Worth an error when it would have to run on the host. */
  readonly heavy: boolean;
  /** Its result has its input's scale unless something states another. */
  readonly keepsScale: boolean;
}

/** Rank 2 for a matrix product; 3 or 4 for a convolution. */
function constantWeights(...ranks: readonly number[]): Conversion['refuses'] {
  return (graph, node) => {
    const weights = graph.values.get(node.inputs[1] ?? '')?.constant;
    if (weights === undefined) return 'its weights are not constant';
    if (!ranks.includes(weights.shape.length)) return `its weights have rank ${weights.shape.length}`;
    return refusedBias(graph, node);
  };
}

/** A bias has one number, or one for each output channel. */
function refusedBias(graph: Graph, node: Node): string | undefined {
  const name = node.inputs[2] ?? '';
  if (name === '') return undefined;
  const bias = graph.values.get(name)!.constant;
  if (bias === undefined) return 'its bias is not constant';
  const { shape } = graph.values.get(node.outputs[0]!)!.type;
  const channels = node.operator === 'Conv' ? shape[1] : shape.at(-1);
  const perChannel =
    bias.shape.length === 0 || (bias.shape.at(-1) === channels && bias.data.length === channels);
  return perChannel || bias.data.length === 1
    ? undefined
    : `its bias has shape [${bias.shape.join(', ')}], not one number a channel`;
}

const always = (): undefined => undefined;

function elementwise(graph: Graph, node: Node): string | undefined {
  const constants = node.inputs.filter((name) => graph.values.get(name)?.constant !== undefined);
  if (constants.length > 0)
    return affineOf(graph, node) ? undefined : 'its constant operand does not broadcast over channels only';
  if (node.operator === 'Mul')
    return productOf(graph, node) ? undefined : 'one operand is no factor of the other';
  if (node.operator !== 'Add') return 'both operands are activations';
  const [a, b] = node.inputs.map((name) => graph.values.get(name)!.type.shape.join());
  return a === b ? undefined : 'its operands have different shapes';
}

function emitElementwise(emission: Emission, node: Node): void {
  const affine = affineOf(emission.graph, node);
  if (affine === undefined && node.operator === 'Mul') convertProduct(emission, node);
  else if (affine === undefined) convertAdd(emission, node);
  else convertAffine(emission, node, affine);
}

const normalized = (graph: Graph, node: Node): string | undefined =>
  affineOf(graph, node) === undefined ? 'it does not normalise a picture by constants' : undefined;

const pooled = (graph: Graph, node: Node): string | undefined => {
  const rank = graph.values.get(node.inputs[0]!)!.type.shape.length;
  const pads = (node.attributes.pads as readonly number[] | undefined) ?? [];
  if (pads.some((p) => p < 0)) return 'negative padding crops its input';
  return rank === 4 ? undefined : `its input has rank ${rank}, not 4`;
};

const convolved = (graph: Graph, node: Node): string | undefined => {
  const pads = (node.attributes.pads as readonly number[] | undefined) ?? [];
  if (pads.some((p) => p < 0)) return 'negative padding crops its input';
  return constantWeights(3, 4)(graph, node);
};

const multiplied = (graph: Graph, node: Node): string | undefined =>
  node.attributes.transA === true ? 'its first operand is transposed' : constantWeights(2)(graph, node);

const averaged = (graph: Graph, node: Node): string | undefined => {
  const pads = (node.attributes.pads as readonly number[] | undefined) ?? [];
  const padded = pads.some((p) => p !== 0);
  if (padded && node.attributes.countIncludePad === true && node.attributes.ceilMode === true)
    return 'of its padding only a part is counted';
  const kernel = (node.attributes.kernel as readonly number[] | undefined) ?? [];
  if (pads.some((p, i) => p >= kernel[i % kernel.length]!)) return 'a window may hold padding only';
  return pooled(graph, node);
};

const meaned = (graph: Graph, node: Node): string | undefined => {
  const { shape } = graph.values.get(node.inputs[0]!)!.type;
  const axes = (node.attributes.axes as readonly number[]).map((a) => (a < 0 ? a + shape.length : a)).sort();
  return shape.length === 4 && axes.join() === '2,3'
    ? undefined
    : `it reduces axes ${axes.join(', ')} of rank ${shape.length}, not the picture`;
};

/** What is joined is streamed from where the accelerator put it. */
const joined = (graph: Graph, node: Node): string | undefined =>
  node.inputs.some((name) => graph.values.get(name)!.constant !== undefined)
    ? 'one of its parts is constant'
    : undefined;

const row = (emit: Conversion['emit'], refuses: Conversion['refuses'] = always): Conversion => ({
  emit,
  refuses,
  heavy: false,
  keepsScale: false,
});

const heavy = (conversion: Conversion): Conversion => ({ ...conversion, heavy: true });
const keepsScale = (conversion: Conversion): Conversion => ({ ...conversion, keepsScale: true });

/** A table, or two lines where there are no tables. */
function convertLeaky(emission: Emission, node: Node): void {
  if (emission.widths.activationBits > 8) convertTwoLines(emission, node);
  else convertFunction(emission, node);
}

const shapes = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Identity'];

/** Every operator with an integer form. */
export const conversions: Readonly<Record<string, Conversion>> = {
  Conv: heavy(row(convertConv, convolved)),
  Gemm: heavy(row(convertMatMul, multiplied)),
  MatMul: heavy(row(convertMatMul, multiplied)),
  Add: row(emitElementwise, elementwise),
  Sub: row(emitElementwise, elementwise),
  Mul: row(emitElementwise, elementwise),
  Div: row(emitElementwise, elementwise),
  BatchNormalization: row(emitElementwise, normalized),
  MaxPool: keepsScale(row(convertMaximum, pooled)),
  GlobalMaxPool: keepsScale(row(convertMaximum, pooled)),
  AveragePool: row(convertAverage, averaged),
  GlobalAveragePool: row(convertAverage, pooled),
  ReduceMean: row(convertAverage, meaned),
  ReduceMax: keepsScale(row(convertMaximum, meaned)),
  Concat: row(convertJoin, joined),
  Interleave: row(convertJoin, joined),
  Slice: keepsScale(row(convertShape, sliceRefused)),
  Split: keepsScale(row(convertSplit, pictureRefused)),
  Gather: keepsScale(row(convertGather, gatherRefused)),
  Pad: keepsScale(row(convertPad, padRefused)),
  DepthToSpace: keepsScale(row(convertDepthToSpace, depthRefused)),
  SpaceToDepth: keepsScale(row(convertSpaceToDepth, depthRefused)),
  Resize: keepsScale(row(convertResize, resizeRefused)),
  ...Object.fromEntries([...clampOperators, ...tabledOperators].map((name) => [name, row(convertFunction)])),
  LeakyRelu: row(convertLeaky),
  ...Object.fromEntries(shapes.map((name) => [name, keepsScale(row(convertShape))])),
};

/** Whether an operator gives the same values under another shape. */
export function isShapeOperator(operator: string): boolean {
  return shapes.includes(operator);
}

/** The conversion of a node's operator, if it has one. */
export function conversionOf({ operator }: Node): Conversion | undefined {
  return Object.hasOwn(conversions, operator) ? conversions[operator] : undefined;
}
