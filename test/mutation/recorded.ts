/**
 * What the engines must give, recorded by the unchanged tree. The recordings of programs are those that the Verilog oracle demands of Icarus
 * (same cases), so a difference is a difference from the RTL; the stops are stated by hand.
 */

import type { Program } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateArray } from '../../simulator/array/index.js';
import {
  EngineStop,
  interpretProgram,
  type Probe,
  type Run,
  type Signal,
} from '../../simulator/engine/index.js';
import { layerBreakdown, simulateTiming } from '../../simulator/timing/index.js';
import type { StopCase } from '../robustness/stops.js';
import type { OracleCase } from './cases.js';

export interface RecordedCase extends OracleCase {
  readonly run: Run;
  readonly layers: ReturnType<typeof layerBreakdown>;
  /** Checksum of every signal in every cycle of the array engine (test/trace holds the signals to the RTL); small cases only. */
  readonly signals?: number;
}

/** A program whose values are not the business of these engines: its times come from test/verilog/predict.ts. */
export interface TimedCase {
  readonly name: string;
  readonly machine: Machine;
  readonly program: Program;
  readonly cycles: number;
  readonly times: readonly { readonly dispatch: number; readonly accept: number; readonly end: number }[];
}

export interface Recorded {
  readonly cases: readonly RecordedCase[];
  readonly timed: readonly TimedCase[];
  readonly stops: readonly StopCase[];
}

/** The case with its run and its layers' shares. */
export function record(c: OracleCase): RecordedCase {
  const run = simulateTiming(c.machine, c.program);
  const { rows, columns } = c.machine.array;
  const small = rows * columns * run.cycles < WATCHED_STATES;
  const layers = layerBreakdown(c.machine, c.program, run);
  return { ...c, run, layers, ...(small && { signals: signalChecksum(c) }) };
}

/** PE states of a run up to which all signals are compared. */
const WATCHED_STATES = 40_000;

/** FNV-1a over the values of all signals in all cycles. */
function signalChecksum({ machine, program, dram }: OracleCase): number {
  let hash = 0x811c9dc5;
  let signals: readonly Signal[] = [];
  const probe: Probe = {
    from: 0,
    to: Number.POSITIVE_INFINITY,
    attach: (all) => {
      signals = all;
    },
    sample: (_, phase) => {
      for (const { read, phase: when } of signals) {
        if (when === phase) hash = Math.imul(hash ^ Number(read() ?? -1), 0x01000193) >>> 0;
      }
    },
  };
  simulateArray({ machine, program, dram, probe, cycleLimit: 2 ** 20 });
  return hash;
}

/** Where this tree's engines first differ; undefined where they do not. */
export function firstDifference({ cases, timed, stops }: Recorded): string | undefined {
  for (const stop of stops) {
    const found = differenceOfStop(stop);
    if (found) return found;
  }
  for (const c of cases) {
    const found = differenceOfCase(c);
    if (found) return found;
  }
  for (const c of timed) {
    const { cycles, trace } = simulateTiming(c.machine, c.program);
    const times = trace.map(({ dispatch, accept, end }) => ({ dispatch, accept, end }));
    if (!same({ cycles, times }, { cycles: c.cycles, times: c.times })) return `${c.name}: timing`;
  }
  return undefined;
}

function differenceOfCase(c: RecordedCase): string | undefined {
  const { name, machine, program, dram, golden, run, layers } = c;
  const timing = simulateTiming(machine, program);
  if (!same(timing, run)) return `${name}: timing engine`;
  if (!same(layerBreakdown(machine, program, timing), layers)) return `${name}: shares of the layers`;
  if (!sameBytes(interpretProgram(machine, program, dram), golden)) return `${name}: interpreter's DRAM`;
  const { dram: after, ...array } = simulateArray({
    machine,
    program,
    dram,
    cycleLimit: 2 * run.cycles + 1000,
  });
  if (!same(array, { ...run, engine: 'array' })) return `${name}: array engine`;
  if (c.signals !== undefined && c.signals !== signalChecksum(c))
    return `${name}: signals of the array engine`;
  return sameBytes(after!, golden) ? undefined : `${name}: array engine's DRAM`;
}

function differenceOfStop(stop: StopCase): string | undefined {
  const runs = {
    timing: () => simulateTiming(stop.machine, stop.program),
    array: () => simulateArray({ ...stop, cycleLimit: 5000 }),
    interpreter: () => interpretProgram(stop.machine, stop.program, stop.dram),
  };
  for (const engine of ['timing', 'array', 'interpreter'] as const) {
    const wanted = stop.stops[engine];
    if (wanted && !same(outcome(runs[engine]), wanted)) return `${stop.name}: ${engine} engine`;
  }
  return undefined;
}

function outcome(run: () => unknown): unknown {
  try {
    run();
    return 'ran to its end';
  } catch (error) {
    if (!(error instanceof EngineStop)) throw error;
    const { reason, unit, cycle } = error;
    return { reason, unit, cycle };
  }
}

/** Equal as JSON, with keys in the order in which the engines write them. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
