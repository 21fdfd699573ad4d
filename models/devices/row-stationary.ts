/**
 * Processing cycles of a convolution on a row-stationary array (Eyeriss): rows of filters rest in the processing elements, rows of
 * pixels move diagonally, partial sums climb a column. In: the layer, the chip and how the layer is mapped. Out: cycles.
 *
 * Source: Y.-H. Chen et al., "Eyeriss: An Energy-Efficient Reconfigurable Accelerator for Deep CNNs", IEEE JSSC 52(1), 2017. The mapping's
 * letters are the paper's.
 */

export interface RowStationaryChip {
  readonly clockHertz: number;
  /** Filter weights that the network on chip delivers a cycle. */
  readonly filterWordsPerCycle: number;
}

export interface RowStationaryLayer {
  /** Filter rows and columns. */
  readonly r: number;
  readonly s: number;
  /** Output rows and columns. */
  readonly e: number;
  readonly f: number;
  /** Input channels that a filter sees, and filters, all groups together. */
  readonly c: number;
  readonly m: number;
  /** Images. */
  readonly images: number;
}

export interface RowStationaryMapping {
  /** Output rows of a strip: columns of a set of R x e elements. */
  readonly strip: number;
  /** Filters and channels that an element interleaves. */
  readonly p: number;
  readonly q: number;
  /** Sets side by side that take other channels, and other filters. */
  readonly r: number;
  readonly t: number;
  /** Images that pass while the filters rest. */
  readonly n: number;
}

/** Elements that work: R rows of e columns a set. */
export function activeElements(layer: RowStationaryLayer, { strip, r, t }: RowStationaryMapping): number {
  return layer.r * strip * r * t;
}

/**
 * Cycles of a layer: passes times (streaming + loading filters). An element makes f pixels a row and image: q * s products for each of
 * p filters, and one more cycle for each to take in the sum from below. Filters of a pass arrive before it starts.
 */
export function rowStationaryCycles(
  layer: RowStationaryLayer,
  { strip, p, q, r, t, n }: RowStationaryMapping,
  chip: RowStationaryChip,
): number {
  const passes =
    Math.ceil(layer.m / (p * t)) *
    Math.ceil(layer.c / (q * r)) *
    Math.ceil(layer.e / strip) *
    Math.ceil(layer.images / n);
  const streaming = n * layer.f * p * (q * layer.s + 1);
  const filters = (p * t * q * r * layer.r * layer.s) / chip.filterWordsPerCycle;
  return passes * (streaming + filters);
}
