/** Layers that lengthen, cut or stretch a sequence [N, T, C], and the affine one that adapts to data. In: a layer's call. Out: operators over it. */

import { float32Tensor } from '../../../base/index.js';
import { pad } from '../channels-last/index.js';
import type { LayerCall } from './call.js';

/** `key` as one number, or as a pair in front and behind. */
function pairOf(call: LayerCall, key: string, fallback: number): readonly [number, number] {
  const given = call.layer.config[key] ?? fallback;
  const pair =
    Array.isArray(given) && given.length === 2 ? given.map(Number) : [Number(given), Number(given)];
  if (!pair.every((side) => Number.isSafeInteger(side) && side >= 0))
    call.refuse(`"${key}" is no pair of whole numbers`);
  return pair as [number, number];
}

export function zeroPadding1d(call: LayerCall): void {
  call.requireChannelsLast();
  call.rank(call.input, 3);
  call.finish(pad(call, call.input, [[0, 0], pairOf(call, 'padding', 1), [0, 0]], 0));
}

export function cropping1d(call: LayerCall): void {
  const steps = call.rank(call.input, 3)[1]!;
  const [front, behind] = pairOf(call, 'cropping', 1);
  if (front + behind >= steps) call.refuse('nothing is left of the sequence');
  const attributes = { starts: [front], ends: [steps - behind], axes: [1], steps: [1] };
  call.finish({ value: call.op('Slice', [call.values.last(call.input)], attributes), form: 'last' });
}

/** Each step becomes `size` steps. */
export function upSampling1d(call: LayerCall): void {
  const [n, steps, channels] = call.rank(call.input, 3) as [number, number, number];
  const size = call.number('size', call.number('length', 2));
  if (!Number.isSafeInteger(size) || size < 1) call.refuse('"size" is no whole number above 0');
  const apart = call.op('Reshape', [call.values.last(call.input)], { shape: [n, steps, 1, channels] });
  const wide = call.op('Expand', [apart], { shape: [n, steps, size, channels] });
  call.finish({ value: call.op('Reshape', [wide], { shape: [n, steps * size, channels] }), form: 'last' });
}

/** (x - mean) / sqrt(variance) over the last axis, as adapted to data; a variance of nearly 0 counts as 1e-7 squared. */
export function normalization(call: LayerCall): void {
  const { shape } = call;
  const given = call.layer.config.axis ?? -1;
  const axes = Array.isArray(given) ? given.map(Number) : [Number(given)];
  if (axes.length !== 1 || call.axis(axes[0]!, shape.length) !== shape.length - 1)
    call.refuse('only the last axis is supported');
  if (call.flag('invert', false)) call.refuse('"invert" is not supported');
  const c = shape.at(-1)!;
  const mean = Array.from({ length: c }, (_, i) => Number(call.weight('mean', [c]).data[i]));
  const variance = call.weight('variance', [c]).data;
  const deviation = mean.map((_, i) => Math.max(Math.sqrt(Number(variance[i])), 1e-7));
  const centre = call.constant('mean', float32Tensor([c], mean));
  const moved = call.op('Sub', [call.values.last(call.input), centre]);
  const scale = call.constant(
    'scale',
    float32Tensor(
      [c],
      deviation.map((d) => 1 / d),
    ),
  );
  call.finish({ value: call.op('Mul', [moved, scale]), form: 'last' });
}
