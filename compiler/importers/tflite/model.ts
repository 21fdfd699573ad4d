/** TFLite files as records. In: bytes. Out: tensors and operators of the one subgraph, or diagnostics. Field numbers are those of TFLite's published schema. */

import { collect, type ElementType, type Result } from '../../../base/index.js';
import { FlatFile, type FlatTable } from '../wire/index.js';
import { manySubgraphs } from './diagnostics.js';

export interface TfliteQuantization {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  readonly index: number;
  /** Unique: made so where the file repeats a name. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Undefined for a type that Systole has no word for. */
  readonly element: ElementType | undefined;
  readonly code: number;
  /** Stored bytes; empty for activations. */
  readonly data: Uint8Array;
  readonly quantization: TfliteQuantization | undefined;
  readonly sparse: boolean;
  readonly variable: boolean;
}

export interface TfliteOperator {
  /** Builtin operator code. */
  readonly code: number;
  readonly custom: string;
  /** Unique name: `CONV_2D_3`, made from the result that it computes where that has a name. */
  readonly index: number;
  /** Tensor indices; -1 is an absent optional input. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTable | undefined;
}

export interface TfliteModel {
  readonly name: string;
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const elements: Readonly<Record<number, ElementType>> = {
  ...{ 0: 'float32', 1: 'float16', 2: 'int32', 3: 'uint8', 4: 'int64', 6: 'bool', 7: 'int16', 9: 'int8' },
  ...{ 10: 'float64', 12: 'uint64', 15: 'uint32', 16: 'uint16', 17: 'int4' },
};

/** True when the bytes carry TFLite's file identifier. */
export function looksLikeTflite(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && String.fromCharCode(...bytes.subarray(4, 8)) === 'TFL3';
}

/** Decodes a file; nothing is interpreted yet and tensor bytes stay views of `bytes`. */
export function decodeTflite(bytes: Uint8Array, file: string): Result<TfliteModel> {
  return collect(() => {
    const flat = new FlatFile(bytes, file, 'TFLite model');
    if (!looksLikeTflite(bytes)) flat.broken(4, 'the identifier TFL3 is missing');
    return readModel(flat, flat.root());
  });
}

function readModel(file: FlatFile, model: FlatTable): TfliteModel {
  const subgraphs = model.tables(2);
  const graph = subgraphs[0] ?? file.broken(0, 'it holds no subgraph');
  if (subgraphs.length > 1) throw manySubgraphs(file.name, subgraphs.length);
  const codes = model.tables(1).map(readCode);
  const buffers = model.tables(4);
  const tensors = uniqueNames(
    graph.tables(0).map((tensor, index) => readTensor(file, tensor, index, buffers)),
  );
  const operators = graph.tables(3).map((operator, index): TfliteOperator => {
    const code = codes[operator.int32(0)] ?? file.broken(operator.position, 'an operator has no code');
    const [inputs, outputs] = [operator.int32s(1), operator.int32s(2)];
    requireTensors(file, operator, tensors.length, [...inputs.filter((i) => i !== -1), ...outputs]);
    return { ...code, index, inputs, outputs, options: operator.table(4) };
  });
  const [inputs, outputs] = [graph.int32s(1), graph.int32s(2)];
  requireTensors(file, graph, tensors.length, [...inputs, ...outputs]);
  return { name: graph.text(4), tensors, operators, inputs, outputs };
}

function requireTensors(file: FlatFile, at: FlatTable, count: number, indices: readonly number[]): void {
  const wrong = indices.find((index) => index < 0 || index >= count);
  if (wrong !== undefined) file.broken(at.position, `there is no tensor ${wrong}; the file has ${count}`);
}

/** Old files have a code of one byte, new ones one of four; the larger counts. */
function readCode(table: FlatTable): { code: number; custom: string } {
  return { code: Math.max(table.uint8(0), table.int32(3)), custom: table.text(1) };
}

function readTensor(
  file: FlatFile,
  table: FlatTable,
  index: number,
  buffers: readonly FlatTable[],
): TfliteTensor {
  const code = table.uint8(1);
  const shape = table.int32s(0);
  if (shape.some((extent) => extent < 0) || shape.length > 8)
    file.broken(table.position, `[${shape.join(', ')}] is not a shape`);
  const buffer = buffers[table.int32(2)];
  if (buffer === undefined) file.broken(table.position, `tensor ${index} has no buffer`);
  if (buffer.uint64(1) > 1) file.broken(buffer.position, 'data behind the flatbuffer are not supported');
  const name = table.text(3) || `tensor_${index}`;
  return {
    ...{ index, name, shape, code, element: elements[code], data: buffer.raw(0) },
    quantization: readQuantization(table.table(4)),
    sparse: table.table(6) !== undefined,
    variable: table.uint8(5) !== 0,
  };
}

function readQuantization(table: FlatTable | undefined): TfliteQuantization | undefined {
  const scale = table?.float32s(2) ?? [];
  if (table === undefined || scale.length === 0) return undefined;
  const zeroPoint = table.int64s(3);
  return { scale, zeroPoint: scale.map((_, i) => zeroPoint[i] ?? zeroPoint[0] ?? 0), axis: table.int32(6) };
}

function uniqueNames(tensors: readonly TfliteTensor[]): TfliteTensor[] {
  const taken = new Set<string>();
  return tensors.map((tensor) => {
    let name = tensor.name;
    while (taken.has(name)) name = `${name}_${tensor.index}`;
    taken.add(name);
    return { ...tensor, name };
  });
}
