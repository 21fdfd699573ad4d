/**
 * How an operator of the vector unit is cut up: boxes of channel blocks and pixels stream from DRAM through the vector unit and
 * back. In: geometry, what a tile needs beside its pixels, a Machine. Out: the plan of least estimated cycles, or the buffer that
 * even one block of one pixel does not fit.
 */

import { DiagnosticError, type Place } from '../../base/index.js';
import {
  fillStep,
  loadStep,
  type NestCost,
  nestCost,
  storeStep,
  vectorStep,
} from '../../models/analytic/index.js';
import type { Machine } from '../../models/machine/index.js';
import { actRegions, type Region } from './act.js';
import { extents, groupSizes } from './candidates.js';
import { MAXIMUM_COUNT } from './conv-cost.js';
import { tooSmall } from './conv-plan.js';
import { beyondField } from './diagnostics.js';
import { Ranking } from './ranking.js';
import { boxRuns, fillCount, fillRows, type Geometry, inputHeight, inputWidth } from './window.js';

/** What the planner must know beside the geometry. */
export interface StreamNeeds {
  readonly geometry: Geometry;
  /** Tiles of the input's shape that lie in one region at once (2 for an add). */
  readonly operands: number;
  /** Cycles of a slice of one pixel. */
  readonly cyclesPerSlice: number;
  /** Parameter rows of a tile of so many channel blocks. */
  readonly parRows: (blocks: number) => number;
  /** The parameters of one tile are those of all. */
  readonly uniform: boolean;
  /** Weight rows of a tile of so many channel blocks. */
  readonly wgtRows: (blocks: number) => number;
}

export interface StreamPlan {
  readonly blocks: number;
  readonly tileHeight: number;
  readonly tileWidth: number;
  readonly outputs: readonly Region[];
  readonly cost: NestCost;
  readonly ranking: Ranking<StreamShape>;
}

export type StreamShape = Pick<StreamPlan, 'blocks' | 'tileHeight' | 'tileWidth'>;

/** `slices` has 9 bits. */
const MAXIMUM_SLICES = 511;

export function planStream(machine: Machine, needs: StreamNeeds, where: Place): StreamPlan {
  const { output } = needs.geometry;
  const most = Math.min(mostBlocks(machine, needs, where), output.blocks);
  const ranking = new Ranking<StreamShape>();
  for (const blocks of groupSizes(output.blocks, 1, most)) {
    for (const tileWidth of extents(output.width, MAXIMUM_COUNT)) {
      for (const tileHeight of extents(output.height, MAXIMUM_COUNT)) {
        const shape = { blocks, tileHeight, tileWidth };
        if (placeStream(machine, needs, shape) !== undefined)
          ranking.weigh(shape, streamCost(machine, needs, shape));
      }
    }
  }
  if (ranking.best === undefined) return refuse(machine, needs, where);
  const { shape, cost } = ranking.best;
  return { ...shape, cost, outputs: placeStream(machine, needs, shape)!, ranking };
}

/** The plan and the next best shapes: what exact measurement decides between. */
export function streamFinalists(
  machine: Machine,
  needs: StreamNeeds,
  { ranking }: StreamPlan,
): readonly StreamPlan[] {
  return ranking.top.map(({ shape, cost }) => ({
    ...shape,
    cost,
    outputs: placeStream(machine, needs, shape)!,
    ranking,
  }));
}

/** Largest number of channel blocks that slices, parameters and weights allow. */
function mostBlocks(machine: Machine, needs: StreamNeeds, where: Place): number {
  const slots = machine.array.rows / machine.vector.lanes;
  const { parameter, weight } = machine.buffers;
  if (needs.parRows(1) > parameter.rows)
    throw tooSmall(where, 'par', 'buffers.parameter.rows', needs.parRows(1), parameter.rows);
  if (needs.wgtRows(1) > weight.rows)
    throw tooSmall(where, 'wgt', 'buffers.weight.rows', needs.wgtRows(1), weight.rows);
  let blocks = Math.min(Math.floor(MAXIMUM_SLICES / slots), MAXIMUM_COUNT);
  while (blocks > 1 && (needs.parRows(blocks) > parameter.rows || needs.wgtRows(blocks) > weight.rows))
    blocks--;
  return blocks;
}

