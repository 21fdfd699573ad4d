/** Element storage seen as numbers: what the operators share. */

import {
  allocate,
  type ElementType,
  elementCount,
  roundHalfEven,
  type Tensor,
  type TensorData,
  tensor,
} from '../../../base/index.js';
import { refuse } from '../operator.js';
import type { TensorType } from '../types.js';

// Of the half precisions only results are rounded, not every step inside an operator: within the standard's tolerance.
const floats: readonly ElementType[] = ['float32', 'float64', 'float16', 'bfloat16'];
const wide: readonly ElementType[] = ['int64', 'uint64'];

export function isFloat(element: ElementType): boolean {
  return floats.includes(element);
}

/** True for the elements that are stored as BigInt. */
export function isWide(element: ElementType): boolean {
  return wide.includes(element);
}

/** Storage whose elements read as numbers. */
export type Numbers = Exclude<TensorData, BigInt64Array | BigUint64Array>;

/** The elements as numbers; 64-bit integers lose what lies beyond 2^53. */
export function toNumbers(data: TensorData): Numbers {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  return data;
}

/** A tensor of `type` whose element `i` is `value(i)`, converted as storing into its array converts. */
export function generate({ element, shape }: TensorType, value: (index: number) => number): Tensor {
  const data = allocate(element, elementCount(shape));
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < data.length; i++) data[i] = wideInteger(value(i));
  } else {
    for (let i = 0; i < data.length; i++) data[i] = value(i);
    if (element === 'float16' || element === 'bfloat16') roundHalves(element, data as Float32Array);
  }
  return tensor(element, shape, data);
}

/** Rounds, in place, to what half precision can hold: nearest, ties to even. */
export function roundHalves(element: 'float16' | 'bfloat16', data: Float32Array): void {
  for (let i = 0; i < data.length; i++)
    data[i] = element === 'float16' ? roundToHalf(data[i]!) : roundToBfloat(data[i]!);
}

function roundToHalf(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const magnitude = Math.abs(value);
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const step = 2 ** (exponent - 10);
  const rounded = roundHalfEven(magnitude / step) * step;
  return Math.sign(value) * (rounded > 65504 ? Number.POSITIVE_INFINITY : rounded);
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

function roundToBfloat(value: number): number {
  if (Number.isNaN(value)) return value;
  float[0] = value;
  bits[0] = ((bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) & 0xffff0000) >>> 0;
  return float[0]!;
}

/** A tensor of any element type whose element `i` is `value(i)`, exact for 64-bit integers. */
export function generateExact({ element, shape }: TensorType, value: (index: number) => bigint): Tensor {
  const data = allocate(element, elementCount(shape)) as BigInt64Array;
  for (let i = 0; i < data.length; i++) data[i] = value(i);
  return tensor(element, shape, data);
}

/** Towards zero; what is no number becomes 0, as it does in the narrower integer arrays. */
function wideInteger(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}

/** Refuses a list of pads, indices or extents that holds anything but integers. */
export function requireIntegers(name: string, values: readonly number[]): void {
  if (!values.every(Number.isInteger)) refuse(`${name} ${values.join(', ')} are not integers`);
}

/** The same elements under another shape; storage is shared (tensors are never written after they are made). */
export function reshaped(t: Tensor, shape: readonly number[]): Tensor {
  return tensor(t.element, shape, t.data);
}

/** An axis counted from the front; a negative one counts from the end. Refuses one outside `-rank..rank-1`. */
export function normalizeAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    refuse(`axis ${axis} is outside a tensor of rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** The axes, normalised and in rising order; refuses a repeated one. */
export function normalizeAxes(axes: readonly number[], rank: number): number[] {
  const normal = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(normal).size !== normal.length) refuse(`axes ${axes.join(', ')} repeat`);
  return normal;
}

/** Refuses an element type outside `allowed`. */
export function requireElement(type: TensorType, allowed: readonly ElementType[], role: string): void {
  if (!allowed.includes(type.element)) refuse(`${role} is ${type.element}, not ${allowed.join(' or ')}`);
}
