/** One row an operator: when the accelerator takes it, and what it becomes. */

import type { Graph, Node } from '../graph/index.js';
import { isClamp, isTabled } from './activations.js';
import { affineOf } from './affine.js';
import { convertAdd, convertConcat, convertFunction, convertShape } from './convert-elementwise.js';
import { convertAffine, convertConv, convertMatMul } from './convert-multiply.js';
import { convertAverage, convertMaximum } from './convert-pool.js';
import type { Emission } from './emission.js';

export interface Conversion {
  /** Why this node cannot become integers, or undefined. */
  refuses(graph: Graph, node: Node): string | undefined;
  emit(emission: Emission, node: Node): void;
  /** Worth an error when it would have to run on the host. */
  readonly heavy: boolean;
}

const constantWeights = (graph: Graph, node: Node): string | undefined =>
  graph.values.get(node.inputs[1] ?? '')?.constant === undefined ? 'its weights are not constant' : undefined;

const always = (): undefined => undefined;

function elementwise(graph: Graph, node: Node): string | undefined {
  const constants = node.inputs.filter((name) => graph.values.get(name)?.constant !== undefined);
  if (constants.length > 0)
    return affineOf(graph, node) ? undefined : 'its constant operand does not broadcast over channels only';
  if (node.operator !== 'Add') return 'both operands are activations';
  const [a, b] = node.inputs.map((name) => graph.values.get(name)!.type.shape.join());
  return a === b ? undefined : 'its operands have different shapes';
}

function emitElementwise(emission: Emission, node: Node): void {
  const affine = affineOf(emission.graph, node);
  if (affine === undefined) convertAdd(emission, node);
  else convertAffine(emission, node, affine);
}

const pooled = (graph: Graph, node: Node): string | undefined => {
  const rank = graph.values.get(node.inputs[0]!)!.type.shape.length;
  return rank === 4 ? undefined : `its input has rank ${rank}, not 4`;
};

const averaged = (graph: Graph, node: Node): string | undefined => {
  const pads = (node.attributes.pads as readonly number[] | undefined) ?? [];
  const padded = pads.some((p) => p !== 0);
  if (padded && node.attributes.countIncludePad !== true)
    return 'padding that is not counted makes the divisor vary';
  if (node.attributes.ceilMode === true) return 'ceil mode makes the divisor vary';
  return pooled(graph, node);
};

const meaned = (graph: Graph, node: Node): string | undefined => {
  const { shape } = graph.values.get(node.inputs[0]!)!.type;
  const axes = (node.attributes.axes as readonly number[]).map((a) => (a < 0 ? a + shape.length : a)).sort();
  return shape.length === 4 && axes.join() === '2,3'
    ? undefined
    : `it averages axes ${axes.join(', ')} of rank ${shape.length}, not the picture`;
};

const row = (
  emit: Conversion['emit'],
  refuses: Conversion['refuses'] = always,
  heavy = false,
): Conversion => ({ emit, refuses, heavy });

const functions = [
  'Relu',
  'Clip',
  'LeakyRelu',
  'Sigmoid',
  'Tanh',
  'HardSwish',
  'HardSigmoid',
  'Elu',
  'Exp',
  'Erf',
  'Sqrt',
  'Abs',
  'Neg',
].filter((name) => isClamp(name) || isTabled(name));
const shapes = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Identity'];

/** Every operator with an integer form. */
export const conversions: Readonly<Record<string, Conversion>> = {
  Conv: row(convertConv, constantWeights, true),
  Gemm: row(
    convertMatMul,
    (graph, node) =>
      node.attributes.transA === true ? 'its first operand is transposed' : constantWeights(graph, node),
    true,
  ),
  MatMul: row(convertMatMul, constantWeights, true),
  Add: row(emitElementwise, elementwise),
  Sub: row(emitElementwise, elementwise),
  Mul: row(emitElementwise, elementwise),
  Div: row(emitElementwise, elementwise),
  MaxPool: row(convertMaximum, pooled),
  GlobalMaxPool: row(convertMaximum, pooled),
  AveragePool: row(convertAverage, averaged),
  GlobalAveragePool: row(convertAverage, pooled),
  ReduceMean: row(convertAverage, meaned),
  Concat: row(convertConcat),
  ...Object.fromEntries(functions.map((name) => [name, row(convertFunction)])),
  ...Object.fromEntries(shapes.map((name) => [name, row(convertShape)])),
};
