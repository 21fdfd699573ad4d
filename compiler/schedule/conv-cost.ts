/**
 * What a way to cut up a convolution costs. In: its sizes on a Machine and a {@link ConvShape}. Out: whether its tiles fit, and the closed-form cost
 * (models/analytic). A search asks this hundreds of thousands of times a second.
 */

import {
  fillStep,
  loadStep,
  matmulStep,
  type NestCost,
  type NestStep,
  nestCost,
  storeStep,
  vectorStep,
} from '../../models/analytic/index.js';
import type { Machine } from '../../models/machine/index.js';
import { type ActRegions, actRegions, type Region } from './act.js';
import { type Band, bandOf } from './band.js';
import { leastCommonMultiple } from './candidates.js';
import { boxRuns, fillCount, fillRows, type Geometry, inputHeight, inputWidth } from './window.js';

/** Loop counts have 12 bits. */
export const MAXIMUM_COUNT = 4095;
const MAXIMUM_TRANSFER_ROWS = 65535;
const MAXIMUM_ACC_ROWS = 32767;

/** The free choices of a convolution's loops (conv-plan.ts). */
export interface ConvShape {
  /** Output blocks (of C channels) whose weights share a pass over the pixels. */
  readonly outerBlocks: number;
  /** Output blocks of one output tile; starts of store groups lie on act rows. */
  readonly storeBlocks: number;
  readonly tileHeight: number;
  readonly tileWidth: number;
  /** Input channel blocks (of R channels) of one input tile. */
  readonly inputBlocks: number;
}

/** A convolution on a machine: what does not depend on the choices. */
export interface ConvSizes {
  readonly machine: Machine;
  readonly geometry: Geometry;
  readonly regions: ActRegions;
  /** Output blocks of C channels. */
  readonly outputBlocks: number;
  /** Store groups start at multiples of this many output blocks. */
  readonly alignment: number;
  /** Input blocks that an output block reads: all, unless there are groups. */
  readonly band: Band;
  /** Whether there are input blocks that an output block does not read: an input tile is then what a group of output blocks reads. */
  readonly banded: boolean;
  /** Weight rows of one output block. */
  readonly blockWeightRows: number;
  /** Most weight tiles of one matmul. */
  readonly pieceTiles: number;
  /** Slice-cycles of a pixel of an output block. */
  readonly slices: number;
  readonly parameters: ParameterGroup;
  /** Most rows of a tile in an acc bank. */
  readonly accRows: number;
}

/** @param group of the convolution's channels. */
export function convSizes(machine: Machine, geometry: Geometry, group = 1): ConvSizes {
  const { rows: R, columns: C } = machine.array;
  const { window, input, output } = geometry;
  const wgtRows = machine.buffers.weight.rows;
  const outputBlocks = Math.ceil(output.channels / C);
  const band = bandOf(machine, { inputs: input.channels, outputs: output.channels, group });
  const blockTiles = band.blocks * window.height * window.width;
  const allFits = outputBlocks * blockTiles * R <= wgtRows;
  const pieceRows = Math.min(allFits || wgtRows < 2 * R ? wgtRows : wgtRows / 2, MAXIMUM_TRANSFER_ROWS);
  return {
    machine,
    geometry,
    regions: actRegions(machine),
    outputBlocks,
    alignment: leastCommonMultiple(R, C) / C,
    band,
    banded: band.blocks < input.blocks,
    blockWeightRows: blockTiles * R,
    pieceTiles: Math.floor(pieceRows / R),
    slices: Math.ceil(output.channels / machine.vector.lanes) / outputBlocks,
    parameters: geometry.exchanged
      ? rowParameters(machine, output.width)
      : parameterGroup(machine, output.channels),
    accRows: Math.min(machine.buffers.accumulator.rowsPerBank, MAXIMUM_ACC_ROWS),
  };
}

