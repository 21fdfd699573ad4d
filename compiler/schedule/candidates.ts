/** Tile extents worth trying: a whole, its halves, thirds and so on, each giving the fewest tiles of that size. */

/** Distinct values ceil(extent / k), largest first, none above `limit`; always ends in 1. */
export function extents(extent: number, limit: number): readonly number[] {
  const found: number[] = [];
  const add = (size: number) => {
    if (size >= 1 && size <= limit && found.at(-1) !== size) found.push(size);
  };
  if (limit < extent) add(Math.ceil(extent / Math.ceil(extent / limit)));
  for (let parts = 1; parts <= 8 && parts <= extent; parts++)
    addSmaller(add, found, Math.ceil(extent / parts));
  for (let size = 2 ** Math.floor(Math.log2(extent)); size >= 1; size /= 2) addSmaller(add, found, size);
  return found;
}

function addSmaller(add: (size: number) => void, found: readonly number[], size: number): void {
  if (found.length === 0 || size < found.at(-1)!) add(size);
}

/** Multiples of `step` worth trying for `count` things (count itself included), largest first, none above `limit`. */
export function groupSizes(count: number, step: number, limit: number): readonly number[] {
  const found: number[] = [];
  if (count <= limit) found.push(count);
  const most = Math.floor(Math.min(limit, count - 1) / step);
  for (let steps = most; steps >= 1; steps = Math.floor(steps / 2)) found.push(steps * step);
  return found;
}

/** 1, 2, ... most. */
export function integers(most: number): readonly number[] {
  return Array.from({ length: most }, (_, i) => i + 1);
}

/** Multiples of `step` up to `most`. */
export function multiples(step: number, most: number): readonly number[] {
  return Array.from({ length: Math.floor(most / step) }, (_, i) => (i + 1) * step);
}

/** Least common multiple. */
export function leastCommonMultiple(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
