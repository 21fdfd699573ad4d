/** One row a builtin operator: its name and how it becomes operators of the graph. Codes are those of TFLite's published schema. */

import type { Tensor } from '../../../base/index.js';
import {
  alongAxis,
  concat,
  elementwise,
  follow,
  pad,
  reduce,
  reshapedTo,
  stridedSlice,
  transpose,
  unary,
} from '../channels-last/index.js';
import type { TfliteCall } from './call.js';
import { convolution2d, depthwise2d, fullyConnected, pool2d, transposedConvolution2d } from './weighted.js';

export interface TfliteMapping {
  readonly name: string;
  map(call: TfliteCall): void;
}

type Map = TfliteMapping['map'];

/** The fused activation of an operator whose options begin with it. */
const fused = (call: TfliteCall, field = 0): number => call.operator.options?.uint8(field) ?? 0;

const binary =
  (operator: string): Map =>
  (call) =>
    call.finish(elementwise(call, operator, [call.input(0), call.input(1)]), fused(call));

const activation =
  (operator: string, attributes: Record<string, number> = {}): Map =>
  (call) =>
    call.finish(unary(call, operator, call.input(0), attributes));

const reduction =
  (operator: string): Map =>
  (call) => {
    const axes = call.integerInput(1);
    const keepDims = (call.operator.options?.uint8(0) ?? 0) !== 0;
    call.finish(reduce(call, operator, call.input(0), { axes, keepDims }));
  };

/** The shape of the result is what the input, the options or the file's own statement say. */
const reshape: Map = (call) => {
  const x = call.input(0);
  const from = call.values.type(x).shape;
  const options = call.operator.options?.int32s(0) ?? [];
  const given = call.has(1) ? call.integerInput(1) : options.length > 0 ? options : call.outputTensor().shape;
  reshapeTo(call, x, reshapedTo(call, from, given));
};

function reshapeTo(call: TfliteCall, x: string, shape: readonly number[]): void {
  const target = call.outputTensor();
  if (call.values.has(target.name)) call.refuse(`"${target.name}" is computed twice`);
  call.values.bindReshape(target.name, x, shape, { name: call.place.node, operator: call.place.operator });
}

const squeeze: Map = (call) => {
  const x = call.input(0);
  const { shape } = call.values.type(x);
  const axes = (call.operator.options?.int32s(0) ?? []).map((axis) => call.axis(axis, shape.length));
  const gone = (axis: number, extent: number) => (axes.length > 0 ? axes.includes(axis) : extent === 1);
  if (axes.some((axis) => shape[axis] !== 1))
    call.refuse(`it drops an axis of [${shape.join(', ')}] that is not 1`);
  reshapeTo(
    call,
    x,
    shape.filter((extent, axis) => !gone(axis, extent)),
  );
};

const expandDims: Map = (call) => {
  const x = call.input(0);
  const { shape } = call.values.type(x);
  const at = call.axis(call.integerInput(1)[0] ?? 0, shape.length + 1);
  reshapeTo(call, x, shape.toSpliced(at, 0, 1));
};

function pairs(call: TfliteCall, list: readonly number[]): (readonly [number, number])[] {
  if (list.length % 2 === 1) call.refuse(`${list.length} paddings are no pairs`);
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!] as const);
}

const padding: Map = (call) => {
  const fill: Tensor | undefined = call.has(2) ? call.values.constant(call.input(2)) : undefined;
  if (call.has(2) && fill === undefined) call.refuse('its fill is computed at run time; it must be constant');
  call.finish(pad(call, call.input(0), pairs(call, call.integerInput(1)), Number(fill?.data[0] ?? 0)));
};

const softmax: Map = (call) => {
  const beta = call.operator.options?.float32(0) ?? 1;
  if (beta !== 1) call.refuse(`beta ${beta} is not supported, only 1`);
  call.finish(alongAxis(call, 'Softmax', call.input(0), -1));
};

const quantize: Map = (call) => {
  const x = call.input(0);
  if (call.outputTensor().element === 'int32') call.refuse('its result is int32, not int8, uint8 or int16');
  const form = call.values.isFirst(x) ? 'first' : 'last';
  call.finish({ value: form === 'first' ? call.values.first(x) : call.values.last(x), form });
};

