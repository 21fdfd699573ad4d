/** Weights of a TF.js model. In: groups of shards. Out: for each weight its packed bytes, quantised ones made numbers again. */

import { type ElementType, elementCount, type Tensor } from '../../../base/index.js';
import { unpack } from '../tensorflow/index.js';
import { halfToNumber } from '../wire/index.js';
import { badWeight, missingShard } from './diagnostics.js';
import type { WeightGroup, WeightSpec } from './manifest.js';

export type FileLookup = (name: string) => Uint8Array | undefined;

const elements: Readonly<Record<string, ElementType>> = { float32: 'float32', int32: 'int32', bool: 'bool' };
const packed: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, complex64: 8 };
const packedQuantised: Readonly<Record<string, number>> = { uint8: 1, uint16: 2, float16: 2 };

/** A weight that is read when it is wanted. */
export interface StoredWeight {
  readonly name: string;
  /** False for strings and complex numbers. */
  readonly numeric: boolean;
  /** @throws DiagnosticError for types that have no numbers. */
  readonly read: () => Tensor;
}

/** Cuts the shards of every group into weights. @throws DiagnosticError for missing or short shards. */
export function readWeights(groups: readonly WeightGroup[], files: FileLookup, file: string): StoredWeight[] {
  return groups.flatMap(({ paths, weights }) => {
    const bytes = joined(paths, files);
    let at = 0;
    const cut = weights.map((spec) => {
      const size = sizeOf(spec, bytes, at);
      if (!(at + size <= bytes.length))
        throw badWeight(
          file,
          spec.name,
          `it needs ${size} bytes at ${at}, ${paths.join(' + ')} have ${bytes.length}`,
        );
      const own = bytes.subarray(at, at + size);
      at += size;
      return {
        name: spec.name,
        numeric: Object.hasOwn(elements, spec.dtype),
        read: () => tensorOf(spec, own, file),
      };
    });
    if (at !== bytes.length)
      throw badWeight(file, weights.at(-1)?.name ?? '', `${bytes.length - at} bytes follow the last weight`);
    return cut;
  });
}

function joined(paths: readonly string[], files: FileLookup): Uint8Array {
  const shards = paths.map((path) => files(path) ?? missing(path));
  if (shards.length === 1) return shards[0]!;
  const all = new Uint8Array(shards.reduce((sum, shard) => sum + shard.length, 0));
  let at = 0;
  for (const shard of shards) {
    all.set(shard, at);
    at += shard.length;
  }
  return all;
}

function missing(path: string): never {
  throw missingShard(path);
}

/** Bytes of a weight; strings have a length each in front. */
function sizeOf({ shape, dtype, quantization }: WeightSpec, bytes: Uint8Array, at: number): number {
  const count = elementCount(shape);
  if (dtype !== 'string')
    return count * (quantization ? packedQuantised[quantization.dtype]! : packed[dtype]!);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = at;
  for (let i = 0; i < count; i++) {
    if (end + 4 > bytes.length) return Number.POSITIVE_INFINITY;
    end += 4 + view.getUint32(end, true);
  }
  return end - at;
}

function tensorOf(spec: WeightSpec, bytes: Uint8Array, file: string): Tensor {
  const element = elements[spec.dtype];
  if (element === undefined) throw badWeight(file, spec.name, `${spec.dtype} weights are not supported`);
  const plain = spec.quantization ? dequantised(spec, bytes, file) : bytes;
  return unpack(element, spec.shape, plain) ?? impossible(spec, file);
}

function impossible({ name, shape }: WeightSpec, file: string): never {
  throw badWeight(file, name, `[${shape.join(', ')}] is not a shape that a weight can have`);
}

/** The packed numbers that the quantised ones stand for, as tfjs computes them. */
function dequantised({ name, dtype, quantization }: WeightSpec, bytes: Uint8Array, file: string): Uint8Array {
  const { dtype: kind, min, scale } = quantization!;
  const wide = kind === 'uint8' ? bytes : new Uint16Array(bytes.slice().buffer);
  if (kind === 'float16') {
    if (dtype !== 'float32') throw badWeight(file, name, `${dtype} cannot be stored as float16`);
    return new Uint8Array(Float32Array.from(wide, halfToNumber).buffer);
  }
  if (min === undefined || scale === undefined)
    throw badWeight(file, name, 'its scale or minimum is missing');
  if (dtype === 'float32') return new Uint8Array(Float32Array.from(wide, (q) => q * scale + min).buffer);
  if (dtype === 'int32')
    return new Uint8Array(Int32Array.from(wide, (q) => Math.round(q * scale + min)).buffer);
  throw badWeight(file, name, `${dtype} cannot be stored as ${kind}`);
}
