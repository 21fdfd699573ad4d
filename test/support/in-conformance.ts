/**
 * Operators of the graph and of ONNX whose values the ONNX conformance suite holds. test/onnx/conformance.test.ts checks that a
 * passing case uses each.
 */

export const inConformance: readonly string[] = [
  ...['And', 'ArgMax', 'ArgMin', 'Attention', 'CastLike', 'ConvTranspose', 'CumSum', 'DepthToSpace'],
  ...['DynamicQuantizeLinear', 'Einsum', 'Equal', 'EyeLike', 'GRU', 'GatherElements', 'GatherND', 'Gelu'],
  ...['Greater', 'GreaterOrEqual', 'GroupNormalization', 'InstanceNormalization', 'LSTM'],
  ...['LayerNormalization', 'Less', 'LessOrEqual', 'LogSoftmax', 'LpPool', 'MatMulInteger', 'Mean'],
  ...['MeanVarianceNormalization', 'Mish', 'Or', 'Pow', 'RMSNormalization', 'RNN', 'Range', 'ReduceL2'],
  ...['ReduceMin', 'ReduceProd', 'ReduceSumSquare', 'Resize', 'RotaryEmbedding', 'ScatterElements'],
  ...['ScatterND', 'Size', 'SpaceToDepth', 'Tile', 'TopK', 'Upsample', 'Where'],
];
