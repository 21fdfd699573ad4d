/** Matrix products, and the fused operators that graph optimisers make of them and of convolutions. */

import { flattenedRows, follow, type Shaped } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import type { MappingTable, TensorflowMapping } from './mapping.js';
import { convolved, depthwise } from './windows.js';

/** @param bias a value [N], where one is fused in. */
function product(call: TensorflowCall, bias?: string): Shaped {
  const [transA, transB] = [call.flag('transpose_a'), call.flag('transpose_b')];
  call.rank(call.input(0), 2);
  const { value, order } = transA
    ? { value: call.last(0), order: undefined }
    : flattenedRows(call, call.input(0));
  const weights = call.values.constant(call.input(1));
  // Rows in channels-first order need the weights in it too, where those are constant.
  const reorders = order !== undefined && weights !== undefined;
  const rows = order === undefined || reorders ? value : call.last(0);
  const right = reorders ? reordered(call, order, transB ? 1 : 0) : call.last(1);
  const inputs = [rows, right, ...(bias === undefined ? [] : [bias])];
  return { value: call.op('Gemm', inputs, { transA, transB }), form: 'last' };
}

/** Constant weights with their rows (or columns) in the order of a channels-first picture. */
function reordered(call: TensorflowCall, order: readonly number[], axis: number): string {
  const indices = call.values.constantValue(`${call.stem}.order`, {
    element: 'int32',
    shape: [order.length],
    data: Int32Array.from(order),
  });
  const origin = { name: call.place.node, operator: call.place.operator };
  return call.values.node('Gather', [call.last(1), indices], { axis }, `${call.stem}.weights`, origin);
}

/** The last two axes exchanged where the attribute says so. */
function adjoint(call: TensorflowCall, index: number, names: readonly string[]): string {
  const rank = call.type(index).shape.length;
  if (!names.some((name) => call.flag(name))) return call.last(index);
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  return call.op('Transpose', [call.last(index)], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] });
}

const batched: TensorflowMapping = (call) => {
  const a = adjoint(call, 0, ['adj_x', 'transpose_x']);
  const b = adjoint(call, 1, ['adj_y', 'transpose_y']);
  call.finish({ value: call.op('MatMul', [a, b]), form: 'last' });
};

const einsum: TensorflowMapping = (call) => {
  const equation = call.text('equation', '');
  const inputs = call.inputs.map((_, i) => call.last(i));
  call.finish({ value: call.op('Einsum', inputs, { equation }), form: 'last' });
};

const fusedFunctions: Readonly<Record<string, readonly [string, Readonly<Record<string, number>>]>> = {
  Relu: ['Relu', {}],
  Relu6: ['Clip', { min: 0, max: 6 }],
  Elu: ['Elu', {}],
  Sigmoid: ['Sigmoid', {}],
  Tanh: ['Tanh', {}],
};

function activated(call: TensorflowCall, x: Shaped, name: string): Shaped {
  if (name === 'LeakyRelu')
    return follow(call, 'LeakyRelu', x, { alpha: call.float('leakyrelu_alpha', 0.2) });
  const found = Object.hasOwn(fusedFunctions, name) ? fusedFunctions[name] : undefined;
  return found ? follow(call, found[0], x, found[1]) : call.refuse(`fused operator ${name} is not supported`);
}

/** A product with a bias, then an activation. */
const fused =
  (main: (call: TensorflowCall, bias?: string) => Shaped): TensorflowMapping =>
  (call) => {
    const [first, ...rest] = call.texts('fused_ops');
    if (first !== undefined && first !== 'BiasAdd') call.refuse(`fused operator ${first} is not supported`);
    if (call.integer('num_args') > 1 || rest.includes('Prelu'))
      call.refuse(`the fused operators ${call.texts('fused_ops').join(', ')} are not supported`);
    const bias = first === undefined ? undefined : biasOf(call);
    call.finish(rest.reduce((x, name) => activated(call, x, name), main(call, bias)));
  };

/** The bias as a vector: some writers keep axes of 1 before it. */
function biasOf(call: TensorflowCall): string {
  const { shape } = call.type(2);
  const count = shape.reduce((p, e) => p * e, 1);
  return shape.length === 1 ? call.last(2) : call.op('Reshape', [call.last(2)], { shape: [count] });
}

export const productMappings: MappingTable = {
  MatMul: (call) => call.finish(product(call)),
  BatchMatMul: batched,
  BatchMatMulV2: batched,
  BatchMatMulV3: batched,
  Einsum: einsum,
  _FusedMatMul: fused(product),
  _FusedConv2D: fused(convolved),
  _FusedDepthwiseConv2dNative: fused(depthwise),
  FusedDepthwiseConv2dNative: fused(depthwise),
};
