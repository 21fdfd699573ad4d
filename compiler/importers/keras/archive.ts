/** `.keras` archives of Keras 3 and tf.keras from 2.12 on. In: bytes of a zip file. Out: the model, or a diagnostic. */

import { type UnzipFileInfo, unzipSync } from 'fflate';
import { fail, InternalError, type Result, succeed } from '../../../base/index.js';
import { brokenFile } from './diagnostics.js';
import { type KerasModel, withWeights } from './hdf5.js';

const signature = [0x50, 0x4b, 0x03, 0x04];
const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';
const METADATA = 'metadata.json';
/** Compressed members may grow to this; Keras itself stores them as they are. */
const LARGEST_INFLATED = 2 ** 28;

export function looksLikeKerasArchive(bytes: Uint8Array): boolean {
  return signature.every((byte, at) => bytes[at] === byte);
}

export function readArchive(bytes: Uint8Array, file: string): Result<KerasModel> {
  try {
    const members = unzipSync(bytes, { filter: wanted });
    const json = (name: string): unknown => {
      const member = members[name];
      if (member === undefined) throw new Error(`it is a zip file without ${name}`);
      return JSON.parse(new TextDecoder().decode(member));
    };
    const config = json(CONFIG);
    const weights = members[WEIGHTS];
    if (weights === undefined) throw new Error(`it is a zip file without ${WEIGHTS}`);
    const { keras_version: version } = json(METADATA) as { readonly keras_version?: unknown };
    return succeed(withWeights({ config, version }, weights, file));
  } catch (error) {
    if (error instanceof InternalError) throw error;
    return fail(brokenFile(file, error instanceof Error ? error.message : String(error)));
  }
}

/** Refuses members that state more than their bytes can hold, before anything is allocated for them. */
function wanted({ name, size, originalSize, compression }: UnzipFileInfo): boolean {
  if (![CONFIG, WEIGHTS, METADATA].includes(name)) return false;
  if (compression !== 0 && originalSize > LARGEST_INFLATED)
    throw new Error(`${name} would unpack to ${originalSize} bytes; up to ${LARGEST_INFLATED} are unpacked`);
  if (compression === 0 && originalSize !== size) throw new Error(`${name} states two sizes`);
  return true;
}
