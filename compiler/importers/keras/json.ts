/** A model's configuration as JSON (`model.to_json()`), its weights in a file of their own. In: both. Out: the model, or a diagnostic. */

import { fail, InternalError, type Result, succeed } from '../../../base/index.js';
import { brokenFile, noWeights } from './diagnostics.js';
import { type KerasModel, withWeights } from './hdf5.js';
import { modelClasses } from './topology.js';

const LARGEST_BEGINNING = 4096;

/** Whether a text is the JSON of a Keras model: its class is among the first things that Keras writes. */
export function looksLikeKerasJson(bytes: Uint8Array): boolean {
  const beginning = new TextDecoder().decode(bytes.subarray(0, LARGEST_BEGINNING)).trimStart();
  if (!beginning.startsWith('{') || beginning.includes('"modelTopology"')) return false;
  const stated = /"class_name"\s*:\s*"(\w+)"/.exec(beginning)?.[1];
  return stated !== undefined && modelClasses.includes(stated);
}

/** @param weights of `model.save_weights("net.weights.h5")`. */
export function readJson(
  json: Uint8Array,
  weights: Uint8Array | undefined,
  file: string,
): Result<KerasModel> {
  if (weights === undefined) return fail(noWeights(file));
  try {
    const text = new TextDecoder().decode(json);
    const config = JSON.parse(text) as { readonly keras_version?: unknown };
    return succeed(withWeights({ config, version: config.keras_version ?? assumed(text) }, weights, file));
  } catch (error) {
    if (error instanceof InternalError) throw error;
    return fail(brokenFile(file, error instanceof Error ? error.message : String(error)));
  }
}

/** Keras 3 leaves its version out. It alone states an input's shape as `batch_shape`; before it was `batch_input_shape`. */
const assumed = (text: string): string | undefined => (text.includes('"batch_shape"') ? '3' : undefined);
