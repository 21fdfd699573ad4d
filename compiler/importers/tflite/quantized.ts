/** What TFLite states about integers: the scales of activations and constants, as nodes or folded into floats. */

import {
  allocate,
  type ElementType,
  float32Tensor,
  type Tensor,
  type TensorData,
  tensor,
} from '../../../base/index.js';
import type { ChannelsLastValues, Shaped } from '../channels-last/index.js';
import type { TfliteModel, TfliteQuantization, TfliteTensor } from './model.js';
import { storedTensor } from './tensor.js';

/** What all operators of one import share. */
export interface TfliteImport {
  readonly values: ChannelsLastValues;
  readonly model: TfliteModel;
  /** The integer value of each quantised activation. */
  readonly integers: Map<string, Shaped>;
}

/** Whether the integers of an activation stand for real numbers. */
export function isQuantized({ element, quantization }: TfliteTensor): boolean {
  return quantization !== undefined && (element === 'int8' || element === 'uint8' || element === 'int16');
}

/** Scale and zero point as constants of the graph. */
export function scaleConstants(
  values: ChannelsLastValues,
  stem: string,
  { scale, zeroPoint }: Pick<TfliteQuantization, 'scale' | 'zeroPoint'>,
  element: ElementType,
): [string, string] {
  const shape = scale.length === 1 ? [] : [scale.length];
  return [
    values.constantValue(`${stem}.scale`, float32Tensor(shape, scale)),
    values.constantValue(`${stem}.zero`, tensor(element, shape, stored(element, zeroPoint))),
  ];
}

/** Numbers in the storage of an integer type. */
function stored(element: ElementType, numbers: readonly number[]): TensorData {
  if (element === 'int64') return BigInt64Array.from(numbers, BigInt);
  const data = allocate(element, numbers.length) as Int32Array;
  data.set(numbers);
  return data;
}

/** The real values of stored integers. */
export function dequantizedConstant(stored: Tensor, { scale, zeroPoint, axis }: TfliteQuantization): Tensor {
  const step = stored.shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const at = scale.length === 1 ? () => 0 : (i: number) => Math.floor(i / step) % scale.length;
  const data = Float32Array.from(
    stored.data as ArrayLike<number>,
    (v, i) => (Number(v) - zeroPoint[at(i)]!) * scale[at(i)]!,
  );
  return tensor('float32', stored.shape, data);
}

/** The name of a tensor that an operator reads; a constant is defined on first use, by its real values. */
export function useTensor({ values }: TfliteImport, stored: TfliteTensor): string {
  if (values.has(stored.name) || stored.data.length === 0) return stored.name;
  const constant = storedTensor(values.builder.name, stored);
  const real =
    stored.quantization === undefined ? constant : dequantizedConstant(constant, stored.quantization);
  values.bind(stored.name, { value: values.constantValue(stored.name, real), form: 'last' });
  return stored.name;
}

/** Defines a graph input; a quantised one is read through its real values. */
export function defineInput(
  { values, integers }: TfliteImport,
  input: TfliteTensor,
  shape: readonly number[],
): void {
  const { builder } = values;
  const element = input.element!;
  const name = builder.input(input.name, { element, shape });
  const integers32 = element === 'int32' && input.quantization !== undefined;
  if (!(isQuantized(input) || integers32) || input.quantization!.scale.length !== 1) {
    values.bind(name, { value: name, form: 'last' });
    return;
  }
  const { scale, zeroPoint } = input.quantization!;
  builder.quantization(name, { scale, zeroPoint });
  integers.set(name, { value: name, form: 'last' });
  const constants = scaleConstants(values, name, { scale, zeroPoint }, element);
  const origin = { name, operator: 'DequantizeLinear' };
  const real = values.node('DequantizeLinear', [name, ...constants], {}, `${name}.real`, origin);
  values.bind(name, { value: real, form: 'last' });
}
