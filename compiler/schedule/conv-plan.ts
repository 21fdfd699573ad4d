/**
 * How a convolution is cut up. In: its geometry and a Machine. Out: the {@link ConvPlan} of least score (models/analytic): in a small space of all
 * of them, in a large one among those of even tiles and whatever can be reached from the best of these by changing one size at a time; or the
 * buffer that even the smallest tile does not fit.
 *
 *     for each group of output blocks (outer)            weights of the group stay in wgt when they fit
 *       for each picture, tile of pixels                 one input tile, loaded once per group
 *         for each store group of output blocks          one output tile
 *           for each set of output blocks                one acc bank; more than one block when input chunks are many
 *             for each input chunk, weight piece         one matmul an output block
 *             requant each block
 *           store
 */

import { DiagnosticError, type Place } from '../../base/index.js';
import type { NestCost } from '../../models/analytic/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Region } from './act.js';
import { bandSpan } from './band.js';
import { extents, groupSizes, integers, multiples } from './candidates.js';
import {
  accBlocks,
  type ConvShape,
  type ConvSizes,
  convCost,
  convSizes,
  MAXIMUM_COUNT,
  outputRows,
  placeShape,
} from './conv-cost.js';
import { bufferTooSmall } from './diagnostics.js';
import { Ranking } from './ranking.js';
import { type Geometry, inputHeight, inputWidth } from './window.js';

export interface ConvPlan extends ConvShape {
  /** Output blocks that accumulate side by side in one acc bank. */
  readonly accBlocks: number;
  /** Most weight tiles of one matmul. */
  readonly pieceTiles: number;
  readonly outputs: readonly Region[];
  readonly cost: NestCost;
  /** Where the next tile's input is loaded: before the first tile's other weights, or behind them. */
  readonly prefetch: 'before' | 'behind';
  /** Parameters of a block at a time, or of as many as leave room for the next ones. */
  readonly parameters: 'block' | 'group';
  readonly ranking: Ranking<ConvShape>;
}

/** Spaces of at most so many mappings are searched whole. */
const EXHAUSTIVE = 5000;
/** Rounds of one-size-at-a-time improvement, and values of one size that are tried. */
const ROUNDS = 3;
const VALUES = 64;

/**
 * @param options.exhaustive largest space that is searched whole.
 * @param options.group of the convolution's channels.
 * @throws DiagnosticError that names the buffer when nothing fits.
 */
export function planConv(
  machine: Machine,
  geometry: Geometry,
  where: Place,
  { exhaustive = EXHAUSTIVE, group = 1 }: { readonly exhaustive?: number; readonly group?: number } = {},
): ConvPlan {
  const { rows: R, columns: C } = machine.array;
  const wgtRows = machine.buffers.weight.rows;
  if (R > wgtRows) throw tooSmall(where, 'wgt', 'buffers.weight.rows', R, wgtRows);
  const parRows = Math.ceil(Math.min(C, geometry.output.channels) / machine.vector.lanes);
  const parAvailable = machine.buffers.parameter.rows;
  if (parRows > parAvailable) throw tooSmall(where, 'par', 'buffers.parameter.rows', parRows, parAvailable);
  const search = new ConvSearch(convSizes(machine, geometry, group));
  return search.run(exhaustive) ?? refusePlan(search.sizes, where);
}

/** The plan and the next best shapes: what exact measurement decides between. */
export function convFinalists(
  machine: Machine,
  geometry: Geometry,
  plan: ConvPlan,
  group = 1,
): readonly ConvPlan[] {
  const sizes = convSizes(machine, geometry, group);
  return plan.ranking.top.map(({ shape, cost }) => ({
    ...plan,
    ...shape,
    cost,
    outputs: placeShape(sizes, shape)!,
    accBlocks: accBlocks(sizes, shape),
  }));
}

/** The plan and other orders of its loads, which the closed forms do not tell apart. */
export function convVariants(plan: ConvPlan): readonly ConvPlan[] {
  return [
    plan,
    { ...plan, prefetch: 'before' },
    { ...plan, parameters: 'block' },
    { ...plan, prefetch: 'before', parameters: 'block' },
  ];
}

class ConvSearch {
  private readonly ranking = new Ranking<ConvShape>();

