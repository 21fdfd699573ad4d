/** Stored tensors. In: a tensor of the file with its bytes. Out: a {@link Tensor}, or a diagnostic. */

import { allocate, elementCount, type Tensor, type TensorData, tensor } from '../../../base/index.js';
import { halfToNumber } from '../wire/index.js';
import { badTensor } from './diagnostics.js';
import type { TfliteTensor } from './model.js';

/** @throws DiagnosticError for types and lengths that do not fit. */
export function storedTensor(network: string, stored: TfliteTensor): Tensor {
  const { name, shape, element, data } = stored;
  if (element === undefined || element === 'string')
    throw badTensor(network, name, `tensors of type code ${stored.code} are not supported`);
  if (stored.sparse) throw badTensor(network, name, 'sparse tensors are not supported');
  const count = elementCount(shape);
  if (element === 'int4') return tensor(element, shape, nibbles(network, stored, count));
  const size = element === 'float16' ? 2 : allocate(element, 0).BYTES_PER_ELEMENT;
  if (data.length !== count * size)
    throw badTensor(network, name, `the data have ${data.length} bytes, the shape needs ${count * size}`);
  // A copy, since the bytes of a file need not be aligned; not slice(), which Node's own Buffer overrides with a view.
  const { buffer } = new Uint8Array(data);
  if (element === 'float16')
    return tensor('float32', shape, Float32Array.from(new Uint16Array(buffer), halfToNumber));
  const ArrayType = allocate(element, 0).constructor as new (buffer: ArrayBufferLike) => TensorData;
  return tensor(element, shape, new ArrayType(buffer));
}

function nibbles(network: string, { name, data }: TfliteTensor, count: number): Int8Array {
  if (data.length !== Math.ceil(count / 2))
    throw badTensor(network, name, `the data have ${data.length} bytes, the shape needs ${count / 2}`);
  return Int8Array.from({ length: count }, (_, i) => (((data[i >> 1]! >> ((i & 1) * 4)) & 15) << 28) >> 28);
}
