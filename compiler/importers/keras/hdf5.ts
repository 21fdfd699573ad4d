/** HDF5 files that Keras wrote. In: bytes. Out: the model's configuration and the weights of each layer, or a diagnostic. */

import { File, Group } from 'jsfive';
import { fail, InternalError, type Result, succeed } from '../../../base/index.js';
import { boundedCopy } from './bounded.js';
import { type NamedWeight, namedWeight, ReadingBudget } from './dataset.js';
import { brokenFile, noModel } from './diagnostics.js';
import { numberedWeights, storesByNumber } from './stored.js';
import { readModel } from './topology.js';

export interface KerasModel {
  /** `model_config`, parsed. */
  readonly config: unknown;
  /** Version of Keras that wrote it, such as `2.4.0`; some functions changed their meaning. */
  readonly version?: string;
  /** The weights of each layer of the outermost model, by the names that the file gives them, in its order. */
  readonly weights: ReadonlyMap<string, readonly NamedWeight[]>;
  /** Weights whose names alone say where they belong. */
  readonly loose?: readonly NamedWeight[];
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

export function looksLikeHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** Characters of the largest configuration; those of the deepest networks in use have a tenth. */
export const LARGEST_CONFIG = 2 ** 23;

export function readHdf5(bytes: Uint8Array, file: string): Result<KerasModel> {
  try {
    const buffer = boundedCopy(bytes);
    const root = new File(buffer, file);
    const text = root.attrs.model_config;
    if (typeof text !== 'string') return fail(noModel(file));
    if (text.length > LARGEST_CONFIG)
      return fail(brokenFile(file, `its configuration has ${text.length} characters`));
    const stored = root.keys.includes('model_weights') ? root.get('model_weights') : root;
    if (!(stored instanceof Group)) return fail(brokenFile(file, '"model_weights" is no group'));
    const weights = layerWeights(stored, new ReadingBudget(buffer));
    return succeed({ config: JSON.parse(text), weights, ...versionOf(root.attrs.keras_version) });
  } catch (error) {
    if (error instanceof InternalError) throw error;
    // jsfive reports whatever it cannot read by throwing, sometimes a bare string.
    return fail(brokenFile(file, error instanceof Error ? error.message : String(error)));
  }
}

const versionOf = (version: unknown): { readonly version?: string } =>
  typeof version === 'string' ? { version: version.replace(/\0+$/, '') } : {};

/**
 * A configuration with the weights of a file of their own (`model.save_weights("net.weights.h5")`), by layer name (Keras 1 and 2) or by number.
 * @throws Error, or whatever jsfive throws, when the file cannot be read or does not fit the model.
 */
export function withWeights(
  { config, version }: { readonly config: unknown; readonly version?: unknown },
  bytes: Uint8Array,
  file: string,
): KerasModel {
  const buffer = boundedCopy(bytes);
  const root = new File(buffer, file);
  const budget = new ReadingBudget(buffer);
  const weights = storesByNumber(root)
    ? numberedWeights(root, readModel(config).layers, budget)
    : layerWeights(root, budget);
  return { config, weights, ...versionOf(version) };
}

function layerWeights(stored: Group, budget: ReadingBudget): Map<string, NamedWeight[]> {
  const layers = texts(stored.attrs.layer_names).map((layer): [string, NamedWeight[]] => {
    const group = stored.get(layer);
    if (!(group instanceof Group)) throw new Error(`"${layer}" is no group`);
    return [layer, texts(group.attrs.weight_names).map((name) => namedWeight(name, group, name, budget))];
  });
  return new Map(layers);
}

/** Names in a fixed-length field are padded with zeros. */
function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map((entry) => String(entry).replace(/\0+$/, '')) : [];
}
