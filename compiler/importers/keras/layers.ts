/** What each class of layer is in the graph. */

import { elementCount, float32Tensor } from '../../../base/index.js';
import { concat, elementwise, pad } from '../channels-last/index.js';
import { activation, elu, inputOf, leakyRelu, relu, softmax, thresholdedRelu } from './activations.js';
import type { LayerCall } from './call.js';
import { anyAlong, logicalOr, masking, notEqual } from './masks.js';
import {
  average,
  conv2dTranspose,
  cropping2d,
  layerNormalization,
  permute,
  prelu,
  rescaling,
  separableConv2d,
  subtract,
  upSampling2d,
} from './pictures.js';
import { globalPool1d, pool1d } from './pooling.js';
import { bidirectional, recurrent } from './recurrent.js';
import { conv1d, embedding, repeatVector } from './sequences.js';
import { cropping1d, normalization, upSampling1d, zeroPadding1d } from './steps.js';
import { conv2d, dense, depthwiseConv2d, globalPool2d, pool2d } from './windowed.js';
import { timeDistributed, timeDistributedDense } from './wrappers.js';

export type LayerMapping = (call: LayerCall) => void;

/** Layers that do something in training only. */
const pass: LayerMapping = (call) => call.finish(inputOf(call));

function reshaped(call: LayerCall, shape: readonly number[]): void {
  const origin = { name: call.layer.name, operator: 'Reshape' };
  call.values.bindReshape(call.output, call.input, shape, origin);
}

const flatten: LayerMapping = (call) => {
  call.requireChannelsLast();
  const { shape } = call;
  reshaped(call, [shape[0]!, elementCount(shape.slice(1))]);
};

/** `target_shape` leaves the batch out; one extent may be -1. */
const reshape: LayerMapping = (call) => {
  const { shape } = call;
  const given = call.layer.config.target_shape;
  const target = Array.isArray(given)
    ? call.numbers('target_shape', given.length)
    : call.refuse('"target_shape" is missing');
  const known = elementCount(target.filter((extent) => extent !== -1));
  const rest = elementCount(shape.slice(1)) / known;
  const full = target.map((extent) => (extent === -1 ? rest : extent));
  if (!full.every((e) => Number.isInteger(e) && e > 0) || elementCount(full) !== elementCount(shape.slice(1)))
    call.refuse(`[${target.join(', ')}] does not fit [${shape.slice(1).join(', ')}]`);
  reshaped(call, [shape[0]!, ...full]);
};

/** `padding` as one number, one a side, or a pair a side. */
const zeroPadding2d: LayerMapping = (call) => {
  call.requireChannelsLast();
  const given = call.layer.config.padding ?? 1;
  const sides = Array.isArray(given) ? given : [given, given];
  const pairs = sides.map((side): readonly [number, number] =>
    Array.isArray(side) ? [Number(side[0]), Number(side[1])] : [Number(side), Number(side)],
  );
  if (pairs.length !== 2) call.refuse('"padding" does not fit two axes');
  call.rank(call.input, 4);
  call.finish(pad(call, call.input, [[0, 0], ...pairs, [0, 0]], 0));
};