  constructor(readonly sizes: ConvSizes) {}

  run(exhaustive: number): ConvPlan | undefined {
    if (spaceSize(this.sizes, exhaustive) <= exhaustive) this.everything();
    else {
      this.evenTiles();
      for (let round = 0; round < ROUNDS && this.improve(); round++);
    }
    return this.plan();
  }

  private plan(): ConvPlan | undefined {
    if (this.ranking.best === undefined) return undefined;
    const { shape, cost } = this.ranking.best;
    return {
      ...shape,
      cost,
      outputs: placeShape(this.sizes, shape)!,
      accBlocks: accBlocks(this.sizes, shape),
      pieceTiles: this.sizes.pieceTiles,
      prefetch: 'behind',
      parameters: 'group',
      ranking: this.ranking,
    };
  }

  /** A shape with another group of output blocks. */
  private outer(shape: ConvShape, outerBlocks: number): void {
    for (const inputBlocks of inputsOf(this.sizes, outerBlocks, [shape.inputBlocks]))
      this.weigh({ ...shape, outerBlocks, inputBlocks });
  }

  private weigh(shape: ConvShape): void {
    if (placeShape(this.sizes, shape) === undefined) return;
    this.ranking.weigh(shape, convCost(this.sizes, shape));
  }

  private everything(): void {
    const { output, input } = this.sizes.geometry;
    for (const tileWidth of integers(output.width)) {
      for (const tileHeight of integers(output.height)) {
        for (const storeBlocks of allStores(this.sizes)) {
          for (const outerBlocks of allOuters(this.sizes, storeBlocks)) {
            for (const inputBlocks of inputsOf(this.sizes, outerBlocks, integers(input.blocks)))
              this.weigh({ outerBlocks, storeBlocks, tileHeight, tileWidth, inputBlocks });
          }
        }
      }
    }
  }

  /** Tiles that cut the picture into equal parts, and few sizes of the other loops. */
  private evenTiles(): void {
    const { sizes } = this;
    const { output, input } = sizes.geometry;
    const limit = Math.min(sizes.accRows, MAXIMUM_COUNT);
    for (const tileWidth of extents(output.width, limit)) {
      for (const tileHeight of extents(
        output.height,
        Math.min(Math.floor(sizes.accRows / tileWidth), MAXIMUM_COUNT),
      )) {
        const most = mostInput(sizes, tileHeight, tileWidth);
        if (most < 1) continue;
        const inputs = inputSizes(input.blocks, most);
        for (const storeBlocks of storeSizes(sizes, tileHeight * tileWidth)) {
          for (const outerBlocks of outerSizes(sizes, storeBlocks)) {
            for (const inputBlocks of inputsOf(sizes, outerBlocks, inputs))
              this.weigh({ outerBlocks, storeBlocks, tileHeight, tileWidth, inputBlocks });
          }
        }
      }
    }
  }

  /** Other values of each size of the best shape, one at a time; whether one was better. */
  private improve(): boolean {
    if (this.ranking.best === undefined) return false;
    const before = this.ranking.best.cost.score;
    const { output, input } = this.sizes.geometry;
    const near = (values: readonly number[], at: number) =>
      values.length <= VALUES ? values : values.filter((v) => Math.abs(v - at) <= VALUES / 2);
    const shape = () => this.ranking.best!.shape;
    for (const tileWidth of near(integers(output.width), shape().tileWidth))
      this.weigh({ ...shape(), tileWidth });
    for (const tileHeight of near(integers(output.height), shape().tileHeight))
      this.weigh({ ...shape(), tileHeight });
    if (!this.sizes.banded)
      for (const inputBlocks of near(integers(input.blocks), shape().inputBlocks))
        this.weigh({ ...shape(), inputBlocks });
    for (const storeBlocks of near(allStores(this.sizes), shape().storeBlocks)) {
      const multiple = Math.ceil(shape().outerBlocks / storeBlocks) * storeBlocks;
      this.outer({ ...shape(), storeBlocks }, Math.min(multiple, this.sizes.outputBlocks));
    }
    for (const outerBlocks of near(allOuters(this.sizes, shape().storeBlocks), shape().outerBlocks))
      this.outer(shape(), outerBlocks);
    return this.ranking.best.cost.score < before;
  }
}

