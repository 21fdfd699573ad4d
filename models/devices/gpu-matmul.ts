/**
 * Time of a matrix product on a GPU: tiles of the result go to the streaming multiprocessors in waves, as the vendors' libraries do it.
 * In: published figures of the device, five constants of a family of kernels, and the shape. Out: seconds. The constants are fitted (the
 * truth suite does it and shows the error on shapes or devices that the fit did not see); nothing is stored for a shape.
 */

/** Published figures. */
export interface GpuFigures {
  readonly multiprocessors: number;
  /** Dense, of the type that is computed in; operations, two a MAC. */
  readonly peakOperationsPerSecond: number;
  readonly memoryBytesPerSecond: number;
  readonly elementBytes: number;
}

/** What a library makes of the device. */
export interface GpuKernelConstants {
  /** From the call to the kernel's start, and back. */
  readonly callSeconds: number;
  /** Share of the peak inside a whole tile. */
  readonly computeShare: number;
  /** Share of the memory's bandwidth. */
  readonly memoryShare: number;
  /** Filling and emptying a tile's pipeline, in steps of K. */
  readonly tileOverhead: number;
  /** How sharply the longer of computing and moving hides the other: p of a p-norm, 1 (none hidden) and more. */
  readonly overlap: number;
}

/** C[m, n] = A[m, k] B[k, n], `batch` of them. */
export interface MatmulShape {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Tiles of the libraries, and what share of a multiprocessor's rate they keep for want of reuse. */
const tiles = [
  { m: 256, n: 128, share: 1 },
  { m: 128, n: 256, share: 1 },
  { m: 128, n: 128, share: 0.95 },
  { m: 128, n: 64, share: 0.8 },
  { m: 64, n: 128, share: 0.8 },
  { m: 64, n: 64, share: 0.6 },
] as const;
/** Ways of cutting K among multiprocessors; partial results of four bytes are written and read again. */
const splits = [1, 2, 4, 8] as const;

/** Seconds of one product: the best of the tiles and splits, as a library's heuristics would have it. */
export function gpuMatmulSeconds(
  device: GpuFigures,
  constants: GpuKernelConstants,
  shape: MatmulShape,
): number {
  const { batch, m, n, k } = shape;
  const operands = device.elementBytes * batch * (m * k + k * n + m * n);
  const rate = (device.peakOperationsPerSecond / device.multiprocessors) * constants.computeShare;
  const bandwidth = device.memoryBytesPerSecond * constants.memoryShare;
  let best = Number.POSITIVE_INFINITY;
  for (const tile of tiles) {
    for (const split of splits) {
      const blocks = Math.ceil(m / tile.m) * Math.ceil(n / tile.n) * batch * split;
      const waves = Math.ceil(blocks / device.multiprocessors);
      const operations = 2 * tile.m * tile.n * (k / split + constants.tileOverhead);
      const computing = (waves * operations) / (rate * tile.share);
      const partial = split === 1 ? 0 : 8 * split * batch * m * n;
      const moving = (operands + partial) / bandwidth;
      best = Math.min(best, pNorm(computing, moving, constants.overlap));
    }
  }
  return constants.callSeconds + best;
}

function pNorm(a: number, b: number, p: number): number {
  const large = Math.max(a, b);
  return large * (1 + (Math.min(a, b) / large) ** p) ** (1 / p);
}
