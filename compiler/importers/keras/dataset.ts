/** One array of an HDF5 file as a tensor of floats. */

import { Dataset, type Group } from 'jsfive';
import { elementCount, float32Tensor, type Tensor } from '../../../base/index.js';

export interface NamedWeight {
  readonly name: string;
  /** Reads the numbers; nothing is read before they are wanted. */
  readonly read: () => Tensor;
}

/** @throws Error when there is no such array of floats, or it states more than `largest` bytes. */
export function readDataset(group: Group, name: string, largest: number): Tensor {
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
