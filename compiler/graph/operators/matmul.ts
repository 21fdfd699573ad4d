/** Matrix products: Gemm and batched MatMul. */

import { elementCount, type Tensor } from '../../../base/index.js';
import { flagAttribute, numberAttribute } from '../attributes.js';
import {
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import type { TensorType } from '../types.js';
import { broadcastIndex, broadcastShape } from './broadcast.js';
import { generate, isFloat, type Numbers, toNumbers } from './numeric.js';

/** A matrix inside a flat array: element (r, c) at `base + r * rowStep + c * columnStep`. */
interface Matrix {
  readonly data: Numbers;
  readonly base: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** `out[m, n] = sum over k of a[m, k] * b[k, n]`, written to `out` from `at`; sums in float64. */
function multiply(
  a: Matrix,
  b: Matrix,
  [m, k, n]: readonly [number, number, number],
  out: Float64Array,
  at: number,
): void {
  for (let r = 0; r < m; r++) {
    for (let i = 0; i < k; i++) {
      const scale = a.data[a.base + r * a.rowStep + i * a.columnStep]!;
      const row = b.base + i * b.rowStep;
      for (let c = 0; c < n; c++) out[at + r * n + c]! += scale * b.data[row + c * b.columnStep]!;
    }
  }
}

function finish(type: TensorType, sums: Float64Array): Tensor {
  return generate(type, (i) => sums[i]!);
}

/** The shape of a batched product, as numpy defines it; refuses inner extents that differ. */
export function matmulShape(a: readonly number[], b: readonly number[]): number[] {
  if (a.length === 0 || b.length === 0) refuse('a scalar has no matrix product');
  const [am, bm] = matrixShapes(a, b);
  if (am.at(-1) !== bm.at(-2)) refuse(`the inner extents ${am.at(-1)} and ${bm.at(-2)} differ`);
  const batch = broadcastShape(am.slice(0, -2), bm.slice(0, -2));
  return [...batch, ...(a.length > 1 ? [am.at(-2)!] : []), ...(b.length > 1 ? [bm.at(-1)!] : [])];
}

/** Vectors promoted to matrices: a row on the left, a column on the right. */
function matrixShapes(a: readonly number[], b: readonly number[]): [readonly number[], readonly number[]] {
  return [a.length === 1 ? [1, a[0]!] : a, b.length === 1 ? [b[0]!, 1] : b];
}

/** The sums of a batched product, row-major in the shape that {@link matmulShape} gives. */
export function matmulSums(
  a: { readonly shape: readonly number[]; readonly data: Numbers },
  b: { readonly shape: readonly number[]; readonly data: Numbers },
): Float64Array {
  const [am, bm] = matrixShapes(a.shape, b.shape);
  const [m, k, n] = [am.at(-2)!, am.at(-1)!, bm.at(-1)!];
  const batch = broadcastShape(am.slice(0, -2), bm.slice(0, -2));
  const ia = broadcastIndex(am.slice(0, -2), batch);
  const ib = broadcastIndex(bm.slice(0, -2), batch);
  const sums = new Float64Array(elementCount(batch) * m * n);
  for (let i = 0; i < ia.length; i++) {
    const left = { data: a.data, base: ia[i]! * m * k, rowStep: k, columnStep: 1 };
    const right = { data: b.data, base: ib[i]! * k * n, rowStep: n, columnStep: 1 };
    multiply(left, right, [m, k, n], sums, i * m * n);
  }
  return sums;
}

const matMul: OperatorSpec = {
  name: 'MatMul',
  summary: 'matrix product of the last two axes, the others broadcast',
  attributes: {},
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const [a, b] = [inputType(call, 0), inputType(call, 1)];
    if (a.element !== b.element || !(isFloat(a.element) || a.element.includes('int')))
      refuse(`the operands are ${a.element} and ${b.element}, not one type of number`);
    return [{ element: a.element, shape: matmulShape(a.shape, b.shape) }];
  },
  evaluate: (call) => {
    const [a, b] = [inputTensor(call, 0), inputTensor(call, 1)];
    const sums = matmulSums(
      { shape: a.shape, data: toNumbers(a.data) },
      { shape: b.shape, data: toNumbers(b.data) },
    );
    return [finish(call.outputs[0]!, sums)];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * inputs[0]!.shape.at(-1)!,
};

const gemm: OperatorSpec = {
  name: 'Gemm',
  summary: 'alpha * A B + beta * C with A and B optionally transposed and C broadcast',
  attributes: {
    alpha: numberAttribute('factor of the product', 1),
    beta: numberAttribute('factor of C', 1),
    transA: flagAttribute('A is [K, M]', false),
    transB: flagAttribute('B is [N, K]', false),
  },
  inputs: { min: 2, max: 3 },
  infer: (call) => {
    const [a, b, c] = [inputType(call, 0), inputType(call, 1), call.inputs[2]];
    if (!isFloat(a.element) || a.element !== b.element)
      refuse(`the operands are ${a.element} and ${b.element}, not one float type`);
    if (a.shape.length !== 2 || b.shape.length !== 2) refuse('A and B are not matrices');
    const [m, k] = orient(a.shape, call.attributes.flag('transA'));
    const [kb, n] = orient(b.shape, call.attributes.flag('transB'));
    if (k !== kb) refuse(`the inner extents ${k} and ${kb} differ`);
    const whole = c === undefined ? [m, n] : broadcastShape([m, n], c.shape);
    if (whole.length !== 2 || whole[0] !== m || whole[1] !== n)
      refuse(`C of shape [${c?.shape.join(', ')}] does not broadcast to [${m}, ${n}]`);
    return [{ element: a.element, shape: [m, n] }];
  },
  evaluate: (call) => {
    const [a, b, c] = [inputTensor(call, 0), inputTensor(call, 1), call.inputs[2]];
    const type = call.outputs[0]!;
    const [m, n] = type.shape as readonly [number, number];
    const transA = call.attributes.flag('transA');
    const k = orient(a.shape, transA)[1];
    const sums = new Float64Array(m * n);
    multiply(
      matrix(toNumbers(a.data), [m, k], transA),
      matrix(toNumbers(b.data), [k, n], call.attributes.flag('transB')),
      [m, k, n],
      sums,
      0,
    );
    const alpha = call.attributes.number('alpha');
    for (let i = 0; i < sums.length; i++) sums[i]! *= alpha;
    if (c !== undefined) addBroadcast(sums, c, type.shape, call.attributes.number('beta'));
    return [finish(type, sums)];
  },
  macs: ({ inputs, outputs, attributes }) =>
    elementCount(outputs[0]!.shape) * orient(inputs[0]!.shape, attributes.flag('transA'))[1],
};

function orient(shape: readonly number[], transposed: boolean): [number, number] {
  return transposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
}

function matrix(data: Numbers, [rows, columns]: readonly [number, number], transposed: boolean): Matrix {
  return transposed
    ? { data, base: 0, rowStep: 1, columnStep: rows }
    : { data, base: 0, rowStep: columns, columnStep: 1 };
}

function addBroadcast(sums: Float64Array, c: Tensor, shape: readonly number[], beta: number): void {
  const index = broadcastIndex(c.shape, shape);
  const data = toNumbers(c.data);
  for (let i = 0; i < sums.length; i++) sums[i]! += beta * data[index[i]!]!;
}

export const matmulOperators: OperatorTable = operatorsByName(matMul, gemm);
