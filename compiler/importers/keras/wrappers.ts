/** Layers that apply another one: to each step of a sequence, or to a picture whose channels stand first in the file. */

import type { LayerCall } from './call.js';
import type { LayerSpec } from './topology.js';

/** [N, T, ...]: the layer within reads all steps of all samples as a batch. */
export function timeDistributed(call: LayerCall): void {
  const inner = call.layer.wrapped[0] ?? call.refuse('it holds no layer');
  overSteps(call, inner);
}

/** Keras 1's name for TimeDistributed(Dense). */
export function timeDistributedDense(call: LayerCall): void {
  overSteps(call, { ...call.layer, className: 'Dense' });
}

function overSteps(call: LayerCall, inner: LayerSpec): void {
  const { shape, values } = call;
  const [n, steps] = shape as readonly [number, number];
  if (shape.length < 3) call.refuse(`its input has rank ${shape.length}, not 3 or more`);
  const origin = { name: call.layer.name, operator: 'Reshape' };
  const [input, output] = [`${call.output}.steps`, `${call.output}.each`];
  values.bindReshape(input, call.input, [n * steps, ...shape.slice(2)], origin);
  call.run({ layer: inner, inputs: [input], output, weights: call.weights });
  values.bindReshape(call.output, output, [n, steps, ...values.type(output).shape.slice(1)], origin);
}

/** Whether the file has the layer's channels in front. */
export const isChannelsFirst = ({ config }: LayerSpec): boolean => config.data_format === 'channels_first';

/** The layer as if its channels stood last: its input and its result only change what their layout is called. */
export function channelsFirst(call: LayerCall): void {
  const { values } = call;
  const [input, output] = [`${call.output}.in`, `${call.output}.out`];
  const layer = { ...call.layer, config: { ...call.layer.config, data_format: 'channels_last' } };
  const swap = { perm: [0, 2, 1] };
  const rank = call.rank(call.input, 3, 4).length;
  const given = values.last(call.input);
  if (rank === 4) values.bind(input, { value: given, form: 'first' });
  else values.bind(input, { value: call.op('Transpose', [given], swap), form: 'last' });
  call.run({ layer, inputs: [input], output, weights: call.weights });
  const result = values.type(output).shape.length;
  if (result === 4) call.finish({ value: values.first(output), form: 'last' });
  else if (result === 3)
    call.finish({ value: call.op('Transpose', [values.last(output)], swap), form: 'last' });
  else values.bindAlias(call.output, output);
}
