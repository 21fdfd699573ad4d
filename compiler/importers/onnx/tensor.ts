/** Stored tensors. In: a TensorProto. Out: a {@link Tensor}, or the reason why there is none. */

import {
  allocate,
  type ElementType,
  elementCount,
  type Tensor,
  type TensorData,
  tensor,
} from '../../../base/index.js';
import { halfToNumber, type OnnxTensor, wireBigInt, wireNumber } from '../wire/index.js';

/** Element types by TensorProto.DataType. */
const elements: Readonly<Record<number, ElementType>> = {
  ...{ 1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 8: 'string' },
  ...{ 9: 'bool', 10: 'float16', 11: 'float64', 12: 'uint32', 13: 'uint64', 16: 'bfloat16' },
  ...{ 21: 'uint4', 22: 'int4' },
};

/** The element type of an ONNX data type code, or undefined for one that Systole has no word for. */
export function elementOfCode(code: number): ElementType | undefined {
  return elements[code];
}

/** What is wrong with a stored tensor. */
export interface TensorFault {
  readonly fault: string;
}

/** Reads a stored tensor of any numeric element type from its raw bytes or its typed fields. */
export function readTensor(stored: OnnxTensor): Tensor | TensorFault {
  const element = elementOfCode(stored.dataType);
  if (element === undefined || element === 'string')
    return { fault: `tensors of element type ${element ?? `code ${stored.dataType}`} are not supported` };
  if (stored.dataLocation !== 0) return { fault: 'the data are in another file; embed them when exporting' };
  const shape = stored.dims.map(wireNumber);
  if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0))
    return { fault: `[${shape.join(', ')}] is not a shape` };
  const count = elementCount(shape);
  const data =
    stored.rawData.length > 0 ? fromRaw(stored, element, count) : fromFields(stored, element, count);
  return 'fault' in data ? data : tensor(element, shape, data);
}

function lengthFault(found: number, unit: string, needed: number): TensorFault {
  return { fault: `the data have ${found} ${unit}, the shape needs ${needed}` };
}

const bitsOf: Readonly<Record<Exclude<ElementType, 'string'>, number>> = {
  ...{ float64: 64, int64: 64, uint64: 64, float32: 32, int32: 32, uint32: 32 },
  ...{ float16: 16, bfloat16: 16, int16: 16, uint16: 16, int8: 8, uint8: 8, bool: 8, int4: 4, uint4: 4 },
};

function fromRaw(
  { rawData }: OnnxTensor,
  element: Exclude<ElementType, 'string'>,
  count: number,
): TensorData | TensorFault {
  const bytes = new Uint8Array(rawData);
  const needed = Math.ceil((count * bitsOf[element]) / 8);
  if (bytes.length !== needed) return lengthFault(bytes.length, 'bytes', needed);
  switch (element) {
    case 'float16':
      return Float32Array.from(new Uint16Array(bytes.buffer), halfToNumber);
    case 'bfloat16':
      return bfloatsToNumbers(new Uint16Array(bytes.buffer));
    case 'int4':
    case 'uint4':
      return unpackNibbles(bytes, element, count);
    default: {
      // Raw data are little-endian; so is every machine that runs JavaScript today.
      const data = allocate(element, 0);
      const ArrayType = data.constructor as new (buffer: ArrayBufferLike) => TensorData;
      return new ArrayType(bytes.buffer);
    }
  }
}

function unpackNibbles(bytes: ArrayLike<number>, element: 'int4' | 'uint4', count: number): TensorData {
  const data = allocate(element, count) as Int8Array | Uint8Array;
  for (let i = 0; i < count; i++) {
    const nibble = (bytes[i >> 1]! >> ((i & 1) * 4)) & 15;
    data[i] = element === 'int4' && nibble > 7 ? nibble - 16 : nibble;
  }
  return data;
}

/** bfloat16 is the upper half of a float32. */
function bfloatsToNumbers(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (b) => b * 65536).buffer);
}

/** The typed field that onnx.proto assigns to the element type. */
function fromFields(
  stored: OnnxTensor,
  element: Exclude<ElementType, 'string'>,
  count: number,
): TensorData | TensorFault {
  const check = <T extends { readonly length: number }>(field: T, needed = count): T | TensorFault =>
    field.length === needed ? field : lengthFault(field.length, 'elements', needed);
  const convert = <T>(field: readonly T[], make: (field: readonly T[]) => TensorData, needed = count) => {
    const checked = check(field, needed);
    return 'fault' in checked ? checked : make(checked);
  };
  switch (element) {
    case 'float32':
      return convert(stored.floatData, (f) => Float32Array.from(f));
    case 'float64':
      return convert(stored.doubleData, (f) => Float64Array.from(f));
    case 'int64':
      return convert(stored.int64Data, (f) => BigInt64Array.from(f, wireBigInt));
    case 'uint64':
      return convert(stored.uint64Data, (f) => BigUint64Array.from(f, wireBigInt));
    case 'uint32':
      return convert(stored.uint64Data, (f) => Uint32Array.from(f, wireNumber));
    case 'float16':
      return convert(stored.int32Data, (f) => Float32Array.from(f, halfToNumber));
    case 'bfloat16':
      return convert(stored.int32Data, (f) => bfloatsToNumbers(Uint16Array.from(f)));
    case 'int4':
    case 'uint4':
      return convert(stored.int32Data, (f) => unpackNibbles(f, element, count), Math.ceil(count / 2));
    default:
      return convert(stored.int32Data, (f) => {
        const data = allocate(element, f.length) as Int32Array;
        f.forEach((v, i) => {
          data[i] = v;
        });
        return data;
      });
  }
}
