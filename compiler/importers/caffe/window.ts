/** Convolution and pooling layers: sizes by field or by axis, and Caffe's rounding up of pooled extents. */

import type { LayerCall } from './call.js';
import type { Parameter } from './net.js';

type Pair = readonly [number, number];

/** `stem` for both axes (one or two entries), or `stem_h` and `stem_w`. */
function pair(call: LayerCall, p: Parameter, list: string, stem: string, fallback: number): Pair {
  const [h, w] = [Number(p[`${stem}_h`] ?? 0), Number(p[`${stem}_w`] ?? 0)];
  if (h > 0 || w > 0) return [h, w];
  const given = p[list];
  const all = Array.isArray(given) ? (given as readonly number[]) : [Number(given ?? 0)];
  if (all.length > 2) call.refuse(`${list} has ${all.length} entries; only two spatial axes are supported`);
  const [first = fallback, second = first] = all;
  return [first || fallback, second || fallback];
}

function requirePlanes(call: LayerCall): Pair {
  const shape = call.shape();
  if (shape.length !== 4) call.refuse(`the bottom has shape [${shape.join(', ')}], not [N, C, H, W]`);
  return [shape[2]!, shape[3]!];
}

/** Weights [outputs, channels / group, h, w]. */
export const convolution = (call: LayerCall): void => convolve(call, false);

/** Weights [channels, outputs / group, h, w]; extents become (extent - 1) * stride + window - 2 * pad. */
export const deconvolution = (call: LayerCall): void => convolve(call, true);

function convolve(call: LayerCall, transposed: boolean): void {
  const p = call.parameter('convolution_param');
  requirePlanes(call);
  if (call.axis(Number(p.axis)) !== 1) call.refuse('only axis 1 is supported');
  const kernel = pair(call, p, 'kernel_size', 'kernel', 0);
  const outputs = Number(p.num_output);
  if (kernel.some((k) => k < 1) || outputs < 1) call.refuse('num_output or kernel_size is missing');
  const [padH, padW] = pair(call, p, 'pad', 'pad', 0);
  const group = Number(p.group);
  const channels = call.shape()[1]!;
  if (group < 1 || channels % group !== 0 || outputs % group !== 0)
    call.refuse(`${channels} channels and ${outputs} outputs do not split into ${group} groups`);
  const [many, few] = transposed ? [channels, outputs] : [outputs, channels];
  const shape = [many, few / group, ...kernel];
  const weights = call.weights(0, 'weights', shape, (channels / group) * kernel[0] * kernel[1]);
  const bias = p.bias_term === true ? [call.weights(1, 'bias', [outputs], 0)] : [];
  call.emit(transposed ? 'ConvTranspose' : 'Conv', [call.input, weights, ...bias], {
    strides: pair(call, p, 'stride', 'stride', 1),
    dilations: pair(call, p, 'dilation', 'dilation', 1),
    pads: [padH, padW, padH, padW],
    group,
  });
}

/** Pooled extent as Caffe's PoolingLayer computes it. */
function pooledExtent(
  extent: number,
  kernel: number,
  stride: number,
  pad: number,
  ceil: boolean,
  padded: boolean,
): number {
  const steps = (extent + 2 * pad - kernel) / stride;
  const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return padded && (count - 1) * stride >= extent + pad ? count - 1 : count;
}

export function pooling(call: LayerCall): void {
  const p = call.parameter('pooling_param');
  const extents = requirePlanes(call);
  if (call.layer.tops.length > 1) call.refuse('a second top (the mask of MAX pooling) is not supported');
  if (p.pool === 'STOCHASTIC') call.refuse('stochastic pooling is not supported');
  const maximum = p.pool === 'MAX';
  if (p.global_pooling === true) {
    call.emit(maximum ? 'GlobalMaxPool' : 'GlobalAveragePool', [call.input]);
    return;
  }
  const kernel = pair(call, p, 'kernel_size', 'kernel', 0);
  if (kernel.some((k) => k < 1)) call.refuse('kernel_size is missing');
  const [strides, pad] = [pair(call, p, 'stride', 'stride', 1), pair(call, p, 'pad', 'pad', 0)];
  const padded = pad[0] > 0 || pad[1] > 0;
  const ceil = p.round_mode !== 'FLOOR';
  const outputs = extents.map((extent, i) =>
    pooledExtent(extent, kernel[i]!, strides[i]!, pad[i]!, ceil, padded),
  );
  // Reaching beyond the padding is harmless to a maximum; an average counts only what lies inside it.
  const ends = extents.map((extent, i) =>
    Math.max(0, (outputs[i]! - 1) * strides[i]! + kernel[i]! - extent - pad[i]!),
  );
  const within = ends.every((end, i) => end <= pad[i]!);
  if (maximum) call.emit('MaxPool', [call.input], { kernel, strides, pads: [...pad, ...ends] });
  else if (within)
    call.emit('AveragePool', [call.input], {
      kernel,
      strides,
      pads: [...pad, ...ends],
      countIncludePad: padded,
    });
  else
    call.emit('AveragePool', [call.input], {
      kernel,
      strides,
      pads: [...pad, ...pad],
      countIncludePad: true,
      ceilMode: true,
    });
}
