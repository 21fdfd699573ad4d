/**
 * Time of one call of a vendor's library from a framework: a matrix product or a float32 3 x 3 convolution, as cuBLAS and cuDNN run them. In:
 * published figures, fitted constants, the shape. Out: seconds on the device; what the framework's call takes is apart.
 *
 * Tiles go to multiprocessors in waves; the smaller a tile, the less it reuses. Convolutions are the best of three algorithms, as a
 * benchmark of the library's would choose: implicit product, fused Winograd (2 x 2), Winograd (4 x 4) with its transforms in memory.
 */

import type { GpuDevice } from '../data/index.js';
import { gpuType } from './gpu.js';
import { type KernelType, kernelTypeBytes } from './kernel.js';
import { pNorm } from './p-norm.js';

export interface GpuLibraryConstants {
  /** Of the peak, in a tile that reuses without end. */
  readonly computeShare: number;
  /** Of the bandwidth: of products the data sheet's (operands come through L2 as well), of convolutions what the device attains. */
  readonly memoryShare: number;
  /** Filling and emptying a tile's pipeline, in steps of k. */
  readonly fillSteps: number;
  /** Reuse (rows columns / (rows + columns)) at which a tile is half as fast. */
  readonly halfReuse: number;
  /** Of the compute share on architectures without a separate integer pipe, Maxwell and Pascal, and there when operands are transposed. */
  readonly olderShare: number;
  readonly olderTransposedShare: number;
}

export interface LibraryProduct {
  /** Products of the shape in one call. */
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Both operands are read along k, as a linear layer's are. */
  readonly transposed: boolean;
  /** Float32 if absent. */
  readonly type?: KernelType;
  /** By a library of before 2017: no tiles below 64, and only a very long k is split. */
  readonly early?: boolean;
}

type Tile = readonly [rows: number, columns: number];
const productTiles: readonly Tile[] = [
  [256, 128],
  [128, 256],
  [128, 128],
  [128, 64],
  [64, 128],
  [64, 64],
  [32, 64],
  [64, 32],
  [32, 32],
  [128, 32],
  [32, 128],
];
const convolutionTiles: readonly Tile[] = [
  [256, 64],
  [128, 128],
  [128, 64],
  [64, 128],
  [64, 64],
  [128, 32],
];
interface Tiling {
  readonly tiles: readonly Tile[];
  readonly splits: readonly number[];
  /** Of a part of k. */
  readonly leastDepth: number;
}
const productTiling: Tiling = { tiles: productTiles, splits: [1, 2, 4, 8, 16], leastDepth: 1 };
const earlyTiling: Tiling = {
  tiles: productTiles.filter((tile) => Math.min(...tile) >= 64),
  splits: [1, 16],
  leastDepth: 16384,
};
const BYTES = 4;
/** A tile takes so many steps of k at once. */
const K_STEP = 8;
/**
 * Calls that follow one another for about this long draw the board's power limit, and the clock falls from boost to base. An assumption: a
 * row of the fits is some 25 calls, and boards control their power within tens of milliseconds.
 */
const THROTTLE_SECONDS = 0.7e-3;

/** Seconds of a product, both hidden and shown work. */
export function libraryMatmulSeconds(
  device: GpuDevice,
  constants: GpuLibraryConstants,
  product: LibraryProduct,
): number {
  const { batch, m, n, k } = product;
  const tiling = product.early ? earlyTiling : productTiling;
  const type = gpuType(device, product.type ?? 'float32');
  const faster = device.peakOperationsPerSecond[type]! / device.peakOperationsPerSecond.float32;
  const lanes = laneRate(device, device.boostHertz) * faster;
  const rate = lanes * constants.computeShare * olderShare(device, constants, product);
  const bandwidth = constants.memoryShare * device.memoryBytesPerSecond;
  const operands = kernelTypeBytes(type) * batch * (m * n + n * k + m * k);
  const seconds = tiled(device, constants, product, rate, tiling, (compute, split) => {
    const partial = split === 1 ? 0 : 2 * BYTES * split * batch * m * n;
    return pNorm([compute, (operands + partial) / bandwidth], 2);
  });
  return seconds * (device.boostHertz / device.baseHertz) ** (seconds / (seconds + THROTTLE_SECONDS));
}

function olderShare(
  device: GpuDevice,
  { olderShare: older, olderTransposedShare }: GpuLibraryConstants,
  { transposed }: LibraryProduct,
): number {
  if (!isOlder(device)) return 1;
  return older * (transposed ? olderTransposedShare : 1);
}

