/** `.keras` archives of Keras 3 and tf.keras from 2.12 on. In: bytes of a zip file. Out: the model, or a diagnostic. */

import { type UnzipFileInfo, unzipSync } from 'fflate';
import { fail, InternalError, type Result, succeed } from '../../../base/index.js';
import { brokenFile } from './diagnostics.js';
import { type KerasModel, LARGEST_CONFIG, withWeights } from './hdf5.js';

const signature = [0x50, 0x4b, 0x03, 0x04];
const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';
const METADATA = 'metadata.json';
/** Compressed weights may grow to this, or to some times their size; Keras itself stores them as they are. */
const LARGEST_INFLATED = 2 ** 27;
const LARGEST_RATIO = 8;

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
  const largest = name === WEIGHTS ? Math.max(LARGEST_INFLATED, LARGEST_RATIO * size) : LARGEST_CONFIG;
  if (compression !== 0 && originalSize > largest)
    throw new Error(`${name} would unpack to ${originalSize} bytes; up to ${largest} are unpacked`);
  if (name !== WEIGHTS && originalSize > LARGEST_CONFIG)
    throw new Error(`${name} has ${originalSize} bytes; up to ${LARGEST_CONFIG} are read`);
  if (compression === 0 && originalSize !== size) throw new Error(`${name} states two sizes`);
  return true;
}