/** The sizes of an input tile that a group of output blocks can have: of a banded convolution just one. */
function inputsOf(
  { banded, band, outputBlocks }: ConvSizes,
  outerBlocks: number,
  free: readonly number[],
): readonly number[] {
  return banded ? [bandSpan(band, outerBlocks, outputBlocks)] : free;
}

/** Mappings of the whole space; counting ends above `limit`. */
function spaceSize(sizes: ConvSizes, limit: number): number {
  const { output, input } = sizes.geometry;
  const tiles = output.width * output.height * (sizes.banded ? 1 : input.blocks);
  if (tiles > limit) return tiles;
  return tiles * allStores(sizes).reduce((n, store) => n + allOuters(sizes, store).length, 0);
}

/** Every number of output blocks that a store group can have. */
function allStores({ outputBlocks, alignment }: ConvSizes): readonly number[] {
  return [...new Set([...multiples(alignment, outputBlocks), outputBlocks])];
}

/** Every number of output blocks that can share a pass over the pixels. */
function allOuters({ outputBlocks }: ConvSizes, storeBlocks: number): readonly number[] {
  return [...new Set([...multiples(storeBlocks, outputBlocks), outputBlocks])];
}

function mostInput(sizes: ConvSizes, tileHeight: number, tileWidth: number): number {
  const { window, input } = sizes.geometry;
  const rows = inputHeight(window, tileHeight) * inputWidth(window, tileWidth);
  return Math.min(Math.floor(sizes.regions.inputs[0]!.rows / rows), MAXIMUM_COUNT, input.blocks);
}

function storeSizes(sizes: ConvSizes, pixels: number): readonly number[] {
  const rows = sizes.regions.wholeOutput[0]!.rows;
  const fits = (blocks: number) => outputRows(sizes, blocks) * pixels <= rows;
  const all = groupSizes(sizes.outputBlocks, sizes.alignment, sizes.outputBlocks).filter(fits);
  // The largest needs the fewest instructions, the smallest the shortest tail; sizes between win seldom.
  return all.length <= 3 ? all : [all[0]!, all[1]!, all.at(-1)!];
}

function outerSizes(sizes: ConvSizes, storeBlocks: number): readonly number[] {
  const { outputBlocks, blockWeightRows, machine } = sizes;
  if (storeBlocks === outputBlocks) return [outputBlocks];
  const fitting = Math.floor(machine.buffers.weight.rows / blockWeightRows / storeBlocks) * storeBlocks;
  const half = Math.floor(fitting / 2 / storeBlocks) * storeBlocks;
  const sizesFound = new Set([outputBlocks, fitting, half, storeBlocks]);
  return [...sizesFound].filter((size) => size >= storeBlocks && size <= outputBlocks);
}

function inputSizes(blocks: number, most: number): readonly number[] {
  const even = (size: number) => Math.ceil(blocks / Math.ceil(blocks / size));
  return [
    ...new Set([
      even(most),
      even(Math.max(1, Math.floor(most / 2))),
      even(Math.max(1, Math.floor(most / 4))),
    ]),
  ];
}

/** The error that names a buffer which even the smallest tile does not fit. */
export function tooSmall(
  where: Place,
  name: string,
  path: string,
  needed: number,
  available: number,
): DiagnosticError {
  return new DiagnosticError([bufferTooSmall(where, { name, path, needed, available })]);
}

/** Why not even a tile of one pixel, one input block and the smallest store group fits. */
function refusePlan(sizes: ConvSizes, where: Place): never {
  const { window } = sizes.geometry;
  const least = sizes.banded ? sizes.band.blocks : 1;
  const needed = inputHeight(window, 1) * inputWidth(window, 1) * least;
  const inputRegion = sizes.regions.inputs[0]!.rows;
  const path = 'buffers.activation.rowsPerBank';
  if (needed > inputRegion) throw tooSmall(where, 'act', path, needed, inputRegion);
  const smallest = Math.min(sizes.alignment, sizes.outputBlocks);
  throw tooSmall(where, 'act', path, outputRows(sizes, smallest), sizes.regions.wholeOutput[0]!.rows);
}
