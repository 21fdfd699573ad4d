/** What kind of device kernel each operator of the network graph becomes. In: an operator's name. Out: a kind, or how it vanishes. */

import type { KernelKind } from '../../models/devices/index.js';

/** `view`: the same elements under another shape or name, no work. `tail`: elementwise, fused into what made its operand where it can be. */
export type Role = Exclude<KernelKind, 'elementwise'> | 'tail' | 'view';

const roles: Readonly<Record<Role, readonly string[]>> = {
  view: ['Identity', 'Dropout', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'],
  convolution: ['Conv', 'ConvTranspose', 'QLinearConv', 'ConvInteger', 'IntegerConv'],
  depthwise: [],
  matmul: [
    'MatMul',
    'Gemm',
    'Einsum',
    'Attention',
    'RNN',
    'GRU',
    'LSTM',
    'QLinearMatMul',
    'MatMulInteger',
    'IntegerMatMul',
  ],
  softmax: ['Softmax', 'LogSoftmax'],
  normalisation: [
    'LRN',
    'LayerNormalization',
    'RMSNormalization',
    'InstanceNormalization',
    'GroupNormalization',
    'MeanVarianceNormalization',
  ],
  reduction: [
    'MaxPool',
    'AveragePool',
    'LpPool',
    'GlobalAveragePool',
    'GlobalMaxPool',
    'ReduceMean',
    'ReduceSum',
    'ReduceMax',
    'ReduceMin',
    'ReduceProd',
    'ReduceL1',
    'ReduceL2',
    'ReduceSumSquare',
    'ReduceLogSum',
    'ReduceLogSumExp',
    'ArgMax',
    'ArgMin',
    'CumSum',
    'TopK',
    'IntegerMaxPool',
    'IntegerAveragePool',
    'DynamicQuantizeLinear',
  ],
  movement: [
    'Transpose',
    'Expand',
    'Concat',
    'Split',
    'Slice',
    'Gather',
    'Pad',
    'Tile',
    'DepthToSpace',
    'SpaceToDepth',
    'GatherElements',
    'ScatterElements',
    'GatherND',
    'ScatterND',
    'Resize',
    'IntegerInterleave',
  ],
  // Everything else computes each element of its result from one of each operand.
  tail: [],
};

const byOperator = new Map(
  Object.entries(roles).flatMap(([role, operators]) => operators.map((name) => [name, role as Role])),
);

export function roleOf(operator: string): Role {
  return byOperator.get(operator) ?? 'tail';
}

/** Operators that a role names: a test holds them against the operator table. */
export const placedOperators: readonly string[] = [...byOperator.keys()];
