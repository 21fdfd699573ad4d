/**
 * How a convolution is cut up. In: its geometry and a Machine. Out: the {@link ConvPlan} of least estimated cycles
 * (models/analytic) among a few hundred candidates, or the buffer that even the smallest tile does not fit.
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
import { type NestCost, type NestStep, nestCost } from '../../models/analytic/index.js';
import type { Machine } from '../../models/machine/index.js';
import { type ActRegions, actRegions, type Region } from './act.js';
import { extents, groupSizes, leastCommonMultiple } from './candidates.js';
import { bufferTooSmall } from './diagnostics.js';
import { boxRuns, fillCount, fillRows, type Geometry, inputHeight, inputWidth } from './window.js';

export interface ConvPlan {
  /** Output blocks (of C channels) whose weights share a pass over the pixels. */
  readonly outerBlocks: number;
  /** Output blocks of one output tile; starts of store groups lie on act rows. */
  readonly storeBlocks: number;
  /** Output blocks that accumulate side by side in one acc bank. */
  readonly accBlocks: number;
  readonly tileHeight: number;
  readonly tileWidth: number;
  /** Input channel blocks (of R channels) of one input tile. */
  readonly inputBlocks: number;
  /** Most weight tiles of one matmul. */
  readonly pieceTiles: number;
  readonly outputs: readonly Region[];
  readonly cycles: number;
  readonly cost: NestCost;
}

/** Loop counts have 12 bits. */
export const MAXIMUM_COUNT = 4095;
const MAXIMUM_TRANSFER_ROWS = 65535;

interface Sizes {
  readonly machine: Machine;
  readonly geometry: Geometry;
  readonly regions: ActRegions;
  /** Output blocks of C channels. */
  readonly outputBlocks: number;
  /** Store groups start at multiples of this many output blocks. */
  readonly alignment: number;
  /** Weight rows of one output block. */
  readonly blockWeightRows: number;
  readonly pieceTiles: number;
}

export function planConv(machine: Machine, geometry: Geometry, where: Place): ConvPlan {
  const { rows: R, columns: C } = machine.array;
  const { window, input, output } = geometry;
  const wgtRows = machine.buffers.weight.rows;
  if (R > wgtRows) throw tooSmall(where, 'wgt', 'buffers.weight.rows', R, wgtRows);
  const parRows = Math.ceil(Math.min(C, output.channels) / machine.vector.lanes);
  const parAvailable = machine.buffers.parameter.rows;
  if (parRows > parAvailable) throw tooSmall(where, 'par', 'buffers.parameter.rows', parRows, parAvailable);
  const outputBlocks = Math.ceil(output.channels / C);
  const blockTiles = input.blocks * window.height * window.width;
  const allFits = outputBlocks * blockTiles * R <= wgtRows;
  const pieceRows = Math.min(allFits || wgtRows < 2 * R ? wgtRows : wgtRows / 2, MAXIMUM_TRANSFER_ROWS);
  const sizes: Sizes = {
    machine,
    geometry,
    regions: actRegions(machine),
    outputBlocks,
    alignment: leastCommonMultiple(R, C) / C,
    blockWeightRows: blockTiles * R,
    pieceTiles: Math.floor(pieceRows / R),
  };
  return best(sizes) ?? refusePlan(sizes, where);
}

function best(sizes: Sizes): ConvPlan | undefined {
  let found: ConvPlan | undefined;
  const { output } = sizes.geometry;
  const accRows = Math.min(sizes.machine.buffers.accumulator.rowsPerBank, 32767);
  for (const tileWidth of extents(output.width, Math.min(accRows, MAXIMUM_COUNT))) {
    for (const tileHeight of extents(
      output.height,
      Math.min(Math.floor(accRows / tileWidth), MAXIMUM_COUNT),
    )) {
      for (const candidate of candidatesOf(sizes, tileHeight, tileWidth)) {
        if (found === undefined || candidate.cycles < found.cycles) found = candidate;
      }
    }
  }
  return found;
}

function* candidatesOf(sizes: Sizes, tileHeight: number, tileWidth: number): Generator<ConvPlan> {
  const inputRows = boxRows(sizes, tileHeight, tileWidth);
  if (inputRows.height > MAXIMUM_COUNT) return;
  const inputRegion = sizes.regions.inputs[0]!.rows;
  const mostInput = Math.min(
    Math.floor(inputRegion / inputRows.rows),
    MAXIMUM_COUNT,
    sizes.geometry.input.blocks,
  );
  if (mostInput < 1) return;
  for (const outputs of [sizes.regions.outputs, sizes.regions.wholeOutput]) {
    const stores = storeSizes(sizes, tileHeight * tileWidth, outputs[0]!.rows);
    for (const storeBlocks of stores) {
      for (const outerBlocks of outerSizes(sizes, storeBlocks)) {
        for (const inputBlocks of inputSizes(sizes, mostInput)) {
          const shape = { outerBlocks, storeBlocks, tileHeight, tileWidth, inputBlocks, outputs };
          yield costed(sizes, { ...shape, accBlocks: accBlocks(sizes, shape), pieceTiles: sizes.pieceTiles });
        }
      }
    }
    if (outputs === sizes.regions.wholeOutput) return;
  }
}