const concatenation: Map = (call) =>
  call.finish(concat(call, call.inputs(), call.options.int32(0)), fused(call, 1));

const slice: Map = (call) => {
  const x = call.input(0);
  const { shape } = call.values.type(x);
  const [starts, sizes] = [call.integerInput(1), call.integerInput(2)];
  const ends = starts.map((start, i) => (sizes[i] === -1 ? shape[i]! : start + (sizes[i] ?? 0)));
  const axes = starts.map((_, i) => i);
  call.finish({ value: call.op('Slice', [call.values.last(x)], { starts, ends, axes }), form: 'last' });
};

const strided: Map = (call) => {
  const [begin, end, strides] = [1, 2, 3].map((index) => call.integerInput(index)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const mask = (field: number) => call.options.int32(field);
  const masks = { begin: mask(0), end: mask(1), ellipsis: mask(2), newAxis: mask(3), shrinkAxis: mask(4) };
  call.finish(stridedSlice(call, call.input(0), { begin, end, strides, masks }));
};

const leakyRelu: Map = (call) =>
  call.finish(unary(call, 'LeakyRelu', call.input(0), { alpha: call.options.float32(0) }));

const rsqrt: Map = (call) => call.finish(follow(call, 'Reciprocal', unary(call, 'Sqrt', call.input(0))));

const squaredDifference: Map = (call) => {
  const difference = elementwise(call, 'Sub', [call.input(0), call.input(1)]);
  call.finish({ ...difference, value: call.op('Mul', [difference.value, difference.value]) });
};

const square: Map = (call) => call.finish(elementwise(call, 'Mul', [call.input(0), call.input(0)]));

const row = (name: string, map: Map): TfliteMapping => ({ name, map });

/** Mappings by builtin operator code. */
export const tfliteMappings: Readonly<Record<number, TfliteMapping>> = {
  0: row('ADD', binary('Add')),
  1: row('AVERAGE_POOL_2D', pool2d('AveragePool')),
  2: row('CONCATENATION', concatenation),
  3: row('CONV_2D', convolution2d),
  4: row('DEPTHWISE_CONV_2D', depthwise2d),
  6: row('DEQUANTIZE', quantize),
  8: row('FLOOR', activation('Floor')),
  9: row('FULLY_CONNECTED', fullyConnected),
  14: row('LOGISTIC', activation('Sigmoid')),
  17: row('MAX_POOL_2D', pool2d('MaxPool')),
  18: row('MUL', binary('Mul')),
  19: row('RELU', activation('Relu')),
  20: row('RELU_N1_TO_1', activation('Clip', { min: -1, max: 1 })),
  21: row('RELU6', activation('Clip', { min: 0, max: 6 })),
  22: row('RESHAPE', reshape),
  25: row('SOFTMAX', softmax),
  28: row('TANH', activation('Tanh')),
  34: row('PAD', padding),
  39: row('TRANSPOSE', (call) => call.finish(transpose(call, call.input(0), call.integerInput(1)))),
  40: row('MEAN', reduction('ReduceMean')),
  41: row('SUB', binary('Sub')),
  42: row('DIV', binary('Div')),
  43: row('SQUEEZE', squeeze),
  45: row('STRIDED_SLICE', strided),
  47: row('EXP', activation('Exp')),
  55: row('MAXIMUM', binary('Max')),
  57: row('MINIMUM', binary('Min')),
  59: row('NEG', activation('Neg')),
  60: row('PADV2', padding),
  65: row('SLICE', slice),
  67: row('TRANSPOSE_CONV', transposedConvolution2d),
  70: row('EXPAND_DIMS', expandDims),
  73: row('LOG', activation('Log')),
  74: row('SUM', reduction('ReduceSum')),
  75: row('SQRT', activation('Sqrt')),
  76: row('RSQRT', rsqrt),
  82: row('REDUCE_MAX', reduction('ReduceMax')),
  92: row('SQUARE', square),
  98: row('LEAKY_RELU', leakyRelu),
  99: row('SQUARED_DIFFERENCE', squaredDifference),
  101: row('ABS', activation('Abs')),
  104: row('CEIL', activation('Ceil')),
  111: row('ELU', activation('Elu')),
  114: row('QUANTIZE', quantize),
  117: row('HARD_SWISH', activation('HardSwish')),
};
