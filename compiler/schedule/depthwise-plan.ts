/**
 * How a depthwise convolution is shared between the array and the vector unit. The array takes it as a convolution of diagonal weight
 * tiles, a channel block at a time: R of its R x C products count, as many as the vector unit has lanes where V = C. With two wgt banks both
 * run at once. In: geometry and a Machine. Out: rounds of items, an item being a channel block of a box of pixels.
 *
 *     rows      an item of the array and one of the vector unit a round: upper and lower rows of one box
 *     blocks    one or two items of the array and one of the vector unit: the same box of channel blocks side by side
 *     array     items of the array alone
 */

import {
  fillStep,
  loadStep,
  matmulStep,
  type NestCost,
  nestCost,
  storeStep,
  vectorStep,
} from '../../models/analytic/index.js';
import type { Machine } from '../../models/machine/index.js';
import { actRegions, type Region } from './act.js';
import { extents } from './candidates.js';
import { type PixelBox, pixelBoxes } from './conv.js';
import { MAXIMUM_COUNT } from './conv-cost.js';
import { Ranking } from './ranking.js';
import type { TensorView } from './tensors.js';
import type { Box } from './tile.js';
import { boxRuns, fillCount, fillRows, type Geometry, inputHeight, inputWidth } from './window.js';

export interface SplitPlan {
  readonly by: 'rows' | 'blocks' | 'array';
  readonly tileHeight: number;
  readonly tileWidth: number;
  /** Of `rows`: how many rows of a whole box the array takes. Of `blocks`: its blocks a round. Else 0. */
  readonly share: number;
  readonly cost: NestCost;
  readonly ranking: Ranking<SplitShape>;
}

export type SplitShape = Pick<SplitPlan, 'by' | 'tileHeight' | 'tileWidth' | 'share'>;

/** What runs side by side: boxes of one channel block each. */
export interface Round {
  readonly array: readonly Box[];
  readonly vector: readonly Box[];
}

/** Where items lie in act: two places each that alternate. */
export interface SplitRegions {
  readonly arrayInputs: readonly Region[];
  readonly vectorInputs: readonly Region[];
  readonly arrayOutputs: readonly Region[];
  readonly vectorOutputs: readonly Region[];
}

/** Halves of banks: the two units never read one bank at a time, load and store use the other port. */
export function splitRegions(machine: Machine): SplitRegions {
  const { inputs, wholeOutput } = actRegions(machine);
  const parts = (region: Region, count: number) => {
    const rows = Math.floor(region.rows / count);
    return Array.from({ length: count }, (_, i) => ({ bank: region.bank, first: i * rows, rows }));
  };
  const [first, second] = wholeOutput;
  const outputs = second === undefined ? parts(first!, 4) : [...parts(first!, 2), ...parts(second, 2)];
  return {
    arrayInputs: parts(inputs[0]!, 2),
    vectorInputs: parts(inputs[1]!, 2),
    arrayOutputs: outputs.slice(0, 2),
    vectorOutputs: outputs.slice(2),
  };
}

/** The rounds of a plan, channel block by channel block. */
export function splitRounds(plan: SplitPlan, view: TensorView): readonly Round[] {
  const boxes = pixelBoxes(view, plan.tileHeight, plan.tileWidth);
  const rounds: Round[] = [];
  const period = plan.by === 'blocks' ? plan.share + 1 : 1;
  for (let block = 0; block < view.blocks; block += period) {
    const blocks = Array.from({ length: Math.min(period, view.blocks - block) }, (_, i) => block + i);
    for (const box of boxes) rounds.push(roundOf(plan, box, blocks));
  }
  return rounds;
}