/** Upper bound of the act rows of one channel block of an input tile. */
function boxRows({ geometry }: Sizes, tileHeight: number, tileWidth: number) {
  const height = inputHeight(geometry.window, tileHeight);
  const width = inputWidth(geometry.window, tileWidth);
  return { height, width, rows: height * width };
}

/** act rows of one pixel of an output tile of `blocks` output blocks. */
function outputRows({ geometry, machine }: Sizes, blocks: number): number {
  const { rows: R, columns: C } = machine.array;
  return Math.ceil(Math.min(blocks * C, geometry.output.channels) / R);
}

function storeSizes(sizes: Sizes, pixels: number, regionRows: number): readonly number[] {
  const fits = (blocks: number) => outputRows(sizes, blocks) * pixels <= regionRows;
  const all = groupSizes(sizes.outputBlocks, sizes.alignment, sizes.outputBlocks).filter(fits);
  // The largest needs the fewest instructions, the smallest the shortest tail; sizes between win seldom.
  return all.length <= 3 ? all : [all[0]!, all[1]!, all.at(-1)!];
}

function outerSizes(sizes: Sizes, storeBlocks: number): readonly number[] {
  const { outputBlocks, blockWeightRows, machine } = sizes;
  if (storeBlocks === outputBlocks) return [outputBlocks];
  const fitting = Math.floor(machine.buffers.weight.rows / blockWeightRows / storeBlocks) * storeBlocks;
  const half = Math.floor(fitting / 2 / storeBlocks) * storeBlocks;
  const sizesFound = new Set([outputBlocks, fitting, half, storeBlocks]);
  return [...sizesFound].filter((size) => size >= storeBlocks && size <= outputBlocks);
}

function inputSizes({ geometry }: Sizes, most: number): readonly number[] {
  const blocks = geometry.input.blocks;
  const even = (size: number) => Math.ceil(blocks / Math.ceil(blocks / size));
  return [
    ...new Set([
      even(most),
      even(Math.max(1, Math.floor(most / 2))),
      even(Math.max(1, Math.floor(most / 4))),
    ]),
  ];
}

type Shape = Omit<ConvPlan, 'cycles' | 'cost' | 'accBlocks' | 'pieceTiles'>;

/** Blocks that accumulate side by side: as many as fit when input chunks would otherwise be loaded once a block. */
function accBlocks({ geometry, regions, machine }: Sizes, shape: Shape): number {
  const chunks = Math.ceil(geometry.input.blocks / shape.inputBlocks);
  if (chunks <= regions.inputs.length) return 1;
  const fit = Math.floor(machine.buffers.accumulator.rowsPerBank / (shape.tileHeight * shape.tileWidth));
  return Math.max(1, Math.min(fit, shape.storeBlocks));
}

type Uncosted = Omit<ConvPlan, 'cycles' | 'cost'>;

function costed(sizes: Sizes, plan: Uncosted): ConvPlan {
  const { machine } = sizes;
  const counted = planSteps(sizes, plan);
  const { steps } = counted;
  const once = (step: NestStep, count = 1): NestStep => ({ ...step, count });
  const pass = {
    load: [once(steps.weights), once(steps.input)],
    matmul: [once(steps.matmul)],
    vector: [once(steps.requant)],
    store: [once(steps.store)],
  };
  const nest = {
    steps: Object.values(steps),
    first: pass,
    last: { ...pass, load: steps.matmul.count === 1 ? [once(steps.parameters)] : [] },
    waits: waitsOf(sizes, plan, counted),
    overlap:
      plan.pieceTiles * machine.array.rows * 2 <= machine.buffers.weight.rows || weightsStay(sizes, plan),
  };
  const cost = nestCost(machine, nest);
  return { ...plan, cycles: cost.score, cost };
}

/** Parameter rows of a layer, and those that are loaded together: half of par at most, in whole output blocks. */
export function parameterGroup(
  machine: Machine,
  channels: number,
): { readonly all: number; readonly group: number } {
  const { lanes } = machine.vector;
  const all = Math.ceil(channels / lanes);
  const block = Math.ceil(Math.min(machine.array.columns, channels) / lanes);
  const half = Math.floor(machine.buffers.parameter.rows / 2 / block) * block;
  return { all, group: Math.min(all, Math.max(half, block)) };
}

