/**
 * fold-batch-normalization: a scale and offset per channel after a convolution or matrix product disappear into its
 * weights: (w * x + b) * s + t = (w * s) * x + (b * s + t). The factors are BatchNormalization, Mul and Add by constants.
 */

import { elementCount, float32Tensor, rowMajorStrides, type Tensor } from '../../base/index.js';
import type { Graph, Node, Value } from '../graph/index.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { constantInput, freshValue, type Uses, untilStable, usesOf } from './rewrite.js';

/** y = scale[c] * x + offset[c]. */
interface Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/** The operators that can absorb one, with the axis of their weights that is the output channel. */
function channelAxis(node: Node): number | undefined {
  if (node.operator === 'Conv') return 0;
  if (node.operator === 'Gemm') return node.attributes.transB === true ? 0 : 1;
  return undefined;
}

/** The affine map that a node applies to the value `from`, or undefined when it is none. */
function affineOf(graph: Graph, node: Node, from: string): Affine | undefined {
  const channels = graph.values.get(from)!.type.shape[1]!;
  const ones = (): Float64Array => new Float64Array(channels).fill(1);
  if (node.operator === 'BatchNormalization') return normalization(graph, node, from);
  if (node.operator !== 'Mul' && node.operator !== 'Add') return undefined;
  if (node.inputs.every((name) => name === from)) return undefined;
  const operand = constantInput(graph, node, node.inputs[0] === from ? 1 : 0);
  const vector = operand && perChannel(operand, graph.values.get(from)!.type.shape);
  if (vector === undefined) return undefined;
  const isMul = node.operator === 'Mul';
  return isMul ? { scale: vector, offset: new Float64Array(channels) } : { scale: ones(), offset: vector };
}

function normalization(graph: Graph, node: Node, from: string): Affine | undefined {
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) =>
    floatsOf(constantInput(graph, node, index)),
  );
  if (node.inputs[0] !== from || !scale || !bias || !mean || !variance) return undefined;
  const epsilon = Number(node.attributes.epsilon ?? 1e-5);
  const factor = Float64Array.from(scale, (s, c) => s / Math.sqrt(variance[c]! + epsilon));
  const offset = Float64Array.from(bias, (b, c) => b - mean[c]! * factor[c]!);
  return { scale: factor, offset };
}

/** The elements of a float32 tensor; undefined for any other. */
function floatsOf(constant: Tensor | undefined): Float32Array | undefined {
  return constant?.element === 'float32' ? (constant.data as Float32Array) : undefined;
}

/** A constant that broadcasts along axis 1 only, as one number per channel; it must not enlarge the result. */
function perChannel(operand: Tensor, shape: readonly number[]): Float64Array | undefined {
  const rank = shape.length;
  if (operand.element !== 'float32' || operand.shape.length > rank) return undefined;
  const extents = [...new Array<number>(rank - operand.shape.length).fill(1), ...operand.shape];
  const channels = shape[1]!;
  if (extents.some((extent, axis) => extent !== 1 && (axis !== 1 || extent !== channels))) return undefined;
  return Float64Array.from({ length: channels }, (_, c) => Number(operand.data[extents[1] === 1 ? 0 : c]));
}

/** One fold, or undefined when there is none left. */
function foldOne(graph: Graph): Graph | undefined {
  const uses = usesOf(graph);
  for (const node of graph.nodes) {
    const absorbed = absorb(graph, uses, node);
    if (absorbed !== undefined) return absorbed;
  }
  return undefined;
}

function absorb(graph: Graph, uses: Uses, product: Node): Graph | undefined {
  const axis = channelAxis(product);
  const [from] = product.outputs;
  if (axis === undefined || from === undefined || uses.isOutput(from)) return undefined;
  const readers = uses.readers(from);
  const [weights, bias] = [constantInput(graph, product, 1), constantInput(graph, product, 2)];
  const biased = (product.inputs[2] ?? '') !== '';
  if (readers.length !== 1 || weights?.element !== 'float32' || (biased && bias?.element !== 'float32'))
    return undefined;
  const affine = affineOf(graph, readers[0]!, from);
  // A Gemm may add a whole matrix; only one number per column (or one for all) is a bias.
  if (bias !== undefined && elementCount(bias.shape) !== (bias.shape.at(-1) ?? 1)) return undefined;
  return affine && replace(graph, { product, reader: readers[0]!, axis, weights, bias, affine });
}

interface Fold {
  readonly product: Node;
  readonly reader: Node;
  readonly axis: number;
  readonly weights: Tensor;
  readonly bias: Tensor | undefined;
  readonly affine: Affine;
}

function replace(graph: Graph, { product, reader, axis, weights, bias, affine }: Fold): Graph {
  const values = new Map(graph.values);
  const add = (stem: string, constant: Tensor): string => {
    const name = freshValue(values, stem);
    const value: Value = { name, type: { element: constant.element, shape: constant.shape }, constant };
    values.set(name, value);
    return name;
  };
  const inputs = [
    product.inputs[0]!,
    add(`${product.inputs[1]}_folded`, scaled(weights, axis, affine.scale)),
    add(`${product.inputs[2] || `${product.name}_bias`}_folded`, shifted(product, bias, affine)),
  ];
  const merged: Node = { ...product, inputs, outputs: reader.outputs };
  const isGemm = product.operator === 'Gemm';
  // The new bias already holds beta * C.
  const node = isGemm ? { ...merged, attributes: { ...product.attributes, beta: 1 } } : merged;
  const nodes = graph.nodes
    .filter((other) => other !== product)
    .map((other) => (other === reader ? node : other));
  return removeUnused.run({ ...graph, values, nodes });
}

/** The weights with every output channel multiplied by its scale. */
function scaled(weights: Tensor, axis: number, scale: Float64Array): Tensor {
  const [step, extent] = [rowMajorStrides(weights.shape)[axis]!, weights.shape[axis]!];
  const values = floatsOf(weights)!.map((w, i) => w * scale[Math.floor(i / step) % extent]!);
  return float32Tensor(weights.shape, values);
}

/** `bias * beta * scale + offset`, one per channel. */
function shifted(product: Node, bias: Tensor | undefined, { scale, offset }: Affine): Tensor {
  const beta = Number(product.operator === 'Gemm' ? (product.attributes.beta ?? 1) : 1);
  const values = offset.map((t, c) => biasAt(bias, c) * beta * scale[c]! + t);
  return float32Tensor([values.length], values);
}

function biasAt(bias: Tensor | undefined, channel: number): number {
  if (bias === undefined) return 0;
  return Number(bias.data[elementCount(bias.shape) === 1 ? 0 : channel]);
}

export const foldBatchNormalization: Pass = {
  name: 'fold-batch-normalization',
  summary:
    'merges BatchNormalization and per-channel Mul and Add by constants into the Conv or Gemm before them',
  run: (graph) => untilStable(graph, foldOne),
};
