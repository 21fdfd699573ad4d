/** Layers over a sequence [N, T, C]: 1-D convolution and recurrent ones. Gates are in Keras's order in the file, in ONNX's in the graph. */

import { type Tensor, tensor } from '../../../base/index.js';
import { activate, hardSigmoidSlope } from './activations.js';
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

interface Cell {
  readonly operator: 'LSTM' | 'GRU' | 'RNN';
  /** Gate g of the graph is gate `order[g]` of the file. */
  readonly order: readonly number[];
}

const cells: Readonly<Record<string, Cell>> = {
  // Keras: input, forget, cell, output. ONNX: input, output, forget, cell.
  LSTM: { operator: 'LSTM', order: [0, 3, 1, 2] },
  GRU: { operator: 'GRU', order: [0, 1, 2] },
  SimpleRNN: { operator: 'RNN', order: [0] },
};

export function recurrent(call: LayerCall): void {
  const { operator, order } = cells[call.layer.className]!;
  requireUsual(call);
  const [n, steps, channels] = call.rank(call.input, 3) as [number, number, number];
  const units = call.number('units', call.layer.config.output_dim as number | undefined);
  const wide = order.length * units;
  const w = call.constant('weights', gates(call.weight('kernel', [channels, wide]), order, units));
  const r = call.constant('recurrent', gates(call.weight('recurrent_kernel', [units, wide]), order, units));
  const after = operator === 'GRU' && call.flag('reset_after', false);
  const bias = usesBias(call) ? [call.constant('bias', biases(call, order, units, after))] : [];
  const x = call.op('Transpose', [call.values.last(call.input)], { perm: [1, 0, 2] });
  const attributes = {
    hidden: units,
    direction: 'forward',
    ...(operator === 'GRU' && { linearBeforeReset: after }),
    ...(operator !== 'RNN' && { hardSlope: gateSlope(call) }),
  };
  const all = call.op(operator, [x, w, r, ...bias], attributes);
  const picked = call.flag('return_sequences', false)
    ? call.op('Transpose', [all], { perm: [2, 0, 1, 3] })
    : call.op('Slice', [all], { starts: [steps - 1], ends: [steps], axes: [0], steps: [1] });
  const shape = call.flag('return_sequences', false) ? [n, steps, units] : [n, units];
  call.finish({ value: call.op('Reshape', [picked], { shape }), form: 'last' });
}

/** Other functions and orders are refused: the graph's operators have these. */
function requireUsual(call: LayerCall): void {
  const inner = call.text('activation', 'tanh');
  if (inner !== 'tanh') call.refuse(`the activation "${inner}" is not supported, only tanh`);
  for (const flag of ['go_backwards', 'return_state', 'stateful', 'time_major'])
    if (call.flag(flag, false)) call.refuse(`"${flag}" is not supported`);
  if (call.inputs.length > 1) call.refuse('an initial state is not supported');
}

/** Of a hard sigmoid for the gates, 0 for the logistic function. */
function gateSlope(call: LayerCall): number {
  const gate = call.text('recurrent_activation', call.text('inner_activation', 'sigmoid'));
  if (gate === 'sigmoid') return 0;
  return gate === 'hard_sigmoid'
    ? hardSigmoidSlope(call)
    : call.refuse(`the recurrent activation "${gate}" is not supported, only sigmoid and hard_sigmoid`);
}

/** [k, gates * units] as [1, gates * units, k], gates in the graph's order. */
function gates(stored: Tensor, order: readonly number[], units: number): Tensor {
  const [k, wide] = stored.shape as readonly [number, number];
  const out = new Float32Array(k * wide);
  for (const [to, from] of order.entries())
    for (let unit = 0; unit < units; unit++)
      for (let i = 0; i < k; i++)
        out[(to * units + unit) * k + i] = Number(stored.data[i * wide + from * units + unit]);
  return tensor('float32', [1, wide, k], out);
}

/** [1, 2 * gates * units]: those of the input, then those of the state, which only a GRU that resets afterwards has. */
function biases(call: LayerCall, order: readonly number[], units: number, after: boolean): Tensor {
  const wide = order.length * units;
  const { data } = call.weight('bias', after ? [2, wide] : [wide]);
  const out = new Float32Array(2 * wide);
  for (const half of after ? [0, 1] : [0])
    for (const [to, from] of order.entries())
      for (let unit = 0; unit < units; unit++)
        out[half * wide + to * units + unit] = Number(data[half * wide + from * units + unit]);
  return tensor('float32', [1, 2 * wide], out);
}

/** [N, C] as [N, n, C]. Keras writes `n`. */
export function repeatVector(call: LayerCall): void {
  const [batch, channels] = call.rank(call.input, 2) as [number, number];
  const times = call.number('n');
  if (!Number.isInteger(times) || times < 1) call.refuse('"n" is no whole number above 0');
  const x = call.op('Reshape', [call.values.last(call.input)], { shape: [batch, 1, channels] });
  call.finish({ value: call.op('Expand', [x], { shape: [batch, times, channels] }), form: 'last' });
}