/** The first block of the first tile waits for the tile's whole input, the second tile for all weights. */
function waitsOf(
  sizes: Sizes,
  plan: Uncosted,
  { steps, pixelTiles, chunks, pieces }: ReturnType<typeof planSteps>,
) {
  const matmuls = pixelTiles * sizes.outputBlocks * pieces;
  const firstBlock = {
    load: [
      { ...steps.weights, count: pieces },
      { ...steps.input, count: chunks },
    ],
    share: (matmuls - pieces + 1) / matmuls,
  };
  if (pixelTiles === 1 || !weightsStay(sizes, plan)) return [firstBlock];
  const input = { ...steps.input, count: 2 * chunks };
  const secondTile = {
    load: [steps.weights, steps.parameters, steps.fill, input],
    share: 1 - 1 / pixelTiles,
  };
  return [firstBlock, secondTile];
}

function weightsStay({ blockWeightRows, machine }: Sizes, plan: { readonly outerBlocks: number }): boolean {
  return plan.outerBlocks * blockWeightRows <= machine.buffers.weight.rows;
}

/** The plan as counted instructions. Tiles are taken as equal; uneven last ones cost little. */
function planSteps(sizes: Sizes, plan: Uncosted) {
  const { machine, geometry, outputBlocks, blockWeightRows, regions } = sizes;
  const { output, input, window } = geometry;
  const tilesY = Math.ceil(output.height / plan.tileHeight);
  const tilesX = Math.ceil(output.width / plan.tileWidth);
  const pixelTiles = output.batch * tilesY * tilesX;
  const pixels = (output.batch * output.height * output.width) / pixelTiles;
  const outerGroups = Math.ceil(outputBlocks / plan.outerBlocks);
  const chunks = Math.ceil(input.blocks / plan.inputBlocks);
  const chunkTiles = plan.inputBlocks * window.height * window.width;
  const pieces = chunks * Math.ceil(chunkTiles / plan.pieceTiles);
  const tiles = blockWeightRows / machine.array.rows / pieces;
  const inputLoads =
    chunks <= regions.inputs.length
      ? pixelTiles * outerGroups * chunks
      : pixelTiles * Math.ceil(outputBlocks / plan.accBlocks) * chunks;
  const box = boxRows(sizes, plan.tileHeight, plan.tileWidth);
  const storeGroups = Math.ceil(outputBlocks / plan.storeBlocks);
  const outputActRows = outputRows(sizes, plan.storeBlocks);
  const slices = Math.ceil(output.channels / machine.vector.lanes) / outputBlocks;
  const weightLoads = outputBlocks * pieces * (weightsStay(sizes, plan) ? 1 : pixelTiles);
  const parameters = parameterGroup(machine, output.channels);
  const parameterGroups = Math.ceil(parameters.all / parameters.group);
  const steps = {
    parameters: {
      unit: 'load',
      buffer: 'par',
      // Two groups stay.
      count: parameterGroups > 2 ? parameterGroups * pixelTiles : parameterGroups,
      transfer: { rows: parameters.group, runs: 1 },
    },
    fill: {
      unit: 'fill',
      count: fillCount(geometry, plan, outerGroups * chunks) * (inputLoads > 0 ? 1 : 0),
      rows: fillRows(geometry, plan, plan.inputBlocks),
    },
    matmul: { unit: 'matmul', count: pixelTiles * outputBlocks * pieces, tiles, vectors: pixels },
    requant: { unit: 'vector', count: pixelTiles * outputBlocks, slices: pixels * slices },
    input: {
      unit: 'load',
      buffer: 'act',
      count: inputLoads,
      transfer: boxRuns(input, { blocks: plan.inputBlocks, height: box.height, width: box.width }),
    },
    weights: {
      unit: 'load',
      buffer: 'wgt',
      count: weightLoads,
      transfer: { rows: tiles * machine.array.rows, runs: 1 },
    },
    store: {
      unit: 'store',
      count: pixelTiles * storeGroups,
      transfer: boxRuns(output, { blocks: outputActRows, height: plan.tileHeight, width: plan.tileWidth }),
    },
  } as const satisfies Record<string, NestStep>;
  return { steps, pixelTiles, chunks, pieces };
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
function refusePlan(sizes: Sizes, where: Place): never {
  const one = boxRows(sizes, 1, 1);
  const inputRegion = sizes.regions.inputs[0]!.rows;
  const path = 'buffers.activation.rowsPerBank';
  if (one.rows > inputRegion) throw tooSmall(where, 'act', path, one.rows, inputRegion);
  const smallest = Math.min(sizes.alignment, sizes.outputBlocks);
  throw tooSmall(where, 'act', path, outputRows(sizes, smallest), sizes.regions.wholeOutput[0]!.rows);
}