function isOlder({ architecture }: GpuDevice): boolean {
  return architecture === 'maxwell' || architecture === 'pascal';
}

/** Operations a second of all float32 lanes. */
function laneRate({ multiprocessors, lanesPerMultiprocessor }: GpuDevice, hertz: number): number {
  return 2 * multiprocessors * lanesPerMultiprocessor * hertz;
}

function memoryRate(device: GpuDevice, { memoryShare }: GpuLibraryConstants): number {
  return memoryShare * device.attainedMemoryShare * device.memoryBytesPerSecond;
}

/** The least of `total(compute seconds, split)` over tiles and splits of k. */
function tiled(
  { multiprocessors }: GpuDevice,
  { fillSteps, halfReuse }: GpuLibraryConstants,
  { batch, m, n, k }: LibraryProduct,
  rate: number,
  { tiles, splits, leastDepth }: Tiling,
  total: (compute: number, split: number) => number,
): number {
  let best = Number.POSITIVE_INFINITY;
  for (const [rows, columns] of tiles) {
    const reuse = (rows * columns) / (rows + columns);
    const blocks = Math.ceil(m / rows) * Math.ceil(n / columns) * batch;
    const step = (2 * rows * columns * multiprocessors * (1 + halfReuse / reuse)) / rate;
    for (const split of splits) {
      if (split > 1 && k / split < leastDepth) break;
      const waves = Math.ceil((blocks * split) / multiprocessors);
      const steps = waves * Math.ceil(k / split / K_STEP) * K_STEP + fillSteps;
      best = Math.min(best, total(steps * step, split));
    }
  }
  return best;
}

export interface GpuConvolutionConstants extends GpuLibraryConstants {
  /** Of the compute share, by algorithm. */
  readonly directShare: number;
  readonly winogradTwoShare: number;
  readonly winogradFourShare: number;
}

/** Stride 1, one group, the output as large as the input. */
export interface LibraryConvolution {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number;
}

/** Seconds of a 3 x 3 convolution: the best of the three algorithms, at the geometric mean of base and boost clock. */
export function libraryConvolutionSeconds(
  device: GpuDevice,
  constants: GpuConvolutionConstants,
  { batch, inputs, outputs, size }: LibraryConvolution,
): number {
  const hertz = Math.sqrt(device.baseHertz * device.boostHertz);
  const older = isOlder(device) ? constants.olderShare : 1;
  const rate = laneRate(device, hertz) * constants.computeShare * older;
  const bandwidth = memoryRate(device, constants);
  const tiling: Tiling = { tiles: convolutionTiles, splits: [1], leastDepth: 1 };
  const compute = (share: number, m: number, k: number, products: number) => {
    const product = { batch: products, m, n: outputs, k, transposed: false };
    return tiled(device, constants, product, rate * share, tiling, (seconds) => seconds);
  };
  const maps = BYTES * batch * size ** 2 * (inputs + outputs) + 9 * BYTES * inputs * outputs;
  const direct = compute(constants.directShare, batch * size ** 2, 9 * inputs, 1);
  const [two, four] = ([2, 4] as const).map((extent) => {
    const share = extent === 2 ? constants.winogradTwoShare : constants.winogradFourShare;
    const blocks = batch * Math.ceil(size / extent) ** 2;
    const points = (extent + 2) ** 2;
    const weights = BYTES * points * inputs * outputs;
    const transformed = BYTES * points * blocks * (inputs + outputs);
    return { compute: compute(share, blocks, inputs, points), weights, transformed };
  }) as [WinogradWork, WinogradWork];
  const moved = (four.transformed + four.weights) / bandwidth;
  return Math.min(
    pNorm([direct, maps / bandwidth], 2),
    pNorm([two.compute, (maps + two.weights) / bandwidth], 2),
    pNorm([four.compute, moved], 2) + maps / bandwidth + moved,
  );
}

interface WinogradWork {
  readonly compute: number;
  readonly weights: number;
  readonly transformed: number;
}

/** What a framework takes around a call: its host is of the device's time, and hosts get faster. */
export interface GpuFrameworkConstants {
  /** With a host of 2018. */
  readonly callSeconds: number;
  /** By so much in the logarithm each year. */
  readonly callYearly: number;
}

export function frameworkCallSeconds(device: GpuDevice, constants: GpuFrameworkConstants): number {
  return constants.callSeconds * Math.exp(-constants.callYearly * (device.launched - 2018));
}
