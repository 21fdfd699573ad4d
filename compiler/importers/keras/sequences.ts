/** Layers over a sequence [N, T, C]: 1-D convolution, and lookups that make sequences. */

import { type Tensor, tensor } from '../../../base/index.js';
import { activate } from './activations.js';
import type { LayerCall } from './call.js';
import { usesBias } from './windowed.js';

/** Kernel [k, in, out]; `causal` pads in front only. */
export function conv1d(call: LayerCall): void {
  call.requireChannelsLast();
  const [, steps, channels] = call.rank(call.input, 3) as [number, number, number];
  const [kernel] = call.numbers('kernel_size', 1) as [number];
  const [stride] = call.numbers('strides', 1, [1]) as [number];
  const [dilation] = call.numbers('dilation_rate', 1, [1]) as [number];
  if ([kernel, stride, dilation].some((value) => value < 1))
    call.refuse('a size, stride or dilation is below 1');
  const filters = call.number('filters');
  const group = call.number('groups', 1);
  const stored = call.weight('kernel', [kernel, channels / group, filters]);
  const weights = call.constant('weights', reversedAxes(stored));
  const bias = usesBias(call) ? [call.constant('bias', call.weight('bias', [filters]))] : [];
  const x = call.op('Transpose', [call.values.last(call.input)], { perm: [0, 2, 1] });
  const span = (kernel - 1) * dilation;
  const pads = padsOf(call, span, steps, stride);
  const convolved = call.op('Conv', [x, weights, ...bias], {
    strides: [stride],
    dilations: [dilation],
    pads,
    group,
  });
  const value = call.op('Transpose', [convolved], { perm: [0, 2, 1] });
  call.finish(activate(call, { value, form: 'last' }));
}

/** In front and behind, of a window that reaches `span` steps beyond its first. */
export function padsOf(
  call: LayerCall,
  span: number,
  steps: number,
  stride: number,
): readonly [number, number] {
  const padding = call.text('padding', call.text('border_mode', 'valid'));
  if (padding === 'valid') return [0, 0];
  if (padding === 'causal') return [span, 0];
  if (padding !== 'same') call.refuse(`padding "${padding}" is not supported`);
  const total = Math.max(0, (Math.ceil(steps / stride) - 1) * stride + span + 1 - steps);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** [a, b, c] as [c, b, a]. */
function reversedAxes({ shape, data }: Tensor): Tensor {
  const [a, b, c] = shape as readonly [number, number, number];
  const out = new Float32Array(data.length);
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) out[(k * b + j) * a + i] = Number(data[(i * b + j) * c + k]);
  return tensor('float32', [c, b, a], out);
}

/** [N, C] as [N, n, C]. Keras writes `n`. */
export function repeatVector(call: LayerCall): void {
  const [batch, channels] = call.rank(call.input, 2) as [number, number];
  const times = call.number('n');
  if (!Number.isInteger(times) || times < 1) call.refuse('"n" is no whole number above 0');
  const x = call.op('Reshape', [call.values.last(call.input)], { shape: [batch, 1, channels] });
  call.finish({ value: call.op('Expand', [x], { shape: [batch, times, channels] }), form: 'last' });
}

/** Indices [...] as the rows [..., output_dim] of a table. Indices may come as floats, as Keras feeds them. */
export function embedding(call: LayerCall): void {
  const [rows, width] = [call.number('input_dim'), call.number('output_dim')];
  const table = call.constant('table', call.weight('embeddings', [rows, width]));
  const indices = call.op('Cast', [call.values.last(call.input)], { to: 'int32' });
  call.finish({ value: call.op('Gather', [table, indices], { axis: 0 }), form: 'last' });
}