/** Over the last axis, or axis 1 of a file with channels in front; learned factors may be missing. */
const batchNormalization: LayerMapping = (call) => {
  const { shape, values } = call;
  const rank = call.rank(call.input, 2, 3, 4).length;
  const given = call.layer.config.axis ?? -1;
  const axis = call.axis(Number(Array.isArray(given) ? given[0] : given), rank);
  if (axis !== rank - 1 && axis !== 1) call.refuse(`axis ${axis} is not supported, only the last or axis 1`);
  const c = shape[axis]!;
  const ones = (value: number) => float32Tensor([c], new Float32Array(c).fill(value));
  const roles = [
    ['gamma', call.flag('scale', true) ? call.weight('gamma', [c]) : ones(1)],
    ['beta', call.flag('center', true) ? call.weight('beta', [c]) : ones(0)],
    ['moving_mean', call.weight('moving_mean', [c])],
    ['moving_variance', call.weight('moving_variance', [c])],
  ] as const;
  const factors = roles.map(([role, value]) => call.constant(role, value));
  const normalized = (x: string): string =>
    call.op('BatchNormalization', [x, ...factors], { epsilon: call.number('epsilon', 1e-3) });
  const swap = { perm: [0, 2, 1] };
  const last = (): string => values.last(call.input);
  if (axis === 1) call.finish({ value: normalized(last()), form: 'last' });
  else if (rank === 4) call.finish({ value: normalized(values.first(call.input)), form: 'first' });
  else
    call.finish({
      value: call.op('Transpose', [normalized(call.op('Transpose', [last()], swap))], swap),
      form: 'last',
    });
};

/** Folds any number of inputs two by two. */
const merge =
  (operator: string): LayerMapping =>
  (call) => {
    if (call.inputs.length < 2) call.refuse('it reads less than two tensors');
    const [first, ...rest] = call.inputs;
    let sum = first!;
    for (const [i, next] of rest.entries()) {
      const result = elementwise(call, operator, [sum, next]);
      const last = i === rest.length - 1;
      sum = last ? call.output : `${call.output}.part${i}`;
      call.values.bind(sum, result);
    }
  };

const concatenate: LayerMapping = (call) => call.finish(concat(call, call.inputs, call.number('axis', -1)));

export const layerMappings: Readonly<Record<string, LayerMapping>> = {
  Conv2D: conv2d,
  Convolution2D: conv2d,
  DepthwiseConv2D: depthwiseConv2d,
  Conv1D: conv1d,
  LSTM: recurrent,
  GRU: recurrent,
  SimpleRNN: recurrent,
  CuDNNLSTM: recurrent,
  CuDNNGRU: recurrent,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed,
  TimeDistributedDense: timeDistributedDense,
  Embedding: embedding,
  Masking: masking,
  NotEqual: notEqual,
  Any: anyAlong,
  LogicalOr: logicalOr,
  ThresholdedReLU: thresholdedRelu,
  SeparableConv2D: separableConv2d,
  Conv2DTranspose: conv2dTranspose,
  UpSampling2D: upSampling2d,
  Cropping2D: cropping2d,
  Permute: permute,
  PReLU: prelu,
  LayerNormalization: layerNormalization,
  Subtract: subtract,
  Average: average,
  Rescaling: rescaling,
  MaxPooling2D: pool2d('MaxPool'),
  AveragePooling2D: pool2d('AveragePool'),
  GlobalMaxPooling2D: globalPool2d('GlobalMaxPool'),
  GlobalAveragePooling2D: globalPool2d('GlobalAveragePool'),
  MaxPooling1D: pool1d('MaxPool'),
  AveragePooling1D: pool1d('AveragePool'),
  GlobalMaxPooling1D: globalPool1d('ReduceMax'),
  GlobalAveragePooling1D: globalPool1d('ReduceMean'),
  RepeatVector: repeatVector,
  ZeroPadding1D: zeroPadding1d,
  Cropping1D: cropping1d,
  UpSampling1D: upSampling1d,
  Normalization: normalization,
  Dense: dense,
  Flatten: flatten,
  Reshape: reshape,
  ZeroPadding2D: zeroPadding2d,
  BatchNormalization: batchNormalization,
  Activation: activation,
  ReLU: relu,
  ELU: elu,
  LeakyReLU: leakyRelu,
  Softmax: softmax,
  Add: merge('Add'),
  Multiply: merge('Mul'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Concatenate: concatenate,
  Dropout: pass,
  SpatialDropout1D: pass,
  SpatialDropout2D: pass,
  GaussianNoise: pass,
  GaussianDropout: pass,
  AlphaDropout: pass,
  SpatialDropout3D: pass,
  ActivityRegularization: pass,
};
