/** One array of an HDF5 file as a tensor of floats, and what reading a file may cost. */

import { Dataset, type Group } from 'jsfive';
import { elementCount, float32Tensor, type Tensor } from '../../../base/index.js';
import type { BoundedBuffer } from './bounded.js';
import { withInflated } from './inflate.js';

export interface NamedWeight {
  readonly name: string;
  /** The extents that the file states, where they are known without reading the numbers. */
  readonly shape?: () => readonly number[];
  /** Reads the numbers; nothing is read before they are wanted. */
  readonly read: () => Tensor;
}

/** Bytes of numbers that any file may hold, and how much more than its own bytes: trained weights hardly shrink. */
const LEAST_ALLOWED = 2 ** 25;
const LARGEST_RATIO = 2;
/** Bytes that a chunk counts as at least: each is a search and an inflation of its own. */
const LEAST_CHUNK = 512;
/** Pieces that jsfive cuts to find an array, and for each of its chunks. */
const PIECES = 256;
const PIECES_A_CHUNK = 16;

/** Bytes of numbers that are still read from a file. */
export class ReadingBudget {
  private left: number;

  constructor(private readonly file: BoundedBuffer) {
    this.left = Math.max(LEAST_ALLOWED, LARGEST_RATIO * file.byteLength);
  }

  /** Reads an array of so many chunks: a few pieces of the file each. */
  reading<T>(chunks: number, read: () => T): T {
    return this.file.within(PIECES + PIECES_A_CHUNK * chunks, read);
  }

  /** @throws Error when the file states more numbers than one of its size holds. */
  spend(bytes: number): void {
    if (!(bytes <= this.left)) throw new Error('it states more numbers than the file can hold');
    this.left -= bytes;
  }
}

/** An array of a group, which is read once at most. */
export function namedWeight(name: string, group: Group, key: string, budget: ReadingBudget): NamedWeight {
  let kept: Tensor | undefined;
  return {
    name,
    shape: () => datasetOf(group, key).shape,
    read: () => {
      kept ??= readDataset(group, key, budget);
      return kept;
    },
  };
}

function datasetOf(group: Group, name: string): Dataset {
  const dataset = group.get(name);
  if (!(dataset instanceof Dataset)) throw new Error(`"${name}" is no dataset`);
  return dataset;
}

const BYTES: Readonly<Record<string, number>> = { '<f4': 4, '<f8': 8 };

/** @throws Error when there is no such array of floats, or it states more than the budget has. */
function readDataset(group: Group, name: string, budget: ReadingBudget): Tensor {
  const dataset = datasetOf(group, name);
  const { dtype, shape } = dataset;
  const size = typeof dtype === 'string' && Object.hasOwn(BYTES, dtype) ? BYTES[dtype]! : 0;
  if (size === 0) throw new Error(`"${name}" holds ${String(dtype)}, not floats`);
  budget.spend(elementCount(shape) * size);
  const room = chunkRoom(dataset, size, budget);
  const values = budget.reading(room.count, () => withInflated(room, () => dataset.value));
  if (values.length !== elementCount(shape)) throw new Error(`"${name}" is cut short`);
  // What was never written is no number.
  for (let i = 0; i < values.length; i++)
    if (typeof values[i] !== 'number') throw new Error(`"${name}" is not all there`);
  return float32Tensor(shape, values);
}

/** How large a chunk is, and how many there can be. */
function chunkRoom(
  dataset: Dataset,
  size: number,
  budget: ReadingBudget,
): { readonly bytes: number; readonly count: number } {
  const { shape } = dataset;
  const { chunks } = dataset._dataobjects;
  if (!chunks) return { bytes: 0, count: 0 };
  const bytes = elementCount(chunks) * size;
  const count = shape.reduce((product, extent, axis) => product * Math.ceil(extent / (chunks[axis] ?? 0)), 1);
  // Chunks at the edges reach beyond the array, and small ones cost more than their numbers.
  budget.spend(Math.max(bytes, LEAST_CHUNK) * count - elementCount(shape) * size);
  return { bytes, count };
}
