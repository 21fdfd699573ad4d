/** Conv: grouped, strided, dilated convolution in one or two dimensions. */

import { elementCount } from '../../../base/index.js';
import { type Attributes, numberAttribute } from '../attributes.js';
import {
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { type Convolution, convolve } from './convolve.js';
import { generate, isFloat, toNumbers } from './numeric.js';
import { planes, readWindow, spatialShape, windowAttributes, windowOutput } from './window.js';

/** The attributes of every convolution. */
export const convolutionAttributes = {
  ...windowAttributes,
  group: numberAttribute('groups that the channels are split into; C and O are multiples of it', 1),
};

/** The output shape [N, O, ...spatial]; refuses channels, groups and extents that do not fit. */
export function convolutionShape(
  x: readonly number[],
  w: readonly number[],
  attributes: Attributes,
): number[] {
  if (x.length < 3 || x.length !== w.length)
    refuse(`the input has rank ${x.length}, the weights ${w.length}`);
  const group = attributes.number('group');
  const [channels, outChannels] = [x[1]!, w[0]!];
  if (!(group >= 1) || channels % group !== 0 || outChannels % group !== 0)
    refuse(`${channels} input and ${outChannels} output channels do not split into ${group} groups`);
  if (w[1] !== channels / group)
    refuse(`the weights take ${w[1]} channels, the input gives ${channels / group} per group`);
  const window = readWindow(attributes, w.slice(2));
  const [, , height, width] = planes(x);
  return [x[0]!, outChannels, ...spatialShape(x.length, windowOutput(window, [height, width]))];
}

/** What {@link convolve} needs to know about a call that `convolutionShape` accepted. */
export function convolutionOf(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  attributes: Attributes,
): Convolution {
  const [, channels, height, width] = planes(y);
  return {
    window: readWindow(attributes, w.slice(2)),
    group: attributes.number('group'),
    input: planes(x),
    output: [channels, height, width],
  };
}

/** Refuses a bias that is not one number per output channel. */
export function requireBias(bias: { readonly shape: readonly number[] } | undefined, channels: number): void {
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== channels))
    refuse(`the bias has shape [${bias.shape.join(', ')}], not [${channels}]`);
}

const conv: OperatorSpec = {
  name: 'Conv',
  summary: 'convolution of [N, C, ...] with weights [O, C/group, ...] and an optional bias [O]',
  attributes: convolutionAttributes,
  inputs: { min: 2, max: 3 },
  infer: (call) => {
    const [x, w, b] = [inputType(call, 0), inputType(call, 1), call.inputs[2]];
    if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
    if (w.element !== x.element) refuse(`the weights are ${w.element}, the input ${x.element}`);
    const shape = convolutionShape(x.shape, w.shape, call.attributes);
    requireBias(b, w.shape[0]!);
    return [{ element: x.element, shape }];
  },
  evaluate: (call) => {
    const [x, w, b] = [inputTensor(call, 0), inputTensor(call, 1), call.inputs[2]];
    const { element, shape } = call.outputs[0]!;
    const convolution = convolutionOf(x.shape, w.shape, shape, call.attributes);
    const sums = convolve(toNumbers(x.data), toNumbers(w.data), convolution);
    if (b !== undefined) addPerChannel(sums, toNumbers(b.data), shape);
    return [generate({ element, shape }, (i) => sums[i]!)];
  },
  macs: ({ inputs, outputs }) => elementCount(outputs[0]!.shape) * elementCount(inputs[1]!.shape.slice(1)),
};

/** Adds `bias[c]` to every element of channel c, in place. */
export function addPerChannel(sums: Float64Array, bias: ArrayLike<number>, shape: readonly number[]): void {
  const plane = elementCount(shape.slice(2));
  for (let i = 0, channel = 0; i < sums.length; i += plane, channel = (channel + 1) % shape[1]!) {
    for (let k = i; k < i + plane; k++) sums[k]! += bias[channel]!;
  }
}

export const convolutionOperators: OperatorTable = operatorsByName(conv);
