/**
 * SCALE-Sim's stall-free cycle counts, by its definitions: for users who compare, and to show where ours differ. In: a matrix product
 * and an array. Out: cycles. It is somebody else's machine: every fold of the operands loads, streams and drains before the next
 * begins, folds at the edges cost as much as whole ones, and memory never stalls.
 *
 * Source: A. Samajdar et al., "A systematic methodology for characterizing scalability of DNN accelerators using SCALE-Sim", ISPASS
 * 2020, and the results of its version 3, which these forms reproduce on every recorded row (`npm run truth`).
 */

export type ScaleSimDataflow = 'ws' | 'os' | 'is';

/** Y[M, N] = X[M, K] W[K, N]: for a convolution M is output pixels, N filters, K window positions times channels. */
export interface MatrixProduct {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface ArraySize {
  readonly rows: number;
  readonly columns: number;
}

/** Total cycles of one product, one image. Source: see the head of this file. */
export function scaleSimCycles(
  dataflow: ScaleSimDataflow,
  { m, n, k }: MatrixProduct,
  { rows, columns }: ArraySize,
): number {
  switch (dataflow) {
    case 'os':
      return Math.ceil(m / rows) * Math.ceil(n / columns) * (k + rows + columns - 2) - 1;
    case 'ws':
      return Math.ceil(k / rows) * Math.ceil(n / columns) * (2 * rows + columns + m - 2) - 1;
    case 'is':
      return Math.ceil(k / rows) * Math.ceil(m / columns) * (2 * rows + columns + n - 2) - 1;
  }
}

/** What SCALE-Sim reports of one product beside its cycles; words are elements. */
export interface ScaleSimCounts {
  readonly cycles: number;
  /** Mean over folds of the PEs that have an operand, 0 to 1. */
  readonly mappingEfficiency: number;
  /** Mean over folds of busy PE cycles, 0 to 1; a fold's cycles are counted otherwise than in `cycles`. */
  readonly computeUtilization: number;
  readonly ifmapReads: number;
  readonly filterReads: number;
  readonly ofmapWrites: number;
}

/** Stall-free figures of one product by SCALE-Sim's definitions. Source: see the head of this file; its trace generators count so. */
export function scaleSimCounts(
  dataflow: ScaleSimDataflow,
  product: MatrixProduct,
  array: ArraySize,
): ScaleSimCounts {
  const { m, n, k } = product;
  const { rows, columns } = array;
  const [onRows, onColumns, streamed] =
    dataflow === 'os' ? [m, n, k] : dataflow === 'ws' ? [k, n, m] : [k, m, n];
  const rowFolds = Math.ceil(onRows / rows);
  const columnFolds = Math.ceil(onColumns / columns);
  const mappingEfficiency = (onRows / (rowFolds * rows)) * (onColumns / (columnFolds * columns));
  const foldCycles = dataflow === 'os' ? k + rows + columns - 2 : streamed + 2 * rows + 2 * columns - 3;
  const counts = { ifmapReads: m * k * columnFolds, filterReads: n * k, ofmapWrites: m * n * rowFolds };
  return {
    cycles: scaleSimCycles(dataflow, product, array),
    mappingEfficiency,
    computeUtilization: (mappingEfficiency * streamed) / foldCycles,
    ...accesses(dataflow, counts, { rowFolds, columnFolds }, product, array),
  };
}

type Accesses = Pick<ScaleSimCounts, 'ifmapReads' | 'filterReads' | 'ofmapWrites'>;

function accesses(
  dataflow: ScaleSimDataflow,
  weightStationary: Accesses,
  { rowFolds, columnFolds }: { readonly rowFolds: number; readonly columnFolds: number },
  { m, n, k }: MatrixProduct,
  { rows, columns }: ArraySize,
): Accesses {
  switch (dataflow) {
    case 'ws':
      return weightStationary;
    case 'is':
      return { ifmapReads: m * k, filterReads: n * k * columnFolds, ofmapWrites: m * n * rowFolds };
    case 'os':
      // Its trace generator counts R + C writes a fold besides.
      return {
        ifmapReads: m * k * columnFolds,
        filterReads: n * k * rowFolds,
        ofmapWrites: m * n + rowFolds * columnFolds * (rows + columns),
      };
  }
}

/** Extent of an output along an axis: ceil((H - r + s) / s). SCALE-Sim pads nothing: the input's extent includes its padding. */
export function scaleSimOutputExtent(input: number, filter: number, stride: number): number {
  return Math.ceil((input - filter + stride) / stride);
}

/** Where a fold's cycles go, and how many of ours answer them. */
export interface FoldDifference {
  readonly reason: string;
  /** SCALE-Sim's cycles less ours. */
  readonly cycles: number;
}

/** Our own running cycles of the same product with the same residents, and why they differ. */
export interface OwnArray {
  /** Pixels that one instruction streams at most: the depth of the acc buffer. */
  readonly vectors: number;
  /** Cycles of an instruction besides tiles and vectors (MATMUL_FIXED + the wave). */
  readonly fixed: number;
}

/**
 * Weight-stationary: the terms of SCALE-Sim's count against ours, T = ceil(K / R) folds a column block, period max(M, R). The
 * differences add up to SCALE-Sim's count less our own.
 */
export function weightStationaryDifferences(
  { m, n, k }: MatrixProduct,
  { rows, columns }: ArraySize,
  { vectors, fixed }: OwnArray,
): readonly FoldDifference[] {
  const tiles = Math.ceil(k / rows);
  const blocks = Math.ceil(n / columns);
  const chunks = chunksOf(m, vectors);
  const sum = (of: (chunk: number) => number) =>
    blocks * chunks.reduce((total, chunk) => total + of(chunk), 0);
  return [
    { reason: 'weights of a fold are loaded while the fold before streams', cycles: tiles * blocks * rows },
    {
      reason: 'partial sums leave the array while the next fold streams',
      cycles: tiles * blocks * (rows + columns - 2) - 1,
    },
    { reason: 'fill and drain, once an instruction', cycles: -sum(() => fixed) },
    {
      reason: 'fewer pixels than rows: the array waits for weights',
      cycles: -sum((chunk) => (tiles - 1) * (Math.max(chunk, rows, 2) - chunk)),
    },
  ];
}

/** Pixels an instruction at a time. */
export function chunksOf(pixels: number, most: number): readonly number[] {
  const whole = Math.floor(pixels / most);
  const rest = pixels - whole * most;
  return [...new Array<number>(whole).fill(most), ...(rest > 0 ? [rest] : [])];
}
