/**
 * A run split by layer. A layer is complete when its last instruction, and every earlier layer, has ended; its cycles are those
 * from the completion of the layer before to its own, so that layers add up to the run exactly (the last one takes the
 * cycles up to `done`). Layers overlap in the hardware: a layer that is all hidden behind the one before has few cycles.
 */

import { type Program, type UnitName, unitNames, unitOf } from '../../compiler/isa/index.js';
import type { Activity } from '../../models/activity/index.js';
import type { BufferName, Machine } from '../../models/machine/index.js';
import type { Run } from '../engine/index.js';
import { addCounts, type Counts, countInstruction, emptyCounts, toActivity } from '../engine/index.js';
import { type CycleCause, causeIntervals, coveredCycles, cycleCauses } from './causes.js';
import { instructionTime } from './durations-of.js';

export interface LayerBreakdown {
  /** From the completion of the layers before to this one's. */
  readonly cycles: number;
  /** Of `cycles`, those in which neither matmul nor vector runs. */
  readonly stallCycles: number;
  /** `cycles` by what they went to (`causes.ts`); they add up to it. */
  readonly causes: Readonly<Record<CycleCause, number>>;
  /** Running cycles of this layer's instructions on each unit, whenever they ran. */
  readonly busyCycles: Readonly<Record<UnitName, number>>;
  /** Events of this layer's instructions; DRAM bytes without instruction fetch. */
  readonly activity: Activity;
  /** DRAM bytes read, by the buffer that they were loaded into. */
  readonly loadedBytes: Readonly<Record<BufferName, number>>;
}

const loadTargets = ['act', 'wgt', 'par', 'lut'] as const;

/** One entry a layer of the program. */
export function layerBreakdown(machine: Machine, program: Program, run: Run): LayerBreakdown[] {
  const parts = program.layers.map(() => ({
    counts: emptyCounts(),
    busy: [0, 0, 0, 0],
    loaded: { act: 0, wgt: 0, par: 0, lut: 0 },
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
    const counts = countInstruction(machine, instruction, instructionTime(machine, instruction).beats);
    addCounts(part.counts, counts);
    if (instruction.mnemonic === 'load')
      part.loaded[loadTargets[instruction.fields.buffer]!] += counts.read.dram;
  }
  const intervals = causeIntervals(program, run);
  let completed = 0;
  return parts.map((part, index) => {
    const last = index === parts.length - 1;
    const until = last ? run.cycles : Math.max(completed, part.end + 1);
    const causes = Object.fromEntries(
      cycleCauses.map((cause) => [cause, coveredCycles(intervals.get(cause)!, completed, until)]),
    ) as Record<CycleCause, number>;
    const cycles = until - completed;
    completed = until;
    const breakdown = describe(part, program.layers[index]!.macs, cycles, causes);
    const toggles = run.layerToggles?.[index];
    return toggles ? { ...breakdown, activity: { ...breakdown.activity, toggles } } : breakdown;
  });
}

interface Part {
  readonly counts: Counts;
  readonly busy: readonly number[];
  readonly loaded: Readonly<Record<BufferName, number>>;
  readonly instructions: number;
}

function describe(
  part: Part,
  usefulMacs: number,
  cycles: number,
  causes: Readonly<Record<CycleCause, number>>,
): LayerBreakdown {
  const [load = 0, matmul = 0, vector = 0, store = 0] = part.busy;
  const whole = { cycles, usefulMacs, instructions: part.instructions, fetchedBytes: 0 };
  return {
    cycles,
    stallCycles: cycles - causes.array - causes.vector,
    causes,
    busyCycles: { load, matmul, vector, store },
    activity: toActivity(part.counts, whole),
    loadedBytes: part.loaded,
  };
}
