/**
 * Semaphores that count past their 8 bits. In: the times of a run. Out: nothing, or EngineStop at the end of the instruction that gives one too
 * many. Only a pair of units with more than 255 signals can overflow, so most programs are not looked at twice.
 */

import { type Instruction, unitNames } from '../../compiler/isa/index.js';
import { EngineStop } from '../engine/index.js';

const SEMAPHORE_MAXIMUM = 255;

interface Times {
  /** Signals given by pair of units, entry 4 * producer + consumer. */
  readonly signals: readonly ArrayLike<unknown>[];
  /** Unit of each instruction. */
  readonly unit: ArrayLike<number>;
  readonly accept: ArrayLike<number>;
  readonly end: ArrayLike<number>;
}

/** @throws EngineStop ('illegal') naming the unit that signals and the first cycle in which any semaphore would pass 255. */
export function refuseOverflow(instructions: readonly Instruction[], times: Times): void {
  let first: { readonly cycle: number; readonly unit: number } | undefined;
  for (const [pair, { length }] of times.signals.entries()) {
    if (length <= SEMAPHORE_MAXIMUM) continue;
    const unit = pair >> 2;
    const cycle = overflowCycle(instructions, times, unit, pair & 3);
    if (cycle >= 0 && (first === undefined || cycle < first.cycle)) first = { cycle, unit };
  }
  if (!first) return;
  const name = unitNames[first.unit]!;
  throw new EngineStop('illegal', first.cycle, name, `${name} signals a semaphore past ${SEMAPHORE_MAXIMUM}`);
}

/** Signal k overflows when the wait that takes the one 255 before it comes later (in one cycle the two cancel); -1: none does. */
function overflowCycle(
  instructions: readonly Instruction[],
  { unit, accept, end }: Times,
  producer: number,
  consumer: number,
): number {
  const gives: number[] = [];
  const takes: number[] = [];
  for (let i = 0; i < unit.length; i++) {
    const { wait, signal } = instructions[i]!;
    if (unit[i] === producer && (signal >> consumer) & 1) gives.push(end[i]!);
    if (unit[i] === consumer && (wait >> producer) & 1) takes.push(accept[i]!);
  }
  return (
    gives.find((at, k) => {
      if (k < SEMAPHORE_MAXIMUM) return false;
      const taken = takes[k - SEMAPHORE_MAXIMUM];
      return taken === undefined || taken > at;
    }) ?? -1
  );
}