/** Where output tiles of a shape go; undefined when a tile of it fits nowhere. */
export function placeShape(sizes: ConvSizes, shape: ConvShape): readonly Region[] | undefined {
  const { regions, geometry, accRows } = sizes;
  const { tileHeight, tileWidth, inputBlocks } = shape;
  const pixels = tileHeight * tileWidth;
  if (pixels > accRows || tileHeight > MAXIMUM_COUNT || tileWidth > MAXIMUM_COUNT) return undefined;
  const height = inputHeight(geometry.window, tileHeight);
  const inputRows = height * inputWidth(geometry.window, tileWidth) * inputBlocks;
  if (height > MAXIMUM_COUNT || inputBlocks > MAXIMUM_COUNT || inputRows > regions.inputs[0]!.rows)
    return undefined;
  const rows = outputRows(sizes, shape.storeBlocks) * pixels;
  if (rows <= regions.outputs[0]!.rows) return regions.outputs;
  return rows <= regions.wholeOutput[0]!.rows ? regions.wholeOutput : undefined;
}

/** act rows of one pixel of an output tile of `blocks` output blocks. */
export function outputRows({ geometry, machine }: ConvSizes, blocks: number): number {
  const { rows: R, columns: C } = machine.array;
  return Math.ceil(Math.min(blocks * C, geometry.output.channels) / R);
}

/** Output blocks that accumulate side by side: as many as fit when input chunks would otherwise be loaded once a block. */
export function accBlocks(sizes: ConvSizes, shape: ConvShape): number {
  const { regions, accRows } = sizes;
  const chunks = inputChunks(sizes, shape);
  if (chunks <= regions.inputs.length) return 1;
  const fit = Math.floor(accRows / (shape.tileHeight * shape.tileWidth));
  return Math.max(1, Math.min(fit, shape.storeBlocks));
}

/** Input tiles of a pixel tile: of a banded convolution one, with what a group of output blocks reads. */
function inputChunks({ banded, geometry }: ConvSizes, { inputBlocks }: ConvShape): number {
  return banded ? 1 : Math.ceil(geometry.input.blocks / inputBlocks);
}

/** Parameter rows of a layer, those that are loaded together, and those of one output block. */
export interface ParameterGroup {
  readonly all: number;
  readonly group: number;
  readonly block: number;
}

/** A row for each output channel: all together where they fit, else half of par at a time. */
export function rowParameters({ buffers }: Machine, channels: number): ParameterGroup {
  const { rows } = buffers.parameter;
  const group = channels <= rows ? channels : rows / 2;
  return { all: channels, group, block: group };
}

/** A row for each slice of channels: half of par at most, in whole output blocks. */
export function parameterGroup(machine: Machine, channels: number): ParameterGroup {
  const { lanes } = machine.vector;
  const all = Math.ceil(channels / lanes);
  const block = Math.ceil(Math.min(machine.array.columns, channels) / lanes);
  const half = Math.floor(machine.buffers.parameter.rows / 2 / block) * block;
  return { all, block, group: Math.min(all, Math.max(half, block)) };
}

