/** Normalisations, resizing, and the fake quantisation of quantisation-aware training. */

import { tensor } from '../../../../base/index.js';
import type { TensorflowCall } from '../call.js';
import { asItIs, type MappingTable, picture, type TensorflowMapping } from './mapping.js';
import { field } from './windows.js';

/** At inference with stored statistics; with `is_training` the batch's own. */
const fusedBatchNorm: TensorflowMapping = (call) => {
  const at = field(call, 0);
  const epsilon = call.float('epsilon', 1e-4);
  const training = call.flag('is_training', true);
  const [mean, variance] = training
    ? batchStatistics(call, at.value, at.shape.length)
    : [call.last(3), call.last(4)];
  const inputs = [at.value, call.last(1), call.last(2), mean, variance];
  const normal = call.op('BatchNormalization', inputs, { epsilon });
  call.finish(at.result(normal));
  call.finish({ value: mean, form: 'last' }, 1);
  // While training the second result is the unbiased variance, which no inference graph reads.
  if (!training) call.finish({ value: variance, form: 'last' }, 2);
};

/** Mean and variance of each channel over all samples and pixels. */
function batchStatistics(call: TensorflowCall, x: string, rank: number): [string, string] {
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const kept = call.op('ReduceMean', [x], { axes, keepDims: true });
  const distance = call.op('Sub', [x, kept]);
  const squares = call.op('Mul', [distance, distance]);
  const mean = call.op('ReduceMean', [x], { axes, keepDims: false });
  return [mean, call.op('ReduceMean', [squares], { axes, keepDims: false })];
}

/** TensorFlow scales the sum of the window, the graph its mean. */
const lrn: TensorflowMapping = (call) => {
  const { value, form } = picture(call, 0);
  const size = 2 * call.integer('depth_radius', 5) + 1;
  const attributes = {
    size,
    alpha: call.float('alpha', 1) * size,
    beta: call.float('beta', 0.5),
    bias: call.float('bias', 1),
  };
  call.finish({ value: call.op('LRN', [value], attributes), form });
};

const coordinates = (call: TensorflowCall, half: string): string => {
  const [corners, centres] = [call.flag('align_corners'), call.flag('half_pixel_centers')];
  if (corners && centres) call.refuse('align_corners and half_pixel_centers exclude each other');
  return corners ? 'align_corners' : centres ? half : 'asymmetric';
};

function resized(call: TensorflowCall, attributes: Readonly<Record<string, string>>, float: boolean): void {
  const { value, form } = picture(call, 0);
  const { shape, element } = call.type(0);
  const sizes = call.integers(1);
  if (sizes.length !== 2) call.refuse(`[${sizes.join(', ')}] is no height and width`);
  const source = float && element !== 'float32' ? call.op('Cast', [value], { to: 'float32' }) : value;
  const all = [shape[0]!, shape[3]!, ...sizes];
  call.finish({ value: call.op('Resize', [source], { ...attributes, sizes: all }), form });
}

const bilinear: TensorflowMapping = (call) =>
  resized(call, { mode: 'linear', coordinateMode: coordinates(call, 'half_pixel') }, true);

const nearest: TensorflowMapping = (call) => {
  const coordinateMode = coordinates(call, 'tf_half_pixel_for_nn');
  const nearestMode = coordinateMode === 'align_corners' ? 'round_prefer_ceil' : 'floor';
  resized(call, { mode: 'nearest', coordinateMode, nearestMode }, false);
};

/** Ends moved so that 0 is a step; and the step. */
function nudged(low: number, high: number, levels: { least: number; most: number }) {
  const step = (high - low) / (levels.most - levels.least);
  const zero = Math.min(Math.max(Math.round(levels.least - low / step), levels.least), levels.most);
  return { step, zero };
}

/** Rounds to steps between two ends, per channel of the last axis where there are several. */
function fakeQuantised(call: TensorflowCall, lows: readonly number[], highs: readonly number[]): void {
  const bits = call.integer('num_bits', 8);
  if (bits < 2 || bits > 16) call.refuse(`${bits} bits are not supported`);
  if (lows.some((low, i) => !(low < highs[i]!)) || lows.length !== highs.length)
    call.refuse('its smallest value is not below its largest');
  const levels = { least: call.flag('narrow_range') ? 1 : 0, most: 2 ** bits - 1 };
  const rows = lows.map((low, i) => nudged(low, highs[i]!, levels));
  const constant = (role: string, value: (row: (typeof rows)[number]) => number): string => {
    const shape = call.type(0).shape.length > 0 && rows.length > 1 ? [rows.length] : [];
    const data = Float32Array.from(rows, value);
    return call.values.constantValue(`${call.stem}.${role}`, tensor('float32', shape, data));
  };
  const x = rows.length > 1 ? { value: call.last(0), form: 'last' as const } : asItIs(call, 0);
  const step = constant('step', (row) => row.step);
  const low = constant('low', ({ step: s, zero }) => s * (levels.least - zero));
  const high = constant('high', ({ step: s, zero }) => s * (levels.most - zero));
  const held = call.op('Min', [call.op('Max', [x.value, low]), high]);
  const steps = call.op('Div', [call.op('Sub', [held, low]), step]);
  const half = call.values.constantValue(`${call.stem}.half`, tensor('float32', [], Float32Array.of(0.5)));
  const rounded = call.op('Floor', [call.op('Add', [steps, half])]);
  call.finish({ ...x, value: call.op('Add', [call.op('Mul', [rounded, step]), low]) });
}

const fakeQuantVars: TensorflowMapping = (call) =>
  fakeQuantised(call, Array.from(call.constant(1).data, Number), Array.from(call.constant(2).data, Number));

export const normalisationMappings: MappingTable = {
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  LRN: lrn,
  ResizeBilinear: bilinear,
  ResizeNearestNeighbor: nearest,
  FakeQuantWithMinMaxArgs: (call) => fakeQuantised(call, [call.float('min', -6)], [call.float('max', 6)]),
  FakeQuantWithMinMaxVars: fakeQuantVars,
  FakeQuantWithMinMaxVarsPerChannel: fakeQuantVars,
};
