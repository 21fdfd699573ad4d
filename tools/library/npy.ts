/** NumPy `.npy` files (format 1 to 3, C order, numbers): how users hand over calibration and input samples. */

import { DiagnosticError, elementCount, errorDiagnostic, type Tensor, tensor } from '../../base/index.js';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** True when the bytes start as a `.npy` file. */
export function looksLikeNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/** The array of a `.npy` file as a float32 tensor. @throws DiagnosticError for another layout or element type. */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!looksLikeNpy(bytes) || bytes.length < 12) throw refuse(file, 'not a .npy file');
  const wide = bytes[6]! >= 2;
  const headerBytes = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = wide ? 12 : 10;
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + headerBytes));
  const descriptor = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descriptor === undefined || shapeText === undefined)
    throw refuse(file, 'the header has no descr or shape');
  if (/'fortran_order':\s*True/.test(header)) throw refuse(file, 'Fortran order; save it with order="C"');
  const shape = shapeText
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s !== '')
    .map(Number);
  const reader = readers[descriptor];
  if (reader === undefined)
    throw refuse(file, `element type ${descriptor}; use one of ${Object.keys(readers).join(' ')}`);
  const count = elementCount(shape);
  const [size, read] = reader;
  const offset = start + headerBytes;
  if (offset + count * size > bytes.length)
    throw refuse(file, `truncated: shape (${shape.join(', ')}) needs ${count * size} bytes`);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, offset + i * size);
  return tensor('float32', shape, values);
}

type Reader = readonly [bytes: number, read: (view: DataView, offset: number) => number];

const readers: Readonly<Record<string, Reader>> = {
  '<f4': [4, (v, o) => v.getFloat32(o, true)],
  '<f8': [8, (v, o) => v.getFloat64(o, true)],
  '|u1': [1, (v, o) => v.getUint8(o)],
  '|i1': [1, (v, o) => v.getInt8(o)],
  '<i2': [2, (v, o) => v.getInt16(o, true)],
  '<i4': [4, (v, o) => v.getInt32(o, true)],
  '<i8': [8, (v, o) => Number(v.getBigInt64(o, true))],
};

function refuse(file: string, why: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('samples/npy', `cannot read samples: ${why}`, { where: { kind: 'file', file } }),
  ]);
}
