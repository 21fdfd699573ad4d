/** SavedModel and checkpoint messages. In: bytes. Out: the decoded messages, or an Error. Field numbers are those of TensorFlow's published protos. */

import protobuf from 'protobufjs/light.js';
import type { WireInteger } from './onnx-schema.js';
import { type TensorflowGraph, type TensorflowShape, tensorflowMessages } from './tensorflow.js';

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });
const map = (id: number, type: string) => ({ id, type, keyType: 'string' }) as protobuf.IMapField;

const root = protobuf.Root.fromJSON({
  nested: {
    ...tensorflowMessages,
    SavedModel: { fields: { version: field(1, 'int64'), metaGraphs: list(2, 'MetaGraphDef') } },
    MetaGraphDef: {
      fields: {
        info: field(1, 'MetaInfo'),
        graph: field(2, 'GraphDef'),
        signatures: map(5, 'SignatureDef'),
      },
    },
    MetaInfo: { fields: { tags: list(4, 'string') } },
    SignatureDef: { fields: { inputs: map(1, 'TensorInfo'), outputs: map(2, 'TensorInfo') } },
    TensorInfo: { fields: { name: field(1, 'string'), dtype: field(2, 'int32'), shape: field(3, 'Shape') } },
    BundleHeader: { fields: { shards: field(1, 'int32'), endianness: field(2, 'int32') } },
    BundleEntry: {
      fields: {
        dtype: field(1, 'int32'),
        shape: field(2, 'Shape'),
        shard: field(3, 'int32'),
        offset: field(4, 'int64'),
        size: field(5, 'int64'),
        crc: field(6, 'fixed32'),
        slices: list(7, 'bytes'),
      },
    },
    ObjectGraph: { fields: { nodes: list(1, 'TrackableObject') } },
    TrackableObject: { fields: { attributes: list(2, 'SerializedTensor') } },
    SerializedTensor: {
      fields: { name: field(1, 'string'), fullName: field(2, 'string'), key: field(3, 'string') },
    },
  },
});

export interface TensorInfo {
  readonly name: string;
  readonly dtype: number;
  readonly shape: TensorflowShape | null;
}

export interface SignatureDef {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly outputs: Readonly<Record<string, TensorInfo>>;
}

export interface MetaGraphDef {
  readonly info: { readonly tags: readonly string[] } | null;
  readonly graph: TensorflowGraph | null;
  readonly signatures: Readonly<Record<string, SignatureDef>>;
}

export interface BundleEntry {
  readonly dtype: number;
  readonly shape: TensorflowShape | null;
  readonly shard: number;
  readonly offset: WireInteger;
  readonly size: WireInteger;
  readonly crc: number;
  readonly slices: readonly Uint8Array[];
}

export interface ObjectGraph {
  readonly nodes: readonly {
    readonly attributes: readonly {
      readonly name: string;
      readonly fullName: string;
      readonly key: string;
    }[];
  }[];
}

/** Decodes one message; fields that the schema leaves out are skipped. @throws Error from protobufjs */
function decode<T>(type: string, bytes: Uint8Array): T {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = true;
  return root.lookupType(type).decode(reader) as unknown as T;
}

export const decodeSavedModel = (bytes: Uint8Array) =>
  decode<{ readonly metaGraphs: readonly MetaGraphDef[] }>('SavedModel', bytes);
export const decodeBundleHeader = (bytes: Uint8Array) =>
  decode<{ readonly shards: number; readonly endianness: number }>('BundleHeader', bytes);
export const decodeBundleEntry = (bytes: Uint8Array) => decode<BundleEntry>('BundleEntry', bytes);
export const decodeObjectGraph = (bytes: Uint8Array) => decode<ObjectGraph>('ObjectGraph', bytes);

/** True when the bytes have the outline of a SavedModel: a version, then graphs that begin with their description. */
export function looksLikeSavedModel(bytes: Uint8Array): boolean {
  const reader = protobuf.Reader.create(bytes);
  let graphs = 0;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === 0x08) reader.skipType(0);
      else if (
        tag === 0x12 &&
        beginsLikeMetaGraph(bytes.subarray(reader.pos + varintLength(bytes, reader.pos)))
      ) {
        graphs++;
        reader.skipType(2);
      } else return false;
    }
  } catch {
    return graphs > 0;
  }
  return graphs > 0;
}

function varintLength(bytes: Uint8Array, at: number): number {
  let length = 1;
  while ((bytes[at + length - 1] ?? 0) & 128) length++;
  return length;
}

/** A MetaGraphDef begins with its MetaInfoDef, which holds an operator list (field 2), tags (4) or a version (5). */
function beginsLikeMetaGraph(bytes: Uint8Array): boolean {
  const reader = protobuf.Reader.create(bytes);
  if (reader.uint32() !== 0x0a) return false;
  const info = reader.uint32();
  if (info === 0) return true;
  const inner = reader.uint32();
  return (inner & 7) === 2 && [1, 2, 3, 4, 5, 6].includes(inner >>> 3);
}
