/**
 * The contract of the three engines. In: a Machine, a Program and, where values are computed, DRAM contents. Out: a Run.
 * Law 2: `cycles` and `trace` are equal on every engine, exactly. Law 1: so is `dram`, where the engine computes values.
 */

import type { Program, UnitName } from '../../compiler/isa/index.js';
import type { Activity, Toggles } from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Probe } from './probe.js';

export interface RunRequest {
  readonly machine: Machine;
  readonly program: Program;
  /**
   * DRAM contents at the start, `program.dramBytes` long, with constants, instruction words and inputs in place (see
   * `initialDram`). Engines copy it. Not needed by the timing engine.
   */
  readonly dram?: Uint8Array;
  /** Stop with an error (at this cycle) when the run is not done by then (default: a bound from the timing engine, or 2^40). */
  readonly cycleLimit?: number;
  readonly onProgress?: (cycle: number) => void;
  /** Looks at signals during the run; engines without signals (timing) never attach it. */
  readonly probe?: Probe;
  /** Count the toggles of the array's registers (array engine; the others have none to report). Off: nothing is paid. */
  readonly toggles?: boolean;
}

/** Times of one instruction, cycles from the start of the run (see docs/microarchitecture.md for the exact events). */
export interface InstructionTiming {
  /** Index in the program. */
  readonly index: number;
  /** Cycle in which it enters its unit's queue. */
  readonly dispatch: number;
  /** Cycle in which the unit takes it from the queue. */
  readonly accept: number;
  /** Last cycle in which the unit is busy with it; it signals in this cycle. */
  readonly end: number;
}

/** Cycles of one unit over a run; the four add up to the run's cycles. */
export interface UnitCycles {
  readonly busy: number;
  /** Head of queue present, a semaphore missing: by the unit waited for (lowest unit number first). */
  readonly waiting: Readonly<Record<UnitName, number>>;
  /** Queue empty. */
  readonly idle: number;
}

export interface Run {
  readonly engine: 'timing' | 'array' | 'rtl';
  /** Cycles from the start pulse to done. */
  readonly cycles: number;
  /** One entry an instruction, in program order (`end` excluded). */
  readonly trace: readonly InstructionTiming[];
  readonly units: Readonly<Record<UnitName, UnitCycles>>;
  readonly activity: Activity;
  /**
   * DRAM at the end; engines that compute values only. Results that the program left in act (`kept` of its layers) stand in the places of
   * their tensors, as they were when the instructions that made them ended.
   */
  readonly dram?: Uint8Array;
  /** Where toggles were counted: those of each of the program's layers, in its matmul instructions; `activity` has their sum. */
  readonly layerToggles?: readonly Toggles[];
}

export interface Engine {
  readonly name: 'timing' | 'array' | 'rtl';
  /** Throws EngineStop when the program cannot finish. */
  run(request: RunRequest): Promise<Run>;
}

/** A run that could not finish: where and why. Every engine stops instead of hanging. */
export class EngineStop extends Error {
  override readonly name = 'EngineStop';
  constructor(
    readonly reason: 'deadlock' | 'cycle-limit' | 'bus-error' | 'illegal',
    readonly cycle: number,
    readonly unit: UnitName | 'fetch',
    message: string,
  ) {
    super(message);
  }
}
