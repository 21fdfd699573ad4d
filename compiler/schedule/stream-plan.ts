/**
 * How an operator of the vector unit is cut up: boxes of channel blocks and pixels stream from DRAM through the vector unit and
 * back. In: geometry, what a tile needs beside its pixels, a Machine. Out: the plan of least estimated cycles, or the buffer that
 * even one block of one pixel does not fit.
 */

import { DiagnosticError, type Place } from '../../base/index.js';
import { type NestCost, nestCost } from '../../models/analytic/index.js';
import type { Machine } from '../../models/machine/index.js';
import { actRegions, type Region } from './act.js';
import { extents, groupSizes } from './candidates.js';
import { MAXIMUM_COUNT, tooSmall } from './conv-plan.js';
import { beyondField } from './diagnostics.js';
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
  readonly cycles: number;
  readonly cost: NestCost;
}

/** `slices` has 9 bits. */
const MAXIMUM_SLICES = 511;

export function planStream(machine: Machine, needs: StreamNeeds, where: Place): StreamPlan {
  const { output } = needs.geometry;
  const most = Math.min(mostBlocks(machine, needs, where), output.blocks);
  let found: StreamPlan | undefined;
  for (const blocks of groupSizes(output.blocks, 1, most)) {
    for (const tileWidth of extents(output.width, MAXIMUM_COUNT)) {
      for (const tileHeight of extents(output.height, MAXIMUM_COUNT)) {
        const plan = candidate(machine, needs, { blocks, tileHeight, tileWidth });
        if (plan !== undefined && (found === undefined || plan.cycles < found.cycles)) found = plan;
      }
    }
  }
  return found ?? refuse(machine, needs, where);
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

function candidate(
  machine: Machine,
  needs: StreamNeeds,
  tile: Pick<StreamPlan, 'blocks' | 'tileHeight' | 'tileWidth'>,
): StreamPlan | undefined {
  const regions = actRegions(machine);
  const { window, output, input } = needs.geometry;
  const pixels = tile.tileHeight * tile.tileWidth;
  const height = inputHeight(window, tile.tileHeight);
  const width = inputWidth(window, tile.tileWidth);
  const fitsInput = tile.blocks * height * width * needs.operands <= regions.inputs[0]!.rows;
  const outputs = [regions.outputs, regions.wholeOutput].find((r) => tile.blocks * pixels <= r[0]!.rows);
  if (!fitsInput || outputs === undefined || height > MAXIMUM_COUNT) return undefined;
  // The last group may be smaller.
  const blocks = output.blocks / Math.ceil(output.blocks / tile.blocks);
  const count =
    output.batch *
    Math.ceil(output.blocks / tile.blocks) *
    Math.ceil(output.height / tile.tileHeight) *
    Math.ceil(output.width / tile.tileWidth);
  const share = (output.batch * output.height * output.width * output.blocks) / count;
  const slices = share * (machine.array.rows / machine.vector.lanes) * needs.cyclesPerSlice;
  const load = {
    unit: 'load',
    buffer: 'act',
    count: count * needs.operands,
    transfer: boxRuns(input, { blocks, height, width }),
  } as const;
  const vector = { unit: 'vector', count, slices } as const;
  const store = {
    unit: 'store',
    count,
    transfer: boxRuns(output, { blocks, height: tile.tileHeight, width: tile.tileWidth }),
  } as const;
  const weights = {
    unit: 'load',
    buffer: 'wgt',
    count: needs.wgtRows(1) > 0 ? Math.ceil(output.blocks / tile.blocks) : 0,
    transfer: { rows: needs.wgtRows(tile.blocks), runs: 1 },
  } as const;
  const groups = Math.ceil(output.blocks / tile.blocks);
  const parameters = {
    unit: 'load',
    buffer: 'par',
    count: needs.uniform ? 1 : groups,
    transfer: { rows: needs.parRows(tile.blocks), runs: 1 },
  } as const;
  const fill = {
    unit: 'fill',
    count: fillCount(needs.geometry, tile, groups),
    rows: fillRows(needs.geometry, tile, tile.blocks),
  } as const;
  const one = { count: 1 };
  const full = { blocks: Math.min(tile.blocks, output.blocks), width };
  const whole = tile.blocks / blocks;
  const pass = {
    load: [
      { ...parameters, ...one },
      { ...weights, count: Math.min(1, weights.count) },
      { ...load, count: needs.operands, transfer: boxRuns(input, { ...full, height }) },
    ],
    matmul: [],
    vector: [{ ...vector, ...one, slices: slices * whole }],
    store: [{ ...store, ...one }],
  };
  const cost = nestCost(machine, {
    steps: [load, weights, parameters, fill, vector, store],
    first: pass,
    last: { ...pass, load: [] },
    waits: [],
    overlap: true,
  });
  return { ...tile, outputs, cycles: cost.score, cost };
}

function refuse(machine: Machine, { geometry, operands }: StreamNeeds, where: Place): never {
  const height = inputHeight(geometry.window, 1);
  if (height > MAXIMUM_COUNT)
    throw new DiagnosticError([beyondField(where, 'window height', height, MAXIMUM_COUNT)]);
  const needed = height * inputWidth(geometry.window, 1) * operands;
  const available = actRegions(machine).inputs[0]!.rows;
  throw tooSmall(where, 'act', 'buffers.activation.rowsPerBank', needed, available);
}
