/** GraphDef files as messages. In: bytes. Out: the decoded nodes, or a diagnostic. Field numbers are those of TensorFlow's published protos. */

import protobuf from 'protobufjs/light.js';
import { fail, type Result, succeed } from '../../../base/index.js';
import { brokenFile } from './diagnostics.js';
import type { WireInteger } from './onnx-schema.js';

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });

/** Messages that GraphDef files and everything around them share. */
export const tensorflowMessages = {
  GraphDef: { fields: { node: list(1, 'NodeDef'), library: field(2, 'Library') } },
  Library: { fields: { function: list(1, 'FunctionDef') } },
  FunctionDef: {
    fields: {
      signature: field(1, 'OpDef'),
      node: list(3, 'NodeDef'),
      ret: { id: 4, type: 'string', keyType: 'string' } as protobuf.IMapField,
    },
  },
  OpDef: { fields: { name: field(1, 'string'), inputArg: list(2, 'ArgDef'), outputArg: list(3, 'ArgDef') } },
  ArgDef: { fields: { name: field(1, 'string') } },
  NodeDef: {
    fields: {
      name: field(1, 'string'),
      op: field(2, 'string'),
      input: list(3, 'string'),
      attr: { id: 5, type: 'AttrValue', keyType: 'string' } as protobuf.IMapField,
    },
  },
  AttrValue: {
    fields: {
      list: field(1, 'ListValue'),
      s: field(2, 'bytes'),
      i: field(3, 'int64'),
      f: field(4, 'float'),
      b: field(5, 'bool'),
      type: field(6, 'int32'),
      shape: field(7, 'Shape'),
      tensor: field(8, 'TensorProto'),
      func: field(10, 'NameAttrList'),
    },
  },
  NameAttrList: { fields: { name: field(1, 'string') } },
  ListValue: { fields: { s: list(2, 'bytes'), i: list(3, 'int64'), f: list(4, 'float') } },
  Shape: { fields: { dim: list(2, 'Dim'), unknownRank: field(3, 'bool') } },
  Dim: { fields: { size: field(1, 'int64') } },
  TensorProto: {
    fields: {
      dtype: field(1, 'int32'),
      tensorShape: field(2, 'Shape'),
      tensorContent: field(4, 'bytes'),
      floatVal: list(5, 'float'),
      doubleVal: list(6, 'double'),
      intVal: list(7, 'int32'),
      int64Val: list(10, 'int64'),
      boolVal: list(11, 'bool'),
      halfVal: list(13, 'int32'),
    },
  },
};

const root = protobuf.Root.fromJSON({ nested: tensorflowMessages });

export interface TensorflowShape {
  readonly dim: readonly { readonly size: WireInteger }[];
  readonly unknownRank: boolean;
}

export interface TensorflowTensor {
  readonly dtype: number;
  readonly tensorShape: TensorflowShape | null;
  readonly tensorContent: Uint8Array | readonly number[];
  readonly floatVal: readonly number[];
  readonly doubleVal: readonly number[];
  readonly intVal: readonly number[];
  readonly int64Val: readonly WireInteger[];
  readonly boolVal: readonly boolean[];
  /** Bits of 16-bit floats. */
  readonly halfVal: readonly number[];
}

export interface TensorflowAttribute {
  readonly list: {
    readonly s: readonly (Uint8Array | readonly number[])[];
    readonly i: readonly WireInteger[];
    readonly f: readonly number[];
  } | null;
  readonly s: Uint8Array | readonly number[];
  readonly i: WireInteger;
  readonly f: number;
  readonly b: boolean;
  readonly type: number;
  readonly shape: TensorflowShape | null;
  readonly tensor: TensorflowTensor | null;
  /** A function of the library, by name. */
  readonly func: { readonly name: string } | null;
}

export interface TensorflowNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, TensorflowAttribute>>;
}

/** A graph with the functions that its nodes call. */
export interface TensorflowGraph {
  readonly node: readonly TensorflowNode[];
  readonly library: { readonly function: readonly FunctionDef[] } | null;
}

/** A function of the library: nodes that read arguments by name. */
export interface FunctionDef {
  readonly signature: {
    readonly name: string;
    readonly inputArg: readonly { readonly name: string }[];
    readonly outputArg: readonly { readonly name: string }[];
  } | null;
  readonly node: readonly TensorflowNode[];
  /** For each result, the node's result that it is. */
  readonly ret: Readonly<Record<string, string>>;
}

/** Decodes a frozen GraphDef. @param file what diagnostics call it. */
export function decodeGraphDef(bytes: Uint8Array, file: string): Result<TensorflowGraph> {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = true;
  try {
    const message = root.lookupType('GraphDef').decode(reader) as unknown as TensorflowGraph;
    if (message.node.length > 0) return succeed(message);
    return fail(brokenFile(file, 0, 'it holds no node', 'TensorFlow GraphDef'));
  } catch (error) {
    // protobufjs reports every malformed byte as an Error or RangeError; there is nothing else it could throw here.
    const reason = error instanceof Error ? error.message : String(error);
    return fail(brokenFile(file, Math.min(reader.pos, bytes.length), reason, 'TensorFlow GraphDef'));
  }
}
