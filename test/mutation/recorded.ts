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
import { describeStop, type StopCase } from '../robustness/stops.js';
import type { OracleCase } from './cases.js';

export interface RecordedCase extends OracleCase {
  readonly run: Run;
  readonly layers: ReturnType<typeof layerBreakdown>;
  /** Checksum of every signal in every cycle of the array engine (test/trace holds the signals to the RTL); small cases only. */
  readonly signals?: readonly number[];
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
  return { ...c, run, layers, ...(small && { signals: signalChecksums(c, run) }) };
}

/** PE states of a run up to which all signals are compared. */
const WATCHED_STATES = 120_000;

/** Of the whole run, and of a window that ends within a matmul: after it the engine is on its own again. */
function signalChecksums(c: OracleCase, { cycles, trace }: Run): readonly number[] {
  const last = trace.findLast(({ index }) => c.program.instructions[index]!.mnemonic === 'matmul');
  return [cycles, last ? last.accept + 60 : 0].map((to) => signalChecksum(c, cycles, to));
}

/** FNV-1a over the values of all signals up to cycle `to`, and over DRAM at the end. */
function signalChecksum({ machine, program, dram }: OracleCase, cycles: number, to: number): number {
  let hash = 0x811c9dc5;
  let signals: readonly Signal[] = [];
  const probe: Probe = {
    from: 0,
    to,
    attach: (all) => {
      signals = all;
    },
    sample: (_, phase) => {
      for (const { read, phase: when } of signals) {
        if (when === phase) hash = Math.imul(hash ^ Number(read() ?? -1), 0x01000193) >>> 0;
      }
    },
  };
  const { dram: after } = simulateArray({ machine, program, dram, probe, cycleLimit: 2 * cycles + 1000 });
  for (const byte of after!) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
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
  if (c.signals !== undefined && !same(c.signals, signalChecksums(c, run)))
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
    return describeStop(error);
  }
}

/** Equal as JSON, with keys in the order in which the engines write them. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
