/** ConvTranspose: the gradient of a convolution, any number of spatial axes; every input element spreads the kernel. */

import { elementCount, rowMajorStrides } from '../../../base/index.js';
import { numberAttribute, numbersAttribute } from '../attributes.js';
import {
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { addPerChannel, requireBias } from './convolution.js';
import { generate, isFloat, toNumbers } from './numeric.js';
import { windowAttributes } from './window.js';

interface Spread {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly group: number;
}

function spreadOf(call: Pick<InferCall, 'attributes'>, rank: number): Spread {
  const list = (name: string, length: number, fill: number): readonly number[] => {
    const given = call.attributes.numbers(name);
    if (given.length === 0) return new Array<number>(length).fill(fill);
    if (given.length !== length || !given.every(Number.isInteger))
      refuse(`${name} ${given.join(', ')} are not ${length} integers`);
    return given;
  };
  const [strides, dilations] = [list('strides', rank, 1), list('dilations', rank, 1)];
  if ([...strides, ...dilations].some((v) => v < 1)) refuse('a stride or dilation is not positive');
  return { strides, dilations, pads: list('pads', 2 * rank, 0), group: call.attributes.number('group') };
}

const convTranspose: OperatorSpec = {
  name: 'ConvTranspose',
  summary: 'transposed convolution of [N, C, ...] with weights [C, O/group, ...] and an optional bias [O]',
  attributes: {
    ...windowAttributes,
    outputPadding: numbersAttribute('elements added at the end of each spatial axis; absent: 0', []),
    group: numberAttribute('groups that the channels are split into', 1),
  },
  inputs: { min: 2, max: 3 },
  infer: (call) => {
    const [x, w] = [inputType(call, 0), inputType(call, 1)];
    if (!isFloat(x.element) || x.element !== w.element)
      refuse(`the operands are ${x.element} and ${w.element}`);
    const rank = x.shape.length - 2;
    if (rank < 1 || w.shape.length !== x.shape.length) refuse('input and weights differ in rank');
    const { strides, dilations, pads, group } = spreadOf(call, rank);
    if (!(group >= 1) || w.shape[0] !== x.shape[1] || x.shape[1]! % group !== 0)
      refuse(`${x.shape[1]} channels do not fit weights for ${w.shape[0]} in ${group} groups`);
    const added = call.attributes.numbers('outputPadding');
    const spatial = x.shape.slice(2).map((extent, a) => {
      const span = dilations[a]! * (w.shape[a + 2]! - 1) + 1;
      return strides[a]! * (extent - 1) + (added[a] ?? 0) + span - pads[a]! - pads[a + rank]!;
    });
    if (spatial.some((extent) => extent < 1)) refuse(`the padding leaves [${spatial.join(', ')}]`);
    const channels = w.shape[1]! * group;
    requireBias(call.inputs[2], channels);
    return [{ element: x.element, shape: [x.shape[0]!, channels, ...spatial] }];
  },
  evaluate: (call) => {
    const [x, w] = [inputTensor(call, 0), inputTensor(call, 1)];
    const type = call.outputs[0]!;
    const spread = spreadOf(call, x.shape.length - 2);
    const sums = scatter(
      { shape: x.shape, data: toNumbers(x.data) },
      { shape: w.shape, data: toNumbers(w.data) },
      type.shape,
      spread,
    );
    const bias = call.inputs[2];
    if (bias !== undefined) addPerChannel(sums, toNumbers(bias.data), type.shape);
    return [generate(type, (i) => sums[i]!)];
  },
  macs: ({ inputs }) => elementCount(inputs[0]!.shape) * elementCount(inputs[1]!.shape.slice(1)),
};

interface Plain {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** For every input position and kernel tap, the flat output position or -1. */
function targets(x: Plain, w: Plain, y: readonly number[], spread: Spread): Int32Array {
  const [spatial, kernel, out] = [x.shape.slice(2), w.shape.slice(2), y.slice(2)];
  const [sx, sk, so] = [spatial, kernel, out].map(rowMajorStrides);
  const [positions, taps] = [elementCount(spatial), elementCount(kernel)];
  const result = new Int32Array(positions * taps);
  for (let p = 0; p < positions; p++) {
    for (let k = 0; k < taps; k++) {
      let at = 0;
      for (let a = 0; a < spatial.length && at >= 0; a++) {
        const i = Math.floor(p / sx![a]!) % spatial[a]!;
        const tap = Math.floor(k / sk![a]!) % kernel[a]!;
        const o = i * spread.strides[a]! + tap * spread.dilations[a]! - spread.pads[a]!;
        at = o < 0 || o >= out[a]! ? -1 : at + o * so![a]!;
      }
      result[p * taps + k] = at;
    }
  }
  return result;
}

function scatter(x: Plain, w: Plain, y: readonly number[], spread: Spread): Float64Array {
  const where = targets(x, w, y, spread);
  const [positions, taps, plane] = [x, w, { shape: y }].map(({ shape }) => elementCount(shape.slice(2))) as [
    number,
    number,
    number,
  ];
  const [samples, channels] = x.shape as [number, number];
  const [outChannels, perGroup] = [y[1]!, w.shape[1]!];
  const inPerGroup = channels / spread.group;
  const sums = new Float64Array(elementCount(y));
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      const first = Math.floor(c / inPerGroup) * perGroup;
      for (let o = 0; o < perGroup; o++) {
        const to = (n * outChannels + first + o) * plane;
        const [from, weights] = [(n * channels + c) * positions, (c * perGroup + o) * taps];
        for (let p = 0; p < positions; p++)
          for (let k = 0; k < taps; k++) {
            const at = where[p * taps + k]!;
            if (at >= 0) sums[to + at]! += x.data[from + p]! * w.data[weights + k]!;
          }
      }
    }
  }
  return sums;
}

export const transposedOperators: OperatorTable = operatorsByName(convTranspose);
