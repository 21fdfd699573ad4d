/** What a row of the operator tables is, and the helpers that rows share. */

import type { AttributeRecord } from '../../channels-last/index.js';
import {
  commonForm,
  elementwise,
  type Form,
  follow,
  inForm,
  type Shaped,
  unary,
} from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';

/** Turns one node into operators of the graph and states its results. */
export type TensorflowMapping = (call: TensorflowCall) => void;

export type MappingTable = Readonly<Record<string, TensorflowMapping>>;

export const binary =
  (operator: string): TensorflowMapping =>
  (call) =>
    call.finish(elementwise(call, operator, [call.input(0), call.input(1)]));

export const activation =
  (operator: string, attributes: AttributeRecord = {}): TensorflowMapping =>
  (call) =>
    call.finish(unary(call, operator, call.input(0), attributes));

/** One operator after the other on the first operand. */
export const chain =
  (...operators: readonly string[]): TensorflowMapping =>
  (call) => {
    const [first, ...rest] = operators;
    const start = unary(call, first!, call.input(0));
    call.finish(rest.reduce((x, operator) => follow(call, operator, x), start));
  };

/** Input `index` as a value, in the form that it has anyway. */
export function asItIs(call: TensorflowCall, index: number): Shaped {
  const name = call.input(index);
  const form: Form = commonForm(call, [name]);
  return { value: inForm(call, name, form), form };
}

export const identity: TensorflowMapping = (call) => call.finish(asItIs(call, 0));

/** The picture of input `index` channels-first, and the form in which results of its kind are in the file. */
export function picture(call: TensorflowCall, index: number): { value: string; form: Form; nhwc: boolean } {
  const format = call.text('data_format', 'NHWC');
  if (format !== 'NHWC' && format !== 'NCHW') call.refuse(`the data format ${format} is not supported`);
  call.rank(call.input(index), 4);
  const nhwc = format === 'NHWC';
  return {
    value: nhwc ? call.values.first(call.input(index)) : call.last(index),
    form: nhwc ? 'first' : 'last',
    nhwc,
  };
}

/** The one number of a constant input. */
export function scalarInput(call: TensorflowCall, index: number): number {
  return Number(call.constant(index).data[0] ?? call.refuse(`input ${index} is empty`));
}
