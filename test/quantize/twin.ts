/** The naive twin of the integer operators: integer.md read out loud, on unbounded integers, one output element at a time. */

import type { Tensor } from '../../base/index.js';
import type { AttributeValue } from '../../compiler/graph/index.js';

export type Attributes = Readonly<Record<string, AttributeValue>>;

const number = (attributes: Attributes, name: string): number => attributes[name] as number;
const numbers = (attributes: Attributes, name: string): readonly number[] =>
  attributes[name] as readonly number[];

function scaleRounded(value: bigint, multiplier: number, shift: number): bigint {
  const scaled = (value * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift);
  const [low, high] = [-(2n ** 31n), 2n ** 31n - 1n];
  return scaled < low ? low : scaled > high ? high : scaled;
}

function requantized(acc: bigint, attributes: Attributes, channel: number): number {
  const [multipliers, shifts] = [numbers(attributes, 'multiplier'), numbers(attributes, 'shift')];
  const at = multipliers.length === 1 ? 0 : channel;
  const value = Number(scaleRounded(acc, multipliers[at]!, shifts[at]!)) + number(attributes, 'zeroPoint');
  const clamped = Math.min(Math.max(value, number(attributes, 'min')), number(attributes, 'max'));
  const table = attributes.table as readonly number[] | undefined;
  return table === undefined ? clamped : table[clamped + 128]!;
}

/** All index vectors of a shape, row-major. */
function* indices(shape: readonly number[]): Generator<number[]> {
  const [extent, ...rest] = shape;
  if (extent === undefined) yield [];
  else for (let i = 0; i < extent; i++) for (const tail of indices(rest)) yield [i, ...tail];
}

/** The element at an index vector, or undefined outside the tensor. */
function at(t: Tensor, index: readonly number[]): bigint | undefined {
  let flat = 0;
  for (const [axis, extent] of t.shape.entries()) {
    const i = index[axis]!;
    if (i < 0 || i >= extent) return undefined;
    flat = flat * extent + i;
  }
  return BigInt(Number(t.data[flat]));
}

function position(attributes: Attributes, axis: 0 | 1, out: number, tap: number): number {
  const dilation = (attributes.dilations as readonly number[] | undefined)?.[axis] ?? 1;
  return out * numbers(attributes, 'strides')[axis]! - numbers(attributes, 'pads')[axis]! + tap * dilation;
}

type Element = (index: number[]) => number;

function conv([x, w, b]: readonly Tensor[], attributes: Attributes): Element {
  const [outputs, perGroup, kh, kw] = w!.shape as [number, number, number, number];
  const each = outputs / number(attributes, 'group');
  const pad = BigInt(number(attributes, 'padValue'));
  return ([n, o, y, k]) => {
    let acc = BigInt(Number(b!.data[o!]));
    for (const [c, i, j] of indices([perGroup, kh, kw]) as Iterable<[number, number, number]>) {
      const channel = Math.floor(o! / each) * perGroup + c;
      const [py, px] = [position(attributes, 0, y!, i), position(attributes, 1, k!, j)];
      acc += at(w!, [o!, c, i, j])! * (at(x!, [n!, channel, py, px]) ?? pad);
    }
    return requantized(acc, attributes, o!);
  };
}

function matmul([x, w, b]: readonly Tensor[], attributes: Attributes): Element {
  return (index) => {
    const column = index.at(-1)!;
    let acc = BigInt(Number(b!.data[column]));
    for (let k = 0; k < w!.shape[0]!; k++) acc += at(x!, [...index.slice(0, -1), k])! * at(w!, [k, column])!;
    return requantized(acc, attributes, column);
  };
}

function add([a, b]: readonly Tensor[], attributes: Attributes): Element {
  const term = (value: bigint, p: 'a' | 'b') =>
    scaleRounded(
      (value << BigInt(number(attributes, 'leftShift'))) + BigInt(number(attributes, `${p}Bias`)),
      number(attributes, `${p}Multiplier`),
      number(attributes, `${p}Shift`),
    );
  return (index) => requantized(term(at(a!, index)!, 'a') + term(at(b!, index)!, 'b'), attributes, 0);
}

function pool([x]: readonly Tensor[], attributes: Attributes, maximum: boolean): Element {
  const pad = BigInt(number(attributes, 'padValue'));
  return ([n, c, y, k]) => {
    const taps = [...indices(numbers(attributes, 'kernel'))].map(
      ([i, j]) => at(x!, [n!, c!, position(attributes, 0, y!, i!), position(attributes, 1, k!, j!)]) ?? pad,
    );
    const value = taps.reduce((u, v) => (maximum ? (v > u ? v : u) : u + v));
    return requantized(value + BigInt(number(attributes, 'bias')), attributes, c!);
  };
}

function rescale([x]: readonly Tensor[], attributes: Attributes): Element {
  return (index) =>
    requantized(
      at(x!, index)! + BigInt(number(attributes, 'bias')),
      attributes,
      x!.shape.length >= 2 ? index[1]! : 0,
    );
}

/** What integer.md says the operator gives: its elements, row-major in the shape of the result. */
export function twin(
  operator: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
  shape: readonly number[],
): number[] {
  const rules: Readonly<Record<string, () => Element>> = {
    IntegerConv: () => conv(inputs, attributes),
    IntegerMatMul: () => matmul(inputs, attributes),
    IntegerAdd: () => add(inputs, attributes),
    IntegerMaxPool: () => pool(inputs, attributes, true),
    IntegerAveragePool: () => pool(inputs, attributes, false),
    IntegerRescale: () => rescale(inputs, attributes),
  };
  return [...indices(shape)].map(rules[operator]!());
}
