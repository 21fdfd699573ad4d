/** Layers with a window or a matrix. Kernels are [h, w, in, out] in the file and [out, in, h, w] in the graph. */

import { type Tensor, tensor } from '../../../base/index.js';
import { convolution, flattenedRows, pooling, type Shaped, type WindowSpec } from '../channels-last/index.js';
import { activate } from './activations.js';
import type { LayerCall } from './call.js';

/** `border_mode` and `subsample` are what Keras 1 calls `padding` and `strides`. */
export function windowOf(call: LayerCall, kernel: readonly number[]): WindowSpec {
  call.requireChannelsLast();
  const padding = call.text('padding', call.text('border_mode', 'valid'));
  if (padding !== 'same' && padding !== 'valid') call.refuse(`padding "${padding}" is not supported`);
  const fallback = call.layer.config.subsample as readonly number[] | undefined;
  return {
    kernel: [kernel[0]!, kernel[1]!],
    strides: call.numbers('strides', 2, fallback ?? [1, 1]) as [number, number],
    dilations: call.numbers('dilation_rate', 2, [1, 1]) as [number, number],
    padding: padding === 'same' ? 'SAME' : 'VALID',
  };
}

export function kernelOf(call: LayerCall): readonly number[] {
  const old =
    call.layer.config.nb_row !== undefined ? [call.number('nb_row'), call.number('nb_col')] : undefined;
  return call.numbers('kernel_size', 2, old);
}

export const usesBias = (call: LayerCall): boolean => call.flag('use_bias', call.flag('bias', true));

/** A weight [h, w, a, b] with its axes in another order. */
export function permuted(stored: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((axis) => stored.shape[axis]!);
  const strides = stored.shape.map((_, axis) =>
    stored.shape.slice(axis + 1).reduce((product, e) => product * e, 1),
  );
  const data = new Float32Array(stored.data.length);
  const [, b, c, d] = shape as [number, number, number, number];
  const [s0, s1, s2, s3] = perm.map((axis) => strides[axis]!) as [number, number, number, number];
  for (let i = 0; i < data.length; i++) {
    const [i3, i2, i1, i0] = [
      i % d,
      Math.floor(i / d) % c,
      Math.floor(i / (d * c)) % b,
      Math.floor(i / (d * c * b)),
    ];
    data[i] = Number(stored.data[i0 * s0 + i1 * s1 + i2 * s2 + i3 * s3]);
  }
  return tensor('float32', shape, data);
}

export function conv2d(call: LayerCall): void {
  const kernel = kernelOf(call);
  const [, , , channels] = call.rank(call.input, 4);
  const filters = call.number('filters', call.layer.config.nb_filter as number | undefined);
  const group = call.number('groups', 1);
  const stored = call.weight('kernel', [kernel[0]!, kernel[1]!, channels! / group, filters]);
  const weights = call.constant('weights', permuted(stored, [3, 2, 0, 1]));
  const bias = usesBias(call) ? call.constant('bias', call.weight('bias', [filters])) : undefined;
  call.finish(
    activate(call, convolution(call, call.input, { weights, bias, group }, windowOf(call, kernel))),
  );
}

/** The kernel [h, w, channels, multiplier] makes channel c * multiplier + m of channel c. */
export function depthwiseConv2d(call: LayerCall): void {
  const kernel = kernelOf(call);
  const channels = call.rank(call.input, 4)[3]!;
  const multiplier = call.number('depth_multiplier', 1);
  const stored = call.weight('depthwise_kernel', [kernel[0]!, kernel[1]!, channels, multiplier]);
  const outputs = channels * multiplier;
  const rows = permuted(stored, [2, 3, 0, 1]);
  const weights = call.constant('weights', { ...rows, shape: [outputs, 1, kernel[0]!, kernel[1]!] });
  const bias = usesBias(call) ? call.constant('bias', call.weight('bias', [outputs])) : undefined;
  call.finish(
    activate(call, convolution(call, call.input, { weights, bias, group: channels }, windowOf(call, kernel))),
  );
}

export const pool2d =
  (operator: 'MaxPool' | 'AveragePool') =>
  (call: LayerCall): void => {
    const kernel = call.numbers('pool_size', 2, [2, 2]);
    const strides = call.layer.config.strides ?? kernel;
    const padding = call.text('padding', call.text('border_mode', 'valid'));
    if (padding !== 'same' && padding !== 'valid') call.refuse(`padding "${padding}" is not supported`);
    call.requireChannelsLast();
    const spec: WindowSpec = {
      kernel: kernel as [number, number],
      strides: (typeof strides === 'number' ? [strides, strides] : strides) as [number, number],
      dilations: [1, 1],
      padding: padding === 'same' ? 'SAME' : 'VALID',
    };
    call.finish(pooling(call, operator, call.input, spec));
  };

export const globalPool2d =
  (operator: 'GlobalMaxPool' | 'GlobalAveragePool') =>
  (call: LayerCall): void => {
    call.requireChannelsLast();
    const [n, , , channels] = call.rank(call.input, 4);
    const pooled = call.op(operator, [call.values.first(call.input)]);
    const result: Shaped = call.flag('keepdims', false)
      ? { value: pooled, form: 'first' }
      : { value: call.op('Reshape', [pooled], { shape: [n!, channels!] }), form: 'last' };
    call.finish(result);
  };

/** Kernel [K, N]. Rows of more than one axis keep those axes. */
export function dense(call: LayerCall): void {
  const { shape } = call;
  const k = shape.at(-1) ?? call.refuse('its input is a scalar');
  const n = call.number('units', call.layer.config.output_dim as number | undefined);
  const stored = call.weight('kernel', [k, n]);
  const { value, order } = flattenedRows(call, call.input);
  const rows =
    shape.length === 2
      ? value
      : call.op('Reshape', [value], { shape: [shape.slice(0, -1).reduce((p, e) => p * e, 1), k] });
  const inputs = [rows, call.constant('weights', transposedRows(stored, order))];
  if (usesBias(call)) inputs.push(call.constant('bias', call.weight('bias', [n])));
  const product = call.op('Gemm', inputs, { transB: true });
  const result =
    shape.length === 2 ? product : call.op('Reshape', [product], { shape: [...shape.slice(0, -1), n] });
  call.finish(activate(call, { value: result, form: 'last' }));
}

/** [K, N] as [N, K], with row `order[k]` of the file as column k. */
function transposedRows(stored: Tensor, order: readonly number[] | undefined): Tensor {
  const [k, n] = stored.shape as readonly [number, number];
  const data = new Float32Array(k * n);
  for (let row = 0; row < k; row++) {
    const from = (order?.[row] ?? row) * n;
    for (let column = 0; column < n; column++) data[column * k + row] = Number(stored.data[from + column]);
  }
  return tensor('float32', [n, k], data);
}
