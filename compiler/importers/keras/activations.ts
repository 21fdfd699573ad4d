/** Activations: layers of their own, and the `activation` that other layers end with. */

import { recurrentFunctions } from '../../graph/index.js';
import { follow, type Shaped, unary } from '../channels-last/index.js';
import type { LayerCall } from './call.js';

type Attributes = Readonly<Record<string, number | boolean>>;

/** Operators of activations by their names; `linear` is none. Softmax is missing because it needs an axis. */
const named: Readonly<Record<string, readonly [string, Attributes?]>> = {
  relu: ['Relu'],
  relu6: ['Clip', { min: 0, max: 6 }],
  elu: ['Elu', { alpha: 1 }],
  selu: ['Selu', { alpha: 1.6732632423543772, gamma: 1.0507009873554805 }],
  sigmoid: ['Sigmoid'],
  tanh: ['Tanh'],
  exponential: ['Exp'],
  softplus: ['Softplus'],
  softsign: ['Softsign'],
  swish: ['Silu'],
  silu: ['Silu'],
  gelu: ['Gelu'],
  hard_swish: ['HardSwish'],
  hard_silu: ['HardSwish'],
};

/** What the key `activation` of a layer says, applied to its result. */
export function activate(call: LayerCall, result: Shaped): Shaped {
  const name = call.text('activation', 'linear');
  if (name === 'linear') return result;
  if (name === 'softmax') return softmaxOf(call, result, -1);
  if (name === 'hard_sigmoid')
    return follow(call, 'HardSigmoid', result, { alpha: hardSigmoidSlope(call), beta: 0.5 });
  const row = Object.hasOwn(named, name) ? named[name] : undefined;
  if (row === undefined) call.refuse(`the activation "${name}" is not supported`);
  return follow(call, row[0], result, row[1]);
}

/** The operator of a recurrent layer's activation: one without attributes of its own. */
export function activationOperator(call: LayerCall, name: string): string {
  const [operator] = name === 'linear' ? ['Identity'] : Object.hasOwn(named, name) ? named[name]! : [''];
  return recurrentFunctions.has(operator)
    ? operator
    : call.refuse(`the activation "${name}" is not supported in a recurrent layer`);
}

/** Of the hard sigmoid: 0.2 up to Keras 2, 1/6 since Keras 3. */
export function hardSigmoidSlope({ version }: LayerCall): number {
  return version !== undefined && Number.parseInt(version, 10) >= 3 ? 1 / 6 : 0.2;
}

/** Along an axis of the file's layout: the last one is axis 1 of a channels-first picture. */
function softmaxOf(call: LayerCall, x: Shaped, axis: number): Shaped {
  const rank = call.values.builder.value(x.value).type.shape.length;
  const at = call.axis(axis, rank);
  return follow(call, 'Softmax', x, { axis: x.form === 'first' ? [0, 2, 3, 1][at]! : at });
}

/** The value of a layer's input in the form that it has. */
export function inputOf(call: LayerCall): Shaped {
  const form = call.values.isFirst(call.input) ? 'first' : 'last';
  return { form, value: form === 'first' ? call.values.first(call.input) : call.values.last(call.input) };
}

export const activation = (call: LayerCall): void => call.finish(activate(call, inputOf(call)));

export function softmax(call: LayerCall): void {
  if (call.mask !== undefined) call.refuse('a softmax of a sequence with a mask is not supported');
  call.finish(softmaxOf(call, inputOf(call), call.number('axis', -1)));
}

/** max_value, negative_slope and threshold; a negative slope or a threshold with a bound is refused. */
export function relu(call: LayerCall): void {
  const slope = Number(call.layer.config.negative_slope ?? 0);
  const most = call.layer.config.max_value ?? null;
  if (Number(call.layer.config.threshold ?? 0) !== 0) call.refuse('a threshold is not supported');
  if (most !== null && (typeof most !== 'number' || slope !== 0))
    call.refuse('a bound with a negative slope is not supported');
  const result =
    most !== null
      ? unary(call, 'Clip', call.input, { min: 0, max: Number(most) })
      : slope !== 0
        ? unary(call, 'LeakyRelu', call.input, { alpha: slope })
        : unary(call, 'Relu', call.input);
  call.finish(result);
}

export const elu = (call: LayerCall): void =>
  call.finish(unary(call, 'Elu', call.input, { alpha: call.number('alpha', 1) }));

export const leakyRelu = (call: LayerCall): void =>
  call.finish(
    unary(call, 'LeakyRelu', call.input, { alpha: call.number('negative_slope', call.number('alpha', 0.3)) }),
  );

export const thresholdedRelu = (call: LayerCall): void =>
  call.finish(unary(call, 'ThresholdedRelu', call.input, { alpha: call.number('theta', 1) }));
