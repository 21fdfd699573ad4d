/**
 * Who waited for whom. In: a Program and the times of its Run. Out: the cycles that each instruction stood at the head of its
 * queue for want of a semaphore, by the signal that it waited for. Follows from the times alone: units take instructions in
 * order, and the n-th wait on a semaphore meets its n-th signal. A cycle in which several are missing counts for the lowest unit.
 */

import { InternalError } from '../../base/index.js';
import { type Program, type UnitName, unitIndex, unitNames, unitOf } from '../../compiler/isa/index.js';
import type { InstructionTiming, Run } from '../engine/index.js';

export interface Wait {
  /** Instruction that waits. */
  readonly index: number;
  readonly unit: UnitName;
  /** Unit waited for, and its instruction whose signal ended the wait. */
  readonly producer: UnitName;
  readonly signalledBy: number;
  /** Cycles [from, to) of the wait; to > from. */
  readonly from: number;
  readonly to: number;
}

type Times = Pick<Run, 'trace'>;

/** All waits of a run, in program order; those of one instruction follow one another. */
export function waitsOf(program: Program, run: Times): Wait[] {
  const signals = signalsOf(program, run);
  const taken = new Int32Array(16);
  const unitEnd = [-1, -1, -1, -1];
  return run.trace.flatMap((timing) => {
    const instruction = program.instructions[timing.index]!;
    const unit = unitIndex[unitOf(instruction)!];
    const waits: Wait[] = [];
    let cycle = Math.max(unitEnd[unit]!, timing.dispatch) + 1;
    unitEnd[unit] = timing.end;
    for (let producer = 0; producer < 4; producer++) {
      if (!((instruction.wait >> producer) & 1)) continue;
      const pair = 4 * producer + unit;
      const signal = signals[pair]![taken[pair]!++];
      if (!signal) throw new InternalError(`instruction ${timing.index} was accepted without its signal`);
      const to = Math.min(signal.end + 1, timing.accept);
      if (to <= cycle) continue;
      waits.push({
        index: timing.index,
        unit: unitNames[unit]!,
        producer: unitNames[producer]!,
        signalledBy: signal.index,
        from: cycle,
        to,
      });
      cycle = to;
    }
    return waits;
  });
}

/** For each pair 4 * producer + consumer the instructions that signal it, in order. */
function signalsOf(program: Program, run: Times): InstructionTiming[][] {
  const signals: InstructionTiming[][] = Array.from({ length: 16 }, () => []);
  for (const timing of run.trace) {
    const instruction = program.instructions[timing.index]!;
    const producer = unitIndex[unitOf(instruction)!];
    for (let consumer = 0; consumer < 4; consumer++) {
      if ((instruction.signal >> consumer) & 1) signals[4 * producer + consumer]!.push(timing);
    }
  }
  return signals;
}
