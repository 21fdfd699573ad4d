/** One-dimensional pools, normalisations and reductions over [N, C, L] or [N, C], on pictures of one row. Sums as means. */

import type { Node } from '../../graph/index.js';
import type { Expansion } from './expansion.js';

function pictureOf([n, c, l]: readonly number[]): readonly number[] {
  return [n!, c!, 1, l ?? 1];
}

/** Lists of a window over one axis, for two. */
function widened(node: Node): Node['attributes'] {
  const lists = Object.entries(node.attributes).map(([name, value]) => {
    if (!Array.isArray(value) || value.length === 0) return [name, value] as const;
    const list = value as readonly number[];
    return [name, name === 'pads' ? [0, list[0]!, 0, list[1]!] : [1, ...list]] as const;
  });
  return Object.fromEntries(lists);
}

/** Windows of more pixels than this are cut into windows of windows: a vector instruction needs all of one in act. */
const LARGEST_PLANE = 256;

/** Extents of a first window: of each axis the smallest divisor that leaves at most `LARGEST_PLANE` windows, balanced over both axes. */
function firstWindow(height: number, width: number): readonly [number, number] | undefined {
  const divisors = (n: number) => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
  const fits = divisors(height)
    .flatMap((h) => divisors(width).map((w) => [h, w] as const))
    .filter(([h, w]) => h * w <= LARGEST_PLANE && (height / h) * (width / w) <= LARGEST_PLANE);
  // The two windows about as large as one another: fewest elements in the larger.
  const larger = ([h, w]: readonly [number, number]) => Math.max(h * w, (height * width) / (h * w));
  return fits.sort((a, b) => larger(a) - larger(b))[0];
}

/** The mean or the largest of a large plane: of windows first, then of what they gave. Windows of equal size have equal weight. */
function expandPlane(e: Expansion, node: Node): boolean {
  const [x, output] = [node.inputs[0]!, node.outputs[0]!];
  const [, , height, width] = e.shape(x) as readonly [number, number, number, number];
  if (height * width <= LARGEST_PLANE) return false;
  const kernel = firstWindow(height, width);
  if (kernel === undefined) return false;
  const maximum = node.operator === 'GlobalMaxPool' || node.operator === 'ReduceMax';
  const window = { kernel, strides: kernel, pads: [0, 0, 0, 0] };
  const parts = maximum
    ? e.add('MaxPool', [x], { ...window, dilations: [1, 1] })
    : e.add('AveragePool', [x], window);
  e.add(node.operator, [parts], node.attributes, output);
  return true;
}

/** A pool over one axis, or over a large plane. */
export function expandPool(e: Expansion, node: Node): boolean {
  const [x, output] = [node.inputs[0]!, node.outputs[0]!];
  if (node.operator.startsWith('Global') && e.shape(x).length === 4) return expandPlane(e, node);
  if (e.shape(x).length !== 3 || node.outputs.length > 1) return false;
  const pooled = e.add(node.operator, [e.reshape(x, pictureOf(e.shape(x)))], widened(node));
  e.reshape(pooled, e.shape(output), output);
  return true;
}

/** A normalisation by constants that no convolution has taken over. */
export function expandNormalization(e: Expansion, node: Node): boolean {
  const [x, output] = [node.inputs[0]!, node.outputs[0]!];
  const shape = e.shape(x);
  if (shape.length !== 2 && shape.length !== 3) return false;
  const inputs = [e.reshape(x, pictureOf(shape)), ...node.inputs.slice(1)];
  e.reshape(e.add(node.operator, inputs, node.attributes), shape, output);
  return true;
}

/** Arithmetic with one constant a channel on [N, C] or [N, C, L], unless a product in front takes it for its bias. */
export function expandPerChannel(e: Expansion, node: Node): boolean {
  const at = node.inputs.findIndex((name) => e.numbers(name) !== undefined);
  const x = node.inputs[1 - at];
  if (at < 0 || x === undefined || e.constantOf(x) !== undefined) return false;
  const shape = e.shape(x);
  const extents = e.shape(node.inputs[at]!);
  if ((shape.length !== 2 && shape.length !== 3) || e.shape(node.outputs[0]!).join() !== shape.join())
    return false;
  const data = e.numbers(node.inputs[at]!)!;
  if (data.length !== shape[1] || data.length === 1 || extents.at(1 - shape.length) !== shape[1])
    return false;
  const before = e.uses.producer(x)?.operator ?? '';
  if (node.operator === 'Add' && ['Gemm', 'MatMul', 'Conv'].includes(before)) return false;
  const operands = [e.reshape(x, pictureOf(shape)), e.floats([1, shape[1]!, 1, 1], data)];
  e.reshape(e.add(node.operator, at === 1 ? operands : operands.toReversed()), shape, node.outputs[0]!);
  return true;
}

/** ReduceMean, ReduceMax and ReduceSum over the pixels of [N, C, L] or [N, C, H, W]. */
export function expandReduction(e: Expansion, node: Node): boolean {
  const [x, output] = [node.inputs[0]!, node.outputs[0]!];
  const shape = e.shape(x);
  const given = node.attributes.axes as readonly number[] | undefined;
  const axes = (given ?? []).map((a) => (a < 0 ? a + shape.length : a)).sort();
  const pixels = shape.length === 4 ? axes.join() === '2,3' : shape.length === 3 && axes.join() === '2';
  const sum = node.operator === 'ReduceSum';
  if (pixels && shape.length === 4 && !sum) return expandPlane(e, node);
  if (!pixels) return false;
  const picture = shape.length === 4 ? x : e.reshape(x, pictureOf(shape));
  const count = shape.slice(2).reduce((a, b) => a * b, 1);
  const mean = e.add(node.operator === 'ReduceMax' ? 'GlobalMaxPool' : 'GlobalAveragePool', [picture]);
  const result = sum
    ? e.add('Mul', [mean, e.floats([1, shape[1]!, 1, 1], new Array<number>(shape[1]!).fill(count))])
    : mean;
  e.reshape(result, e.shape(output), output);
  return true;
}
