/** Resize: nearest, linear and cubic interpolation, axis by axis, in all of ONNX's coordinate modes. */

import { elementCount } from '../../../base/index.js';
import { flagAttribute, numberAttribute, numbersAttribute, textAttribute } from '../attributes.js';
import {
  type EvaluateCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { generate, toNumbers } from './numeric.js';

const coordinateModes: Readonly<Record<string, (to: number, axis: Axis) => number>> = {
  half_pixel: (to, { scale }) => (to + 0.5) / scale - 0.5,
  half_pixel_symmetric: (to, { scale, from, length }) => {
    const adjustment = length / (scale * from);
    return (from / 2) * (1 - adjustment) + (to + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (to, { scale, length }) => (length > 1 ? (to + 0.5) / scale - 0.5 : 0),
  tf_half_pixel_for_nn: (to, { scale }) => (to + 0.5) / scale,
  // The unrounded length, as the standard's reference has it.
  align_corners: (to, { from, length, scale }) => (length === 1 ? 0 : (to * (from - 1)) / (scale * from - 1)),
  asymmetric: (to, { scale }) => to / scale,
  tf_crop_and_resize: (to, { from, length, roi: [start, end] }) =>
    length > 1
      ? start * (from - 1) + (to * (end - start) * (from - 1)) / (length - 1)
      : 0.5 * (start + end) * (from - 1),
};

const nearestModes: Readonly<Record<string, (at: number) => number>> = {
  round_prefer_floor: (at) => Math.ceil(at - 0.5),
  round_prefer_ceil: (at) => Math.floor(at + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** One axis on its way from `from` to `length` elements. */
interface Axis {
  readonly from: number;
  readonly length: number;
  readonly scale: number;
  readonly roi: readonly [number, number];
}

/** Sources and their weights for one output position; no sources: the extrapolation value. */
interface Taps {
  readonly sources: readonly number[];
  readonly weights: readonly number[];
  readonly outside: boolean;
}

function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d < 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

function kernelOf(call: EvaluateCall): { reach: number; kernel: (distance: number) => number } {
  if (call.attributes.text('mode') === 'linear')
    return { reach: 1, kernel: (d) => Math.max(0, 1 - Math.abs(d)) };
  const a = call.attributes.number('cubicA');
  return { reach: 2, kernel: (d) => cubic(d, a) };
}

function tapsOf(call: EvaluateCall, axis: Axis): Taps[] {
  const { attributes } = call;
  const mode = attributes.text('coordinateMode');
  const nearest = nearestModes[attributes.text('nearestMode')]!;
  const crop = mode === 'tf_crop_and_resize';
  return Array.from({ length: axis.length }, (_, to) => {
    const at = coordinateModes[mode]!(to, axis);
    const outside = crop && (at < 0 || at > axis.from - 1);
    if (attributes.text('mode') !== 'nearest') return { ...interpolation(call, axis, at), outside };
    return { sources: [Math.min(Math.max(nearest(at), 0), axis.from - 1)], weights: [1], outside };
  });
}

function interpolation(call: EvaluateCall, axis: Axis, at: number): Omit<Taps, 'outside'> {
  const { reach, kernel } = kernelOf(call);
  // Antialiasing widens the kernel when the axis shrinks.
  const shrink = call.attributes.flag('antialias') ? Math.min(1, axis.scale) : 1;
  const [first, last] = [Math.floor(at - reach / shrink) + 1, Math.ceil(at + reach / shrink) - 1];
  const sources: number[] = [];
  const weights: number[] = [];
  for (let i = Math.min(first, Math.floor(at)); i <= Math.max(last, Math.floor(at)); i++) {
    const inside = i >= 0 && i < axis.from;
    if (call.attributes.flag('excludeOutside') && !inside) continue;
    sources.push(Math.min(Math.max(i, 0), axis.from - 1));
    weights.push(kernel((i - at) * shrink));
  }
  const total = weights.reduce((sum, w) => sum + w, 0);
  return { sources, weights: weights.map((w) => w / total) };
}

const resize: OperatorSpec = {
  name: 'Resize',
  summary: 'the input sampled at other extents by interpolation',
  attributes: {
    sizes: numbersAttribute('the extents of the result'),
    scales: numbersAttribute('factor per axis as the file states it; absent: sizes / extents', []),
    mode: textAttribute('nearest, linear or cubic', 'nearest'),
    coordinateMode: textAttribute('where an output element lies in the input', 'half_pixel'),
    nearestMode: textAttribute('how nearest rounds', 'round_prefer_floor'),
    cubicA: numberAttribute('coefficient of the cubic', -0.75),
    excludeOutside: flagAttribute('taps outside the input have no weight', false),
    antialias: flagAttribute('widen the kernel when shrinking', false),
    roi: numbersAttribute('starts, then ends per axis, for tf_crop_and_resize', []),
    extrapolation: numberAttribute('the value outside, for tf_crop_and_resize', 0),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const { attributes } = call;
    const [sizes, scales, roi] = ['sizes', 'scales', 'roi'].map((n) => attributes.numbers(n));
    if (sizes!.length !== shape.length || sizes!.some((s) => !Number.isInteger(s) || s < 1))
      refuse(`sizes ${sizes!.join(', ')} do not fit a tensor of rank ${shape.length}`);
    if (scales!.length > 0 && (scales!.length !== shape.length || scales!.some((s) => !(s > 0))))
      refuse(`scales ${scales!.join(', ')} do not fit a tensor of rank ${shape.length}`);
    const mode = attributes.text('mode');
    if (!['nearest', 'linear', 'cubic'].includes(mode)) refuse(`mode "${mode}" is not known`);
    if (!Object.hasOwn(coordinateModes, attributes.text('coordinateMode')))
      refuse(`coordinate mode "${attributes.text('coordinateMode')}" is not known`);
    if (!Object.hasOwn(nearestModes, attributes.text('nearestMode')))
      refuse(`nearest mode "${attributes.text('nearestMode')}" is not known`);
    if (roi!.length !== 0 && roi!.length !== 2 * shape.length)
      refuse('roi does not have two numbers an axis');
    if (attributes.text('coordinateMode') === 'tf_crop_and_resize' && roi!.length === 0)
      refuse('tf_crop_and_resize needs a roi');
    if (shape.includes(0)) refuse('the input is empty');
    return [{ element, shape: sizes! }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const { element, shape: sizes } = call.outputs[0]!;
    let [data, shape, outside] = [
      Float64Array.from(toNumbers(x.data)),
      [...x.shape],
      undefined as Uint8Array | undefined,
    ];
    for (let axis = 0; axis < shape.length; axis++) {
      const taps = axisTaps(call, x.shape, axis);
      if (taps === undefined) continue;
      [data, outside] = alongAxis(data, outside, shape, axis, taps);
      shape = shape.map((extent, i) => (i === axis ? sizes[axis]! : extent));
    }
    const value = call.attributes.number('extrapolation');
    return [generate({ element, shape: sizes }, (i) => (outside?.[i] ? value : data[i]!))];
  },
};

/** The taps of an axis; undefined when it stays as it is. */
function axisTaps(call: EvaluateCall, shape: readonly number[], axis: number): Taps[] | undefined {
  const [from, length] = [shape[axis]!, call.outputs[0]!.shape[axis]!];
  const scales = call.attributes.numbers('scales');
  const scale = scales[axis] ?? length / from;
  const roi = call.attributes.numbers('roi');
  const [start, end] = [roi[axis] ?? 0, roi[axis + shape.length] ?? 1];
  const crop = call.attributes.text('coordinateMode') === 'tf_crop_and_resize';
  if (from === length && scale === 1 && !(crop && (start !== 0 || end !== 1))) return undefined;
  return tapsOf(call, { from, length, scale, roi: [start, end] });
}

function alongAxis(
  x: Float64Array,
  outside: Uint8Array | undefined,
  shape: readonly number[],
  axis: number,
  taps: readonly Taps[],
): [Float64Array<ArrayBuffer>, Uint8Array] {
  const inner = elementCount(shape.slice(axis + 1));
  const outer = elementCount(shape.slice(0, axis));
  const extent = shape[axis]!;
  const y = new Float64Array(outer * taps.length * inner);
  const flags = new Uint8Array(y.length);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const { sources, weights, outside: off } of taps) {
      for (let i = 0; i < inner; i++, to++) {
        let sum = 0;
        const base = o * extent * inner + i;
        for (let k = 0; k < sources.length; k++) sum += weights[k]! * x[base + sources[k]! * inner]!;
        y[to] = sum;
        flags[to] = off || outside?.[base + sources[0]! * inner] ? 1 : 0;
      }
    }
  }
  return [y, flags];
}

export const resizeOperators: OperatorTable = operatorsByName(resize);
