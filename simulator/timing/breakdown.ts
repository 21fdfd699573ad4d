/**
 * A run split by layer. A layer is complete when its last instruction, and every earlier layer, has ended; its cycles are those
 * from the completion of the layer before to its own, so that layers add up to the run exactly (the last one takes the
 * cycles up to `done`). Layers overlap in the hardware: a layer that is all hidden behind the one before has few cycles.
 */

import { type Program, type UnitName, unitNames, unitOf } from '../../compiler/isa/index.js';
import type { Activity } from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Run } from '../engine/index.js';
import { addCounts, type Counts, countInstruction, emptyCounts, toActivity } from '../engine/index.js';
import { instructionTime } from './durations-of.js';

export interface LayerBreakdown {
  /** From the completion of the layers before to this one's. */
  readonly cycles: number;
  /** Of `cycles`, those in which neither matmul nor vector runs. */
  readonly stallCycles: number;
  /** Running cycles of this layer's instructions on each unit, whenever they ran. */
  readonly busyCycles: Readonly<Record<UnitName, number>>;
  /** Events of this layer's instructions; DRAM bytes without instruction fetch. */
  readonly activity: Activity;
}

/** One entry a layer of the program. */
export function layerBreakdown(machine: Machine, program: Program, run: Run): LayerBreakdown[] {
  const parts = program.layers.map(() => ({
    counts: emptyCounts(),
    busy: [0, 0, 0, 0],
    end: -1,
    instructions: 0,
  }));
  for (const { index, accept, end } of run.trace) {
    const part = parts[program.layerOf[index]!];
    if (part === undefined) continue;
    const instruction = program.instructions[index]!;
    const unit = unitNames.indexOf(unitOf(instruction)!);
    part.busy[unit]! += end - accept;
    part.end = Math.max(part.end, end);
    part.instructions++;
    addCounts(
      part.counts,
      countInstruction(machine, instruction, instructionTime(machine, instruction).beats),
    );
  }
  const computing = computeIntervals(program, run);
  let completed = 0;
  return parts.map((part, index) => {
    const last = index === parts.length - 1;
    const until = last ? run.cycles : Math.max(completed, part.end + 1);
    const cycles = until - completed;
    const stallCycles = cycles - covered(computing, completed, until);
    completed = until;
    const breakdown = describe(part, program.layers[index]!.macs, cycles, stallCycles);
    const toggles = run.layerToggles?.[index];
    return toggles ? { ...breakdown, activity: { ...breakdown.activity, toggles } } : breakdown;
  });
}

function describe(
  part: { counts: Counts; busy: number[]; instructions: number },
  usefulMacs: number,
  cycles: number,
  stallCycles: number,
): LayerBreakdown {
  const [load = 0, matmul = 0, vector = 0, store = 0] = part.busy;
  const whole = { cycles, usefulMacs, instructions: part.instructions, fetchedBytes: 0 };
  return {
    cycles,
    stallCycles,
    busyCycles: { load, matmul, vector, store },
    activity: toActivity(part.counts, whole),
  };
}

type Interval = readonly [from: number, to: number];

/** Disjoint intervals [from, to) in which matmul or vector runs, in order. */
function computeIntervals(program: Program, run: Run): Interval[] {
  const running = run.trace
    .filter(({ index }) => ['matmul', 'vector'].includes(unitOf(program.instructions[index]!)!))
    .map(({ accept, end }): Interval => [accept + 1, end + 1])
    .sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of running) {
    const top = merged.at(-1);
    if (top !== undefined && from <= top[1]) top[1] = Math.max(top[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Cycles of [from, until) that lie in the intervals. */
function covered(intervals: readonly Interval[], from: number, until: number): number {
  let sum = 0;
  for (const [start, stop] of intervals) sum += Math.max(0, Math.min(stop, until) - Math.max(start, from));
  return sum;
}
