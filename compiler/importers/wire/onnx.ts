/** ONNX files as messages. In: bytes. Out: the decoded messages, or a diagnostic at the byte where decoding stopped. */

import protobuf from 'protobufjs/light.js';
import { fail, type Result, succeed } from '../../../base/index.js';
import { brokenFile } from './diagnostics.js';
import { type OnnxModel, type OnnxTensor, onnxMessage, type WireInteger } from './onnx-schema.js';

/**
 * Decodes a model. Tensor bytes stay views of `bytes`; nothing is copied or interpreted.
 * @param file what diagnostics call the file.
 */
export function decodeOnnxModel(bytes: Uint8Array, file: string): Result<OnnxModel> {
  return decode<OnnxModel>(bytes, file, 'Model');
}

/** Decodes a file that holds one tensor (as the conformance cases of ONNX store their inputs and outputs). */
export function decodeOnnxTensor(bytes: Uint8Array, file: string): Result<OnnxTensor> {
  return decode<OnnxTensor>(bytes, file, 'Tensor');
}

function decode<T>(bytes: Uint8Array, file: string, type: 'Model' | 'Tensor'): Result<T> {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = true;
  try {
    return succeed(onnxMessage(type).decode(reader) as unknown as T);
  } catch (error) {
    // protobufjs reports every malformed byte as an Error or RangeError; there is nothing else it could throw here.
    const message = error instanceof Error ? error.message : String(error);
    const reason = error instanceof RangeError ? 'a field reaches beyond the end of the data' : message;
    return fail(brokenFile(file, Math.min(reader.pos, bytes.length), reason));
  }
}

/** Wire types of the top-level fields of a ModelProto, by field number: 0 varint, 2 length-delimited. */
const modelFields: Readonly<Record<number, number>> = {
  ...{ 1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2 },
};

/**
 * True when the bytes have the outline of an ONNX model: known top-level fields only, a graph among them. A cheap test
 * for choosing an importer; a broken graph inside is the importer's business.
 */
export function looksLikeOnnx(bytes: Uint8Array): boolean {
  const reader = protobuf.Reader.create(bytes);
  let graphs = 0;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (modelFields[tag >>> 3] !== (tag & 7)) return false;
      if (tag >>> 3 === 7) graphs++;
      reader.skipType(tag & 7);
    }
  } catch {
    // Truncated: still ONNX if the graph had begun, so that the importer can say what is wrong.
    return graphs > 0;
  }
  return graphs > 0;
}

/** A wire integer as a number; beyond 2^53 the nearest one. */
export function wireNumber(value: WireInteger): number {
  return typeof value === 'number' ? value : value.toNumber();
}

/** A wire integer, exactly. */
export function wireBigInt(value: WireInteger): bigint {
  return BigInt(value.toString());
}

/** The message with some fields replaced. Not a spread: the defaults of absent fields are on the message's prototype. */
export function withFields<T extends object>(message: T, fields: Partial<T>): T {
  return Object.assign(Object.create(message) as T, fields);
}
