/** Tensor bytes in files beside the model. In: stored tensors and a reader of such files. Out: the tensors with their bytes, or what is wrong. */

import { type OnnxTensor, withFields } from '../wire/index.js';
import type { TensorFault } from './tensor.js';

/** Bytes of a file by its path from the model's folder; undefined where there is none. It must not leave that folder. */
export type Beside = (path: string) => Uint8Array | undefined;

/** Reads every file once. */
export class ExternalData {
  private readonly files = new Map<string, Uint8Array | undefined>();

  constructor(private readonly beside: Beside | undefined) {}

  /** The tensor with its bytes in it; a tensor that has them is returned as it is. */
  resolve(stored: OnnxTensor): OnnxTensor | TensorFault {
    if (stored.dataLocation !== 1) return stored;
    const entries = new Map(stored.externalData.map(({ key, value }) => [key, value]));
    const location = entries.get('location') ?? '';
    const fault = locationFault(location);
    if (fault !== undefined) return { fault };
    if (this.beside === undefined)
      return { fault: `the data are in the file "${location}", which is not at hand here` };
    const file = this.read(location);
    if (file === undefined)
      return { fault: `the data are in the file "${location}", which is not beside the model` };
    const [offset, length] = [numberOf(entries, 'offset', 0), numberOf(entries, 'length', undefined)];
    if (offset === undefined || (length === undefined && entries.has('length')))
      return { fault: `offset or length in "${location}" is no number` };
    const end = length === undefined ? file.length : offset + length;
    if (offset > end || end > file.length)
      return { fault: `bytes ${offset} to ${end} of "${location}" do not exist: it has ${file.length}` };
    return withFields(stored, { rawData: file.subarray(offset, end), dataLocation: 0 });
  }

  private read(location: string): Uint8Array | undefined {
    if (!this.files.has(location)) this.files.set(location, this.beside?.(location));
    return this.files.get(location);
  }
}

/** Why a path may not be followed: it must be relative and stay below the model's folder, on every system. */
function locationFault(location: string): string | undefined {
  if (location === '') return 'the data are in another file, which the model does not name';
  const parts = location.split(/[\\/]/);
  const leaves =
    parts.includes('..') || parts[0] === '' || /^[A-Za-z]:/.test(location) || location.includes('\0');
  return leaves ? `the data are in "${location}", outside the model's folder` : undefined;
}

function numberOf(entries: ReadonlyMap<string, string>, key: string, absent: number | undefined) {
  const text = entries.get(key);
  if (text === undefined) return absent;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return value;
}
