/**
 * One TFLite operator during the import: its tensors, options and results. Quantised activations become QuantizeLinear and
 * DequantizeLinear around float operators; the quantiser takes them out again.
 */

import type { Tensor } from '../../../base/index.js';
import { Emitter, follow, type NodePlace, type Shaped } from '../channels-last/index.js';
import type { FlatTable } from '../wire/index.js';
import type { TfliteOperator, TfliteQuantization, TfliteTensor } from './model.js';
import {
  dequantizedConstant,
  isQuantized,
  scaleConstants,
  type TfliteImport,
  useTensor,
} from './quantized.js';
import { storedTensor } from './tensor.js';

const activations: Readonly<Record<number, readonly [string, Record<string, number>]>> = {
  1: ['Relu', {}],
  2: ['Clip', { min: -1, max: 1 }],
  3: ['Clip', { min: 0, max: 6 }],
  4: ['Tanh', {}],
};

export class TfliteCall extends Emitter {
  constructor(
    readonly shared: TfliteImport,
    readonly operator: TfliteOperator,
    place: NodePlace,
  ) {
    super(shared.values, place, shared.model.tensors[operator.outputs[0] ?? -1]?.name ?? place.node);
  }

  /** The options table; operators that need one are refused without it. */
  get options(): FlatTable {
    return this.operator.options ?? this.refuse('its options are missing');
  }

  has(index: number): boolean {
    return (this.operator.inputs[index] ?? -1) >= 0;
  }

  tensor(index: number): TfliteTensor {
    return this.has(index)
      ? this.shared.model.tensors[this.operator.inputs[index]!]!
      : this.refuse(`input ${index} is missing`);
  }

  /** Name of input `index`; its constant is defined on first use. */
  input(index: number): string {
    return useTensor(this.shared, this.tensor(index));
  }

  inputs(): string[] {
    return this.operator.inputs.map((_, index) => this.input(index));
  }

  outputTensor(index = 0): TfliteTensor {
    const at = this.operator.outputs[index] ?? this.refuse(`output ${index} is missing`);
    return this.shared.model.tensors[at]!;
  }

  /** The elements of a constant input that holds shapes, axes or indices. */
  integerInput(index: number): readonly number[] {
    const constant = this.values.constant(this.input(index));
    if (constant === undefined) this.refuse(`input ${index} is computed at run time; it must be constant`);
    if (constant.element !== 'int32' && constant.element !== 'int64')
      this.refuse(`input ${index} is ${constant.element}, not int32 or int64`);
    return Array.from(constant.data, Number);
  }

  /** Whether the network computes with integers here: the quantisation of the result says so. */
  get quantized(): boolean {
    return isQuantized(this.outputTensor());
  }

  /** Stored weights rearranged by `arrange`, with their scales along `axis` of the result. */
  weights(index: number, role: string, arrange: (stored: Tensor) => Tensor, axis: number): string {
    const stored = this.tensor(index);
    const constant = this.storedConstant(index);
    const [name, arranged] = [`${stored.name}.${role}`, arrange(constant)];
    const { quantization } = stored;
    if (quantization === undefined) return this.values.constantValue(name, arranged);
    const meaning = { ...quantization, axis };
    if (!this.quantized || !/^u?int8$|^int32$|^int64$/.test(arranged.element))
      return this.values.constantValue(name, dequantizedConstant(arranged, meaning));
    const value = this.values.constantValue(name, arranged);
    const constants = scaleConstants(this.values, name, meaning, arranged.element);
    return this.op('DequantizeLinear', [value, ...constants], { axis });
  }

  /** A constant input as the file stores it, or as a constant operator in front of it made it. */
  private storedConstant(index: number): Tensor {
    const stored = this.tensor(index);
    if (stored.data.length > 0) return storedTensor(this.place.network, stored);
    return this.values.constant(this.input(index)) ?? this.refuse(`input ${index} is not constant`);
  }

  /** A bias, if there is one. */
  bias(index: number): string | undefined {
    return this.has(index) ? this.weights(index, 'bias', (stored) => stored, 0) : undefined;
  }

  /** Binds result `index`: the fused activation, then what the file says its integers mean. */
  finish(result: Shaped, activation = 0, index = 0): void {
    const target = this.outputTensor(index);
    const row = activations[activation];
    if (activation !== 0 && row === undefined) this.refuse(`fused activation ${activation} is not supported`);
    const value = row === undefined ? result : follow(this, row[0], result, row[1]);
    this.bind(target, value);
  }

  private bind(target: TfliteTensor, result: Shaped): void {
    if (!isQuantized(target)) {
      this.values.bind(target.name, result);
      return;
    }
    const quantization = this.perTensor(target);
    const constants = scaleConstants(this.values, target.name, quantization, target.element!);
    const integer = { ...result, value: this.op('QuantizeLinear', [result.value, ...constants]) };
    this.values.builder.quantization(integer.value, quantization);
    this.shared.integers.set(target.name, integer);
    const real = this.op('DequantizeLinear', [integer.value, ...constants]);
    this.values.bind(target.name, { ...result, value: real });
  }

  private perTensor({ name, quantization }: TfliteTensor): TfliteQuantization {
    if (quantization!.scale.length !== 1)
      this.refuse(`the activation "${name}" has ${quantization!.scale.length} scales, not one`);
    return quantization!;
  }
}
