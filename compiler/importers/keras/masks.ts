/**
 * Masks: which steps of a sequence [N, T, ...] count. Masking and Embedding make them, some layers hand them on, recurrent layers and averages heed
 * them. In: calls of layers. Out: for tensors of the file, a value of the graph [N, T], true where a step counts.
 */

import { float32Tensor, tensor } from '../../../base/index.js';
import type { LayerCall, Mask } from './call.js';

/** Layers whose result has the mask of what they read, as Keras hands it on. */
const keeping: ReadonlySet<string> = new Set([
  ...['Activation', 'ReLU', 'ELU', 'LeakyReLU', 'PReLU', 'ThresholdedReLU', 'Dense'],
  ...['TimeDistributed', 'TimeDistributedDense', 'BatchNormalization', 'LayerNormalization', 'Normalization'],
  ...['Rescaling', 'Dropout', 'SpatialDropout1D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'],
  'ActivityRegularization',
]);

/** Layers of several inputs, whose versions join masks that differ in different ways. */
const joining: ReadonlySet<string> = new Set([
  ...['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate'],
]);

const recurrentLayers: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'SimpleRNN', 'Bidirectional']);

/** The masks of a model's tensors, by their names in the file. */
export class Masks {
  private readonly byTensor = new Map<string, Mask>();

  of(name: string): Mask | undefined {
    return this.byTensor.get(name);
  }

  set(name: string, mask: Mask | undefined): void {
    if (mask !== undefined) this.byTensor.set(name, mask);
  }

  /** Settles the mask of a call's result. */
  settle(call: LayerCall): void {
    const { className, config } = call.layer;
    const mask = call.mask !== undefined && 'value' in call.mask ? { value: call.mask.value } : call.mask;
    if (className === 'Masking') this.set(call.output, { value: maskingOf(call) });
    else if (className === 'Embedding' && config.mask_zero === true)
      this.set(call.output, { value: unequal(call, call.values.last(call.input), 0) });
    else if (keeping.has(className)) this.set(call.output, mask);
    else if (joining.has(className)) this.set(call.output, this.joined(call));
    else if (recurrentLayers.has(className) && returnsSequences(call)) this.set(call.output, mask);
  }

  private joined(call: LayerCall): Mask | undefined {
    const masks = call.inputs.map((name) => this.of(name));
    const [first] = masks;
    if (masks.every((mask) => mask === undefined)) return undefined;
    if (masks.every((mask) => JSON.stringify(mask) === JSON.stringify(first)) && joinsFeatures(call))
      return first;
    return { unknown: `"${call.layer.name}" joins tensors whose masks differ` };
  }
}

const returnsSequences = ({ layer: { config, wrapped } }: LayerCall): boolean =>
  (wrapped[0]?.config ?? config).return_sequences === true;

/** Not a concatenation in time. */
const joinsFeatures = (call: LayerCall): boolean =>
  call.layer.className !== 'Concatenate' ||
  call.axis(call.number('axis', -1), call.shape.length) === call.shape.length - 1;

/** The mask that a layer heeds, if there is one. */
export function heeded(call: LayerCall): string | undefined {
  const { mask } = call;
  if (mask === undefined) return undefined;
  if ('unknown' in mask) call.refuse(`the mask of its input is not known: ${mask.unknown}`);
  const wanted = call.shape.slice(0, 2).join();
  const { shape } = call.values.builder.value(mask.value).type;
  if (shape.join() !== wanted) call.refuse(`its mask has shape [${shape.join(', ')}], not [${wanted}]`);
  return mask.value;
}

function unequal(call: LayerCall, x: string, value: number): string {
  const { element } = call.values.builder.value(x).type;
  const numbers = element === 'float32' ? x : call.op('Cast', [x], { to: 'float32' });
  const stated = call.constant('masked', float32Tensor([], [value]));
  return call.op('Not', [call.op('Equal', [numbers, stated])]);
}

/** True where any element along the last axis is. */
function anyOf(call: LayerCall, truths: string, axis: number): string {
  const numbers = call.op('Cast', [truths], { to: 'int32' });
  const largest = call.op('ReduceMax', [numbers], { axes: [axis], keepDims: false });
  return call.op('Cast', [largest], { to: 'bool' });
}

/** Steps with an element other than the value that stands for nothing. */
function maskingOf(call: LayerCall): string {
  return anyOf(call, unequal(call, call.values.last(call.input), call.number('mask_value', 0)), 2);
}

/** A step that does not count becomes 0. */
export function masking(call: LayerCall): void {
  const [n, steps] = call.rank(call.input, 3) as [number, number];
  const counts = call.op('Reshape', [maskingOf(call)], { shape: [n, steps, 1] });
  const factor = call.op('Cast', [counts], { to: 'float32' });
  call.finish({ value: call.op('Mul', [call.values.last(call.input), factor]), form: 'last' });
}

/** Keras 3 stores in Functional models how masks are computed: a comparison with a number. */
export function notEqual(call: LayerCall): void {
  const second = call.given[1];
  if (typeof second !== 'number' || call.inputs.length !== 1)
    call.refuse('only a comparison with one number is supported');
  call.finish({ value: unequal(call, call.values.last(call.input), second), form: 'last' });
}

/** Where either of two masks is true. */
export function logicalOr(call: LayerCall): void {
  if (call.inputs.length !== 2) call.refuse('it does not read two tensors');
  const parts = call.inputs.map((name) => call.values.last(name));
  call.finish({ value: call.op('Or', parts), form: 'last' });
}

/** Whether any element along an axis is true. */
export function anyAlong(call: LayerCall): void {
  const { element, shape } = call.values.type(call.input);
  if (element !== 'bool') call.refuse(`its input is ${element}, not bool`);
  if (call.flag('keepdims', false)) call.refuse('"keepdims" is not supported');
  const axis = call.axis(call.number('axis'), shape.length);
  call.finish({ value: anyOf(call, call.values.last(call.input), axis), form: 'last' });
}

/** The mean over the steps that count: [N, T, C] as [N, C]. */
export function maskedAverage(call: LayerCall, mask: string): string {
  const [n, steps] = call.rank(call.input, 3) as [number, number];
  const x = call.values.last(call.input);
  const counts = call.op('Reshape', [mask], { shape: [n, steps, 1] });
  const zeros = call.constant('zeros', tensor('float32', [1], new Float32Array(1)));
  const kept = call.op('Where', [counts, x, zeros]);
  const sum = call.op('ReduceSum', [kept], { axes: [1], keepDims: false });
  const factor = call.op('Cast', [mask], { to: 'float32' });
  const count = call.op('ReduceSum', [factor], { axes: [1], keepDims: true });
  return call.op('Div', [sum, count]);
}
