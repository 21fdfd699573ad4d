/** Pooling over the steps of a sequence [N, T, C]. In: a layer's call. Out: operators over [N, C, T], given back as [N, T, C]. */

import type { LayerCall } from './call.js';
import { heeded, maskedAverage } from './masks.js';
import { padsOf } from './sequences.js';

const swap = { perm: [0, 2, 1] };

/** Padding counts in no average, as in Keras. Keras 1 calls the arguments `pool_length`, `stride` and `border_mode`. */
export const pool1d =
  (operator: 'MaxPool' | 'AveragePool') =>
  (call: LayerCall): void => {
    call.requireChannelsLast();
    const [, steps] = call.rank(call.input, 3) as [number, number, number];
    const kernel = call.numbers('pool_size', 1, [call.number('pool_length', 2)]);
    const old = call.layer.config.stride;
    const given = call.layer.config.strides ?? old ?? kernel;
    const stride = Array.isArray(given) ? Number(given[0]) : Number(given);
    if (![kernel[0]!, stride].every((value) => Number.isInteger(value) && value >= 1))
      call.refuse('a size or stride is no whole number above 0');
    const pads = padsOf(call, kernel[0]! - 1, steps, stride);
    if (kernel[0]! > steps + pads[0] + pads[1]) call.refuse(`its window is longer than ${steps} steps`);
    const x = call.op('Transpose', [call.values.last(call.input)], swap);
    const pooled = call.op(operator, [x], { kernel, strides: [stride], pads });
    call.finish({ value: call.op('Transpose', [pooled], swap), form: 'last' });
  };

export const globalPool1d =
  (operator: 'ReduceMax' | 'ReduceMean') =>
  (call: LayerCall): void => {
    call.requireChannelsLast();
    call.rank(call.input, 3);
    const keepDims = call.flag('keepdims', false);
    // A maximum takes every step: Keras hands it no mask.
    const mask = operator === 'ReduceMean' ? heeded(call) : undefined;
    if (mask !== undefined && keepDims) call.refuse('"keepdims" with a mask is not supported');
    const x = call.values.last(call.input);
    const value =
      mask === undefined ? call.op(operator, [x], { axes: [1], keepDims }) : maskedAverage(call, mask);
    call.finish({ value, form: 'last' });
  };