function roundOf(plan: SplitPlan, box: PixelBox, blocks: readonly number[]): Round {
  const whole = (block: number): Box => ({ ...box, block, blocks: 1 });
  if (plan.by === 'array') return { array: blocks.map(whole), vector: [] };
  if (plan.by === 'blocks') {
    // The blocks left over at the end go to the array as far as they go round, so that the vector unit's part is never alone long.
    const array = blocks.slice(0, Math.max(blocks.length - 1, Math.min(plan.share, blocks.length)));
    return { array: array.map(whole), vector: blocks.slice(array.length).map(whole) };
  }
  const upper = Math.min(box.height, Math.round((box.height * plan.share) / plan.tileHeight));
  const item = whole(blocks[0]!);
  const lower = { ...item, y: item.y + upper, height: item.height - upper };
  return {
    array: upper > 0 ? [{ ...item, height: upper }] : [],
    vector: lower.height > 0 ? [lower] : [],
  };
}

/** The split of least estimated cycles; undefined where the array cannot take a depthwise convolution or no item fits. */
export function planSplit(machine: Machine, geometry: Geometry): SplitPlan | undefined {
  if (machine.array.rows !== machine.array.columns) return undefined;
  const { output } = geometry;
  const regions = splitRegions(machine);
  const accRows = Math.min(machine.buffers.accumulator.rowsPerBank, MAXIMUM_COUNT);
  const sizes = { machine, geometry, regions };
  const ranking = new Ranking<SplitShape>();
  for (const tileWidth of extents(output.width, Math.min(output.width, MAXIMUM_COUNT))) {
    for (const tileHeight of extents(output.height, Math.min(output.height, MAXIMUM_COUNT))) {
      for (const [by, share] of splitsOf(machine, geometry, tileHeight)) {
        const plan = { by, share, tileHeight, tileWidth };
        if (largestArrayBox(plan) * tileWidth > accRows || !fits(sizes, plan)) continue;
        ranking.weigh(plan, splitCost(sizes, plan));
      }
    }
  }
  return ranking.best && { ...ranking.best.shape, cost: ranking.best.cost, ranking };
}

interface Sizes {
  readonly machine: Machine;
  readonly geometry: Geometry;
  readonly regions: SplitRegions;
}

function splitsOf(
  machine: Machine,
  { window, output }: Geometry,
  tileHeight: number,
): readonly (readonly [SplitPlan['by'], number])[] {
  const { weight } = machine.buffers;
  const taps = window.height * window.width;
  const room = weight.rows / weight.banks;
  if (2 * taps * machine.array.rows > room) return [];
  const alone = [['array', 0]] as const;
  if (weight.banks === 1) return alone;
  // Cycles of a pixel: taps on the array and a slice-cycle each to requantise, taps slice-cycles each on the vector unit.
  const slices = machine.array.columns / machine.vector.lanes;
  const balance = (tileHeight * taps * slices) / (taps + taps * slices - slices);
  const rows = [...new Set([Math.floor(balance), Math.ceil(balance)])].filter((n) => n > 0 && n < tileHeight);
  const blocks = [1, 2].filter((n) => n < output.blocks);
  return [...alone, ...rows.map((n) => ['rows', n] as const), ...blocks.map((n) => ['blocks', n] as const)];
}

/** The plan and the next best shapes: what exact measurement decides between. */
export function splitFinalists({ ranking }: SplitPlan): readonly SplitPlan[] {
  return ranking.top.map(({ shape, cost }) => ({ ...shape, cost, ranking }));
}

/** Rows of a whole box on the array. */
function largestArrayBox(plan: SplitShape): number {
  return plan.by === 'rows' ? plan.share : plan.tileHeight;
}

function fits({ geometry, regions }: Sizes, plan: SplitShape): boolean {
  const width = inputWidth(geometry.window, plan.tileWidth);
  const inputRows = (height: number) => inputHeight(geometry.window, height) * width;
  const upper = largestArrayBox(plan);
  const lower = plan.by === 'rows' ? plan.tileHeight - plan.share : plan.by === 'array' ? 0 : plan.tileHeight;
  return (
    inputRows(upper) <= regions.arrayInputs[0]!.rows &&
    upper * plan.tileWidth <= regions.arrayOutputs[0]!.rows &&
    (lower === 0 || inputRows(lower) <= regions.vectorInputs[0]!.rows) &&
    lower * plan.tileWidth <= regions.vectorOutputs[0]!.rows
  );
}

