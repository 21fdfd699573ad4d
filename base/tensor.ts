/** Dense tensors, row-major (last axis contiguous), and their element types. */

import { InternalError } from './assert.js';

export type ElementType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int4'
  | 'uint4'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string';

/** Storage in memory. 64-bit integers are kept as BigInt arrays; 16-bit floats as Float32Array values. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface Tensor {
  readonly element: ElementType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Number of elements of a shape; 1 for a scalar (`[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Row-major strides in elements. `[2,3,4]` gives `[12,4,1]`. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** A fresh zero-filled array that can hold `count` elements of `element`. */
export function allocate(element: ElementType, count: number): TensorData {
  switch (element) {
    case 'float64':
      return new Float64Array(count);
    case 'float32':
    case 'float16':
    case 'bfloat16':
      return new Float32Array(count);
    case 'int4':
    case 'int8':
      return new Int8Array(count);
    case 'uint4':
    case 'uint8':
    case 'bool':
      return new Uint8Array(count);
    case 'int16':
      return new Int16Array(count);
    case 'uint16':
      return new Uint16Array(count);
    case 'int32':
      return new Int32Array(count);
    case 'uint32':
      return new Uint32Array(count);
    case 'int64':
      return new BigInt64Array(count);
    case 'uint64':
      return new BigUint64Array(count);
    case 'string':
      throw new InternalError('string tensors have no storage');
  }
}

/** A tensor of `element` with `data`; the length must fit the shape. */
export function tensor(element: ElementType, shape: readonly number[], data: TensorData): Tensor {
  if (data.length !== elementCount(shape)) {
    throw new InternalError(
      `tensor data has ${data.length} elements, shape [${shape}] needs ${elementCount(shape)}`,
    );
  }
  return { element, shape, data };
}

export function float32Tensor(shape: readonly number[], values: ArrayLike<number>): Tensor {
  return tensor('float32', shape, Float32Array.from(values));
}

/** The element at a flat index, as a number (64-bit integers must be safe integers). */
export function numberAt(t: Tensor, index: number): number {
  return Number(t.data[index]);
}
