/** Tensors as TensorFlow stores them: type codes and packed bytes. */

import { allocate, type ElementType, type Tensor, type TensorData, tensor } from '../../../base/index.js';
import { halfToNumber } from '../wire/index.js';

/** Values of the enumeration DataType that have numbers. */
const elements: Readonly<Record<number, ElementType>> = {
  ...{ 1: 'float32', 2: 'float64', 3: 'int32', 4: 'uint8', 5: 'int16', 6: 'int8', 9: 'int64', 10: 'bool' },
  ...{ 14: 'bfloat16', 17: 'uint16', 19: 'float16', 22: 'uint32', 23: 'uint64' },
};

/** The element type of a DataType code; undefined for strings, resources, variants and complex numbers. */
export function elementOf(code: number): ElementType | undefined {
  return Object.hasOwn(elements, code) ? elements[code] : undefined;
}

const words = new Uint32Array(1);
const asFloat = new Float32Array(words.buffer);

/** bfloat16 is the upper half of a float32. */
export function bfloatToNumber(bits: number): number {
  words[0] = bits << 16;
  return asFloat[0]!;
}

/** Elements of a shape with known extents, or undefined where no tensor can have it. */
export function storableCount(shape: readonly number[]): number | undefined {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const fits = shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) && count <= 2 ** 28;
  return fits ? count : undefined;
}

/** Little-endian packed elements. The caller has checked that {@link storableCount} is defined. Undefined when the length does not fit. */
export function unpack(
  element: ElementType,
  shape: readonly number[],
  bytes: Uint8Array,
): Tensor | undefined {
  const count = storableCount(shape) ?? -1;
  if (count < 0 || bytes.length !== count * packedSize(element)) return undefined;
  return tensor(element, shape, elementsOf(element, count, bytes));
}

/** Bytes of one packed element. */
export function packedSize(element: ElementType): number {
  return element === 'float16' || element === 'bfloat16' ? 2 : allocate(element, 1).byteLength;
}

function elementsOf(element: ElementType, count: number, bytes: Uint8Array): TensorData {
  const data = allocate(element, count);
  if (element !== 'float16' && element !== 'bfloat16') {
    new Uint8Array(data.buffer).set(bytes);
    return data;
  }
  const halves = new Uint16Array(count);
  new Uint8Array(halves.buffer).set(bytes);
  return Float32Array.from(halves, element === 'float16' ? halfToNumber : bfloatToNumber);
}