/** The plan as counted instructions. Tiles are taken as equal; uneven last ones cost little. */
export function convCost(sizes: ConvSizes, plan: ConvShape): NestCost {
  const { machine, geometry, outputBlocks, blockWeightRows, regions } = sizes;
  const { output, input, window } = geometry;
  const tilesY = Math.ceil(output.height / plan.tileHeight);
  const tilesX = Math.ceil(output.width / plan.tileWidth);
  const pixelTiles = output.batch * tilesY * tilesX;
  const pixels = (output.batch * output.height * output.width) / pixelTiles;
  const outerGroups = Math.ceil(outputBlocks / plan.outerBlocks);
  const chunks = inputChunks(sizes, plan);
  const chunkTiles = Math.min(plan.inputBlocks, sizes.band.blocks) * window.height * window.width;
  const pieces = chunks * Math.ceil(chunkTiles / sizes.pieceTiles);
  const tiles = blockWeightRows / machine.array.rows / pieces;
  const stay = weightsStay(sizes, plan);
  const inputLoads =
    chunks <= regions.inputs.length
      ? pixelTiles * outerGroups * chunks
      : pixelTiles * Math.ceil(outputBlocks / accBlocks(sizes, plan)) * chunks;
  const { requants, parameterLoads, parameterRows, constantParameters, turns } = stageCounts(sizes, {
    pixelTiles,
    pixels,
    outerGroups,
  });
  const matmuls = pixelTiles * outputBlocks * pieces;
  const matmul = matmulStep(machine, matmuls, tiles, pixels);
  const requant = vectorStep(requants, (pixelTiles * outputBlocks * pixels * sizes.slices) / requants);
  const inputBox = {
    blocks: plan.inputBlocks,
    height: inputHeight(window, plan.tileHeight),
    width: inputWidth(window, plan.tileWidth),
  };
  const loadInput = loadStep(machine, 'act', inputLoads, boxRuns(input, inputBox));
  const loadWeights = loadStep(machine, 'wgt', outputBlocks * pieces * (stay ? 1 : pixelTiles), {
    ...weightRuns(sizes, tiles * machine.array.rows),
  });
  const loadParameters = loadStep(machine, 'par', parameterLoads, { rows: parameterRows, runs: 1 });
  const fill = fillStep(
    fillCount(geometry, plan, outerGroups * chunks),
    fillRows(geometry, plan, plan.inputBlocks),
  );
  const outputBox = {
    blocks: outputRows(sizes, plan.storeBlocks),
    height: plan.tileHeight,
    width: plan.tileWidth,
  };
  const storeOutput = storeStep(
    machine,
    pixelTiles * Math.ceil(outputBlocks / plan.storeBlocks),
    boxRuns(output, outputBox),
  );
  const pass = {
    load: loadWeights.cycles + loadInput.cycles,
    matmul: matmul.cycles,
    vector: requant.cycles,
    store: storeOutput.cycles,
  };
  // The first block of the first tile waits for the tile's whole input, the second tile for all weights.
  const waits = [
    {
      cycles: pieces * loadWeights.cycles + chunks * loadInput.cycles,
      share: (matmuls - pieces + 1) / matmuls,
    },
  ];
  if (pixelTiles > 1 && stay) {
    const constants = total(loadWeights) + constantParameters * loadParameters.cycles + total(fill);
    waits.push({ cycles: constants + 2 * chunks * loadInput.cycles, share: 1 - 1 / pixelTiles });
  }
  return nestCost(machine, {
    steps: [matmul, requant, loadInput, loadWeights, loadParameters, fill, storeOutput],
    first: pass,
    last: { ...pass, load: matmuls === 1 ? loadParameters.cycles : 0 },
    waits,
    overlap: !turns && (stay || sizes.pieceTiles * machine.array.rows * 2 <= machine.buffers.weight.rows),
  });
}

/**
 * Instructions of the output stage, loads of its parameters, the rows of one, how many of the loads come before the second tile of pixels, and
 * whether the next loads must wait for the output stage.
 */
function stageCounts(
  { parameters, outputBlocks, geometry }: ConvSizes,
  tiles: { readonly pixelTiles: number; readonly pixels: number; readonly outerGroups: number },
) {
  const { pixelTiles, pixels, outerGroups } = tiles;
  const blocks = pixelTiles * outputBlocks;
  const groups = Math.ceil(parameters.all / parameters.group);
  if (!geometry.exchanged) {
    // Two groups stay.
    const parameterLoads = groups > 2 ? groups * pixelTiles : groups;
    return {
      requants: blocks,
      parameterLoads,
      parameterRows: parameters.group,
      constantParameters: parameterLoads,
      turns: false,
    };
  }
  // Of each tile of channels as many rows together as a group has; two groups stay.
  const pieces = Math.ceil(pixels / parameters.group);
  const passes = groups === 1 ? 1 : pieces <= 2 ? outerGroups : outputBlocks;
  return {
    requants: blocks * pieces,
    parameterLoads: pixelTiles * pieces * passes,
    parameterRows: Math.ceil(pixels / pieces),
    constantParameters: pieces,
    // A third piece takes the place of the first, and stands before the next weights.
    turns: groups > 1 && pieces > 2,
  };
}

/** Weight rows in runs: where an array has more rows than columns, a row of activations is several rows of weights. */
function weightRuns({ geometry, machine }: ConvSizes, rows: number) {
  const { rows: R, columns: C } = machine.array;
  return geometry.exchanged && R > C ? { rows: 1, runs: rows } : { rows, runs: 1 };
}

const total = (step: NestStep): number => step.count * step.cycles;

function weightsStay(
  { blockWeightRows, machine }: ConvSizes,
  plan: { readonly outerBlocks: number },
): boolean {
  return plan.outerBlocks * blockWeightRows <= machine.buffers.weight.rows;
}
