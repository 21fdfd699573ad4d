/**
 * The messages of onnx.proto that an importer needs, as a protobufjs descriptor and as TypeScript types. Fields that are
 * not listed are skipped when decoding. Field numbers are those of the published onnx.proto; they never change.
 */

import protobuf from 'protobufjs/light.js';

type Row = readonly [id: number, type: string, rule?: 'repeated' | 'packed'];

const messages: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  Model: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    graph: [7, 'Graph'],
    opsetImport: [8, 'OperatorSet', 'repeated'],
    functions: [25, 'Function', 'repeated'],
  },
  OperatorSet: { domain: [1, 'string'], version: [2, 'int64'] },
  Function: { name: [1, 'string'], domain: [10, 'string'] },
  Graph: {
    node: [1, 'Node', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'Tensor', 'repeated'],
    input: [11, 'ValueInfo', 'repeated'],
    output: [12, 'ValueInfo', 'repeated'],
    sparseInitializer: [15, 'SparseTensor', 'repeated'],
  },
  SparseTensor: { values: [1, 'Tensor'] },
  Node: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'Attribute', 'repeated'],
    domain: [7, 'string'],
  },
  Attribute: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'Tensor'],
    g: [6, 'Graph'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    strings: [9, 'bytes', 'repeated'],
    type: [20, 'int32'],
    refAttrName: [21, 'string'],
  },
  Tensor: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    floatData: [4, 'float', 'packed'],
    int32Data: [5, 'int32', 'packed'],
    stringData: [6, 'bytes', 'repeated'],
    int64Data: [7, 'int64', 'packed'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, 'double', 'packed'],
    uint64Data: [11, 'uint64', 'packed'],
    externalData: [13, 'Entry', 'repeated'],
    dataLocation: [14, 'int32'],
  },
  Entry: { key: [1, 'string'], value: [2, 'string'] },
  ValueInfo: { name: [1, 'string'], type: [2, 'Type'] },
  Type: { tensorType: [1, 'TensorType'] },
  TensorType: { elemType: [1, 'int32'], shape: [2, 'Shape'] },
  Shape: { dim: [1, 'Dimension', 'repeated'] },
  Dimension: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
};

function descriptor(): protobuf.INamespace {
  const nested: Record<string, protobuf.IType> = {};
  for (const [message, rows] of Object.entries(messages)) {
    const fields: Record<string, protobuf.IField> = {};
    for (const [name, [id, type, rule]] of Object.entries(rows)) {
      if (rule === undefined) fields[name] = { id, type };
      else fields[name] = { id, type, rule: 'repeated', options: { packed: rule === 'packed' } };
    }
    nested[message] = { fields };
  }
  return { nested };
}

const root = protobuf.Root.fromJSON(descriptor());

/** The protobufjs types by message name, for programs that write such files (the tests do). */
export function onnxMessage(name: 'Model' | 'Tensor'): protobuf.Type {
  return root.lookupType(name);
}

/** A 64-bit integer as protobufjs decodes it. */
export type WireInteger = number | { toNumber(): number; toString(): string };

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly WireInteger[];
  readonly dataType: number;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly WireInteger[];
  readonly uint64Data: readonly WireInteger[];
  readonly doubleData: readonly number[];
  readonly rawData: Uint8Array | readonly number[];
  /** 1: the bytes are in another file, which `externalData` names. */
  readonly dataLocation: number;
  readonly externalData: readonly { readonly key: string; readonly value: string }[];
}

export interface OnnxAttribute {
  readonly name: string;
  readonly type: number;
  readonly f: number;
  readonly i: WireInteger;
  readonly s: Uint8Array | readonly number[];
  readonly t: OnnxTensor | null;
  readonly g: OnnxGraph | null;
  readonly floats: readonly number[];
  readonly ints: readonly WireInteger[];
  readonly strings: readonly Uint8Array[];
  readonly refAttrName: string;
}

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
}

export interface OnnxDimension {
  readonly dimValue: WireInteger;
  readonly dimParam: string;
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly OnnxDimension[] } | null;
    } | null;
  } | null;
}

export interface OnnxGraph {
  readonly name: string;
  readonly node: readonly OnnxNode[];
  readonly initializer: readonly OnnxTensor[];
  readonly sparseInitializer: readonly unknown[];
  readonly input: readonly OnnxValueInfo[];
  readonly output: readonly OnnxValueInfo[];
}

export interface OnnxModel {
  readonly irVersion: WireInteger;
  readonly producerName: string;
  readonly graph: OnnxGraph | null;
  readonly opsetImport: readonly { readonly domain: string; readonly version: WireInteger }[];
  readonly functions: readonly { readonly name: string; readonly domain: string }[];
}
