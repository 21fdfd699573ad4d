/** Comparing tensors, and drawing reproducible numbers. */

import { allocate, type ElementType, elementCount, type Tensor, tensor } from '../../base/index.js';

/**
 * Largest difference of two tensors, relative to the largest magnitude of the expected one; Infinity when shape or
 * element type differ, or when only one of two elements is NaN.
 */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.element !== expected.element || actual.shape.join() !== expected.shape.join())
    return Number.POSITIVE_INFINITY;
  let largest = 1e-30;
  let worst = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [Number(actual.data[i]), Number(expected.data[i])];
    if (Object.is(a, e) || a === e) continue;
    if (!Number.isFinite(a) || !Number.isFinite(e)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, Math.abs(a - e));
  }
  for (const value of expected.data)
    if (Number.isFinite(Number(value))) largest = Math.max(largest, Math.abs(Number(value)));
  return worst / largest;
}

/** A 32-bit generator (mulberry32): numbers in [0, 1) from a seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A tensor of seeded numbers: floats in [-1, 1), integers over `range`. */
export function randomTensor(
  shape: readonly number[],
  seed: number,
  element: ElementType = 'float32',
  range: readonly [number, number] = element === 'uint8' ? [0, 255] : [-128, 127],
): Tensor {
  const random = seededRandom(seed);
  const data = allocate(element, elementCount(shape));
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    throw new Error('draw 64-bit integers yourself');
  const isFloat = element.startsWith('float');
  const [low, high] = range;
  for (let i = 0; i < data.length; i++)
    data[i] = isFloat ? random() * 2 - 1 : low + Math.floor(random() * (high - low + 1));
  return tensor(element, shape, data);
}