/** The plan as counted instructions. Items are taken as equal. */
function splitCost({ machine, geometry }: Sizes, plan: SplitShape): NestCost {
  const { output, input, window } = geometry;
  const boxes =
    output.batch * Math.ceil(output.height / plan.tileHeight) * Math.ceil(output.width / plan.tileWidth);
  const pixels = (output.batch * output.height * output.width) / boxes;
  const taps = window.height * window.width;
  const slices = machine.array.columns / machine.vector.lanes;
  const upper = plan.by === 'rows' ? plan.share / plan.tileHeight : 1;
  const arrayBlocks = plan.by === 'blocks' ? output.blocks * (plan.share / (plan.share + 1)) : output.blocks;
  const vectorBlocks =
    plan.by === 'blocks' ? output.blocks - arrayBlocks : plan.by === 'rows' ? output.blocks : 0;
  const lower = plan.by === 'rows' ? 1 - upper : 1;
  const width = inputWidth(window, plan.tileWidth);
  const rowsOf = (share: number) => Math.max(1, Math.round(plan.tileHeight * share));
  const load = (share: number, blocks: number) =>
    loadStep(
      machine,
      'act',
      boxes * blocks,
      boxRuns(input, { blocks: 1, height: inputHeight(window, rowsOf(share)), width }),
    );
  const store = (share: number, blocks: number) =>
    storeStep(
      machine,
      boxes * blocks,
      boxRuns(output, { blocks: 1, height: rowsOf(share), width: plan.tileWidth }),
    );
  const arrayInput = load(upper, arrayBlocks);
  const arrayOutput = store(upper, arrayBlocks);
  const vectorInput = load(lower, vectorBlocks);
  const vectorOutput = store(lower, vectorBlocks);
  const matmul = matmulStep(machine, boxes * arrayBlocks, taps, pixels * upper);
  const requant = vectorStep(boxes * arrayBlocks, pixels * upper * slices);
  const dwconv = vectorStep(boxes * vectorBlocks, pixels * lower * slices * taps);
  const weights = loadStep(machine, 'wgt', arrayBlocks, { rows: taps * machine.array.rows, runs: 1 });
  const tapRows = { rows: taps * output.blocks, runs: 1 };
  const tapWeights = loadStep(machine, 'wgt', vectorBlocks > 0 ? 1 : 0, tapRows);
  const parameterRows = { rows: Math.ceil(output.channels / machine.vector.lanes), runs: 1 };
  const parameters = loadStep(machine, 'par', 1, parameterRows);
  const parts = plan.by === 'rows' ? 2 : 1;
  const fill = fillStep(
    fillCount(geometry, plan, output.blocks) * parts,
    fillRows(geometry, plan, 1) / parts,
  );
  const pass = {
    load: weights.cycles + arrayInput.cycles,
    matmul: matmul.cycles,
    vector: requant.cycles,
    store: arrayOutput.cycles,
  };
  // The vector unit's own items wait for their operands, not for the array.
  const own = vectorInput.cycles + parameters.cycles + tapWeights.cycles;
  return nestCost(machine, {
    steps: [
      ...[arrayInput, weights, matmul, requant, arrayOutput, parameters, tapWeights, fill],
      ...(vectorBlocks > 0 ? [vectorInput, dwconv, vectorOutput] : []),
    ],
    first: plan.by === 'array' ? pass : { ...pass, matmul: own },
    // Behind the last load the vector unit has its own last item and what the array left of two rounds.
    last:
      plan.by === 'array'
        ? { ...pass, load: 0 }
        : { ...pass, load: 0, matmul: Math.max(matmul.cycles, dwconv.cycles), vector: 2 * requant.cycles },
    waits: [],
    overlap: true,
  });
}
