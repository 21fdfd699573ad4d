/** HDF5 files that Keras wrote. In: bytes. Out: the model's configuration and the weights of each layer, or a diagnostic. */

import { Dataset, File, Group } from 'jsfive';
import {
  elementCount,
  fail,
  float32Tensor,
  InternalError,
  type Result,
  succeed,
  type Tensor,
} from '../../../base/index.js';
import { brokenFile, noModel } from './diagnostics.js';

export interface KerasModel {
  /** `model_config`, parsed. */
  readonly config: unknown;
  /** The weights of each layer of the outermost model, by the names that the file gives them, in its order. */
  readonly weights: ReadonlyMap<string, readonly NamedWeight[]>;
}

export interface NamedWeight {
  readonly name: string;
  /** Reads the numbers; nothing is read before they are wanted. */
  readonly read: () => Tensor;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

export function looksLikeHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** Most that deflate can shrink data, by its format. */
const DEFLATE_RATIO = 1032;

export function readHdf5(bytes: Uint8Array, file: string): Result<KerasModel> {
  try {
    const root = new File(new Uint8Array(bytes).buffer, file);
    const text = root.attrs.model_config;
    if (typeof text !== 'string') return fail(noModel(file));
    const stored = root.keys.includes('model_weights') ? root.get('model_weights') : root;
    if (!(stored instanceof Group)) return fail(brokenFile(file, '"model_weights" is no group'));
    return succeed({ config: JSON.parse(text), weights: layerWeights(stored, bytes.length * DEFLATE_RATIO) });
  } catch (error) {
    if (error instanceof InternalError) throw error;
    // jsfive reports whatever it cannot read by throwing, sometimes a bare string.
    return fail(brokenFile(file, error instanceof Error ? error.message : String(error)));
  }
}

function layerWeights(stored: Group, largest: number): Map<string, NamedWeight[]> {
  const layers = texts(stored.attrs.layer_names).map((layer): [string, NamedWeight[]] => {
    const group = stored.get(layer);
    if (!(group instanceof Group)) throw new Error(`"${layer}" is no group`);
    return [
      layer,
      texts(group.attrs.weight_names).map((name) => ({
        name,
        read: () => readDataset(group, name, largest),
      })),
    ];
  });
  return new Map(layers);
}

/** Names in a fixed-length field are padded with zeros. */
function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map((entry) => String(entry).replace(/\0+$/, '')) : [];
}

function readDataset(group: Group, name: string, largest: number): Tensor {
  const dataset = group.get(name);
  if (!(dataset instanceof Dataset)) throw new Error(`"${name}" is no dataset`);
  const { dtype, shape } = dataset;
  if (dtype !== '<f4' && dtype !== '<f8') throw new Error(`"${name}" holds ${String(dtype)}, not floats`);
  if (!(elementCount(shape) * 4 <= largest))
    throw new Error(`"${name}" states more numbers than the file can hold`);
  const values = dataset.value;
  if (values.length !== elementCount(shape)) throw new Error(`"${name}" is cut short`);
  return float32Tensor(shape, values);
}
