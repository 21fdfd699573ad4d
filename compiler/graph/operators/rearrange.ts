/** Operators that repeat, pad and rearrange elements. */

import { rowMajorStrides } from '../../../base/index.js';
import { numberAttribute, numbersAttribute, textAttribute } from '../attributes.js';
import {
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { copyView, pick } from './copy.js';
import { requireIntegers, reshaped } from './numeric.js';

/** Where position `at` (may lie outside) of an axis of `extent` comes from; -1: from nowhere. */
function paddedFrom(mode: string, at: number, extent: number): number {
  if (at >= 0 && at < extent) return at;
  switch (mode) {
    case 'edge':
      return at < 0 ? 0 : extent - 1;
    case 'wrap':
      return ((at % extent) + extent) % extent;
    case 'reflect': {
      const period = Math.max(1, 2 * (extent - 1));
      const within = ((at % period) + period) % period;
      return within < extent ? within : period - within;
    }
    default:
      return -1;
  }
}

const padModes = ['constant', 'reflect', 'edge', 'wrap'];

const pad: OperatorSpec = {
  name: 'Pad',
  summary: 'elements added before and after each axis: a constant, the nearest, mirrored or repeated ones',
  attributes: {
    pads: numbersAttribute('elements before every axis, then after every axis; negative ones crop'),
    value: numberAttribute('the added element', 0),
    mode: textAttribute('constant, reflect, edge or wrap', 'constant'),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const [pads, mode] = [call.attributes.numbers('pads'), call.attributes.text('mode')];
    requireIntegers('pads', pads);
    if (!padModes.includes(mode)) refuse(`mode is "${mode}", not ${padModes.join(' or ')}`);
    if (pads.length !== 2 * shape.length) refuse(`${pads.length} pads for a tensor of rank ${shape.length}`);
    const padded = shape.map((extent, i) => extent + pads[i]! + pads[i + shape.length]!);
    if (padded.some((extent) => extent < 0)) refuse(`pads ${pads.join(', ')} crop more than there is`);
    if (mode !== 'constant' && shape.some((e, i) => e === 0 && padded[i] !== 0))
      refuse('an empty axis has nothing to repeat');
    return [{ element, shape: padded }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const { shape } = call.outputs[0]!;
    const [pads, mode] = [call.attributes.numbers('pads'), call.attributes.text('mode')];
    const [outer, inner] = [rowMajorStrides(shape), rowMajorStrides(x.shape)];
    const from = (i: number): number => {
      let at = 0;
      for (let axis = 0; axis < shape.length; axis++) {
        const position = (Math.floor(i / outer[axis]!) % shape[axis]!) - pads[axis]!;
        const source = paddedFrom(mode, position, x.shape[axis]!);
        if (source < 0) return -1;
        at += source * inner[axis]!;
      }
      return at;
    };
    return [pick(x, shape, from, call.attributes.number('value'))];
  },
};

const tile: OperatorSpec = {
  name: 'Tile',
  summary: 'the input repeated along each axis',
  attributes: { repeats: numbersAttribute('repetitions per axis') },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const repeats = call.attributes.numbers('repeats');
    if (repeats.length !== shape.length || repeats.some((r) => !Number.isInteger(r) || r < 0))
      refuse(`repeats ${repeats.join(', ')} do not fit a tensor of rank ${shape.length}`);
    return [{ element, shape: shape.map((extent, axis) => extent * repeats[axis]!) }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const { shape } = call.outputs[0]!;
    const [outer, inner] = [rowMajorStrides(shape), rowMajorStrides(x.shape)];
    const from = (i: number): number =>
      shape.reduce((at, extent, axis) => {
        const position = Math.floor(i / outer[axis]!) % extent;
        return at + (position % x.shape[axis]!) * inner[axis]!;
      }, 0);
    return [pick(x, shape, from)];
  },
};

function blockOf(call: { readonly attributes: { number(name: string): number } }): number {
  const block = call.attributes.number('blockSize');
  return Number.isInteger(block) && block >= 1 ? block : refuse(`blockSize ${block} is not positive`);
}

const blockSize = numberAttribute('height and width of a block');

const depthToSpace: OperatorSpec = {
  name: 'DepthToSpace',
  summary: 'channels of [N, C, H, W] become blocks of the picture',
  attributes: { blockSize, mode: textAttribute('DCR (block first) or CRD (channel first)', 'DCR') },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const b = blockOf(call);
    const mode = call.attributes.text('mode');
    if (mode !== 'DCR' && mode !== 'CRD') refuse(`mode is "${mode}", not DCR or CRD`);
    if (shape.length !== 4 || shape[1]! % (b * b) !== 0)
      refuse(`[${shape.join(', ')}] has no ${b * b} channels a block`);
    return [{ element, shape: [shape[0]!, shape[1]! / (b * b), shape[2]! * b, shape[3]! * b] }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const b = blockOf(call);
    const depth = c / (b * b);
    const first = call.attributes.text('mode') === 'DCR';
    const split = first ? [n, b, b, depth, h, w] : [n, depth, b, b, h, w];
    const order = first ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
    const strides = rowMajorStrides(split);
    const view = copyView(x, {
      shape: order.map((axis) => split[axis]!),
      start: 0,
      steps: order.map((axis) => strides[axis]!),
    });
    return [reshaped(view, call.outputs[0]!.shape)];
  },
};

const spaceToDepth: OperatorSpec = {
  name: 'SpaceToDepth',
  summary: 'blocks of the picture [N, C, H, W] become channels, block position first',
  attributes: { blockSize },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const b = blockOf(call);
    if (shape.length !== 4 || shape[2]! % b !== 0 || shape[3]! % b !== 0)
      refuse(`[${shape.join(', ')}] does not split into blocks of ${b}`);
    return [{ element, shape: [shape[0]!, shape[1]! * b * b, shape[2]! / b, shape[3]! / b] }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const b = blockOf(call);
    const split = [n, c, h / b, b, w / b, b];
    const strides = rowMajorStrides(split);
    const order = [0, 3, 5, 1, 2, 4];
    const view = copyView(x, {
      shape: order.map((axis) => split[axis]!),
      start: 0,
      steps: order.map((axis) => strides[axis]!),
    });
    return [reshaped(view, call.outputs[0]!.shape)];
  },
};

export const rearrangeOperators: OperatorTable = operatorsByName(pad, tile, depthToSpace, spaceToDepth);