/** Where output tiles go; undefined when a tile fits nowhere. */
function placeStream(
  machine: Machine,
  { geometry, operands }: StreamNeeds,
  tile: StreamShape,
): readonly Region[] | undefined {
  const regions = actRegions(machine);
  const pixels = tile.tileHeight * tile.tileWidth;
  const height = inputHeight(geometry.window, tile.tileHeight);
  const width = inputWidth(geometry.window, tile.tileWidth);
  const inputRows = tile.blocks * height * width * operands;
  if (inputRows > regions.inputs[0]!.rows || height > MAXIMUM_COUNT) return undefined;
  return [regions.outputs, regions.wholeOutput].find((r) => tile.blocks * pixels <= r[0]!.rows);
}

function streamCost(machine: Machine, needs: StreamNeeds, tile: StreamShape): NestCost {
  const { window, output, input } = needs.geometry;
  const height = inputHeight(window, tile.tileHeight);
  const width = inputWidth(window, tile.tileWidth);
  // The last group may be smaller.
  const blocks = output.blocks / Math.ceil(output.blocks / tile.blocks);
  const count =
    output.batch *
    Math.ceil(output.blocks / tile.blocks) *
    Math.ceil(output.height / tile.tileHeight) *
    Math.ceil(output.width / tile.tileWidth);
  const share = (output.batch * output.height * output.width * output.blocks) / count;
  const slices = share * (machine.array.rows / machine.vector.lanes) * needs.cyclesPerSlice;
  const groups = Math.ceil(output.blocks / tile.blocks);
  const load = loadStep(machine, 'act', count * needs.operands, boxRuns(input, { blocks, height, width }));
  const vector = vectorStep(count, slices);
  const outputBox = { blocks, height: tile.tileHeight, width: tile.tileWidth };
  const store = storeStep(machine, count, boxRuns(output, outputBox));
  const wgtRows = needs.wgtRows(tile.blocks);
  const weights = loadStep(machine, 'wgt', wgtRows > 0 ? groups : 0, { rows: wgtRows, runs: 1 });
  const parameters = loadStep(machine, 'par', needs.uniform ? 1 : groups, {
    rows: needs.parRows(tile.blocks),
    runs: 1,
  });
  const fill = fillStep(fillCount(needs.geometry, tile, groups), fillRows(needs.geometry, tile, tile.blocks));
  // The first pass has a whole group, where the average one is smaller.
  const full = loadStep(machine, 'act', 1, boxRuns(input, { blocks: tile.blocks, height, width }));
  const lastBlocks = output.blocks - (groups - 1) * tile.blocks;
  const pass = {
    load:
      parameters.cycles + weights.cycles + needs.operands * full.cycles + (fill.count > 0 ? fill.cycles : 0),
    matmul: 0,
    vector: vector.cycles * (tile.blocks / blocks),
    store: store.cycles,
  };
  return nestCost(machine, {
    steps: [load, weights, parameters, fill, vector, store],
    first: pass,
    last: { ...pass, load: 0, vector: vector.cycles * (lastBlocks / blocks) },
    waits: [],
    overlap: true,
  });
}

function refuse(machine: Machine, { geometry, operands }: StreamNeeds, where: Place): never {
  const height = inputHeight(geometry.window, 1);
  if (height > MAXIMUM_COUNT)
    throw new DiagnosticError([beyondField(where, 'window height', height, MAXIMUM_COUNT)]);
  const needed = height * inputWidth(geometry.window, 1) * operands;
  const available = actRegions(machine).inputs[0]!.rows;
  throw tooSmall(where, 'act', 'buffers.activation.rowsPerBank', needed, available);
}
