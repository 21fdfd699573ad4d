/**
 * A run as Chrome trace events: open the JSON in Perfetto (ui.perfetto.dev) or chrome://tracing. In: Machine, Program, Run. Out: one
 * track a unit and one for fetch; a slice an instruction, a slice a wait, and an arrow from each signal to the wait that it ends.
 * Times are microseconds of the machine's clock; the cycles stand in every slice's arguments.
 */

import { type Program, unitIndex, unitNames } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { InstructionTiming, Run } from '../engine/index.js';
import { type InstructionPlace, placesOf } from './place.js';
import { type Wait, waitsOf } from './waits.js';

/** One event of the Chrome trace-event format. `X`: a slice; `s`, `f`: ends of an arrow; `M`: a name. */
export interface TraceEvent {
  readonly ph: 'X' | 's' | 'f' | 'M';
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, string | number>>;
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ns';
  readonly otherData: Readonly<Record<string, string | number>>;
  readonly traceEvents: readonly TraceEvent[];
}

const PROCESS = 1;
/** Track of the fetch unit; units have theirs below. */
const FETCH_TRACK = 1;
const unitTrack = (unit: keyof typeof unitIndex) => 2 + unitIndex[unit];

/** The timeline of a run. Slices of one track never overlap. */
export function timelineOf(machine: Machine, program: Program, run: Run): ChromeTrace {
  const microseconds = (cycles: number) => cycles / machine.clockMegahertz;
  const placeOf = placesOf(program);
  const slices = run.trace.flatMap((timing) => instructionSlices(placeOf(timing.index), timing));
  const times = new Map(run.trace.map((timing) => [timing.index, timing]));
  const waits = waitsOf(program, run).flatMap((wait, id) => [
    waitSlice(placeOf(wait.index), placeOf(wait.signalledBy), wait),
    ...arrow(wait, times.get(wait.signalledBy)!, id),
  ]);
  const timed = [...slices, ...waits].map(
    ({ from, cycles, ...event }): TraceEvent => ({
      ...event,
      ts: microseconds(from),
      ...(cycles !== undefined && { dur: microseconds(cycles) }),
    }),
  );
  return {
    displayTimeUnit: 'ns',
    otherData: {
      network: program.name,
      machine: machine.name,
      engine: run.engine,
      cycles: run.cycles,
      clockMegahertz: machine.clockMegahertz,
    },
    traceEvents: [...trackNames(program, machine), ...timed],
  };
}

/** An event in cycles. */
interface CycleEvent extends Omit<TraceEvent, 'ts' | 'dur'> {
  readonly from: number;
  readonly cycles?: number;
}

function instructionSlices(place: InstructionPlace, timing: InstructionTiming): CycleEvent[] {
  const name = place.layer === '' ? place.mnemonic : `${place.mnemonic} ${place.layer}`;
  const args = { ...placeArguments(place), ...timing, cycles: timing.end - timing.accept };
  const common = { ph: 'X', name, pid: PROCESS, args } as const;
  if (place.unit === 'fetch') return [];
  return [
    { ...common, cat: 'dispatch', tid: FETCH_TRACK, from: timing.dispatch, cycles: 1 },
    {
      ...common,
      cat: 'run',
      tid: unitTrack(place.unit),
      from: timing.accept + 1,
      cycles: timing.end - timing.accept,
    },
  ];
}

function waitSlice(place: InstructionPlace, cause: InstructionPlace, wait: Wait): CycleEvent {
  return {
    ph: 'X',
    name: `wait for ${wait.producer}`,
    cat: 'wait',
    pid: PROCESS,
    tid: unitTrack(wait.unit),
    from: wait.from,
    cycles: wait.to - wait.from,
    args: {
      ...placeArguments(place),
      cycles: wait.to - wait.from,
      from: wait.from,
      to: wait.to,
      waitsForInstruction: cause.index,
      waitsForText: cause.text,
      waitsForLayer: cause.layer,
      waitsForLine: cause.line,
    },
  };
}

/** From the slice whose end signals to the slice of the instruction that waited. */
function arrow(wait: Wait, signalledBy: InstructionTiming, id: number): CycleEvent[] {
  const common = { name: 'signal', cat: 'signal', pid: PROCESS, id } as const;
  return [
    { ...common, ph: 's', tid: unitTrack(wait.producer), from: signalledBy.end },
    { ...common, ph: 'f', bp: 'e', tid: unitTrack(wait.unit), from: wait.to - 1 },
  ];
}

function placeArguments(place: InstructionPlace): Record<string, string | number> {
  return {
    instruction: place.index,
    node: place.node,
    operator: place.operator,
    layer: place.layer,
    tile: `${place.tile + 1} of ${place.tiles}`,
    dataflowLine: place.line,
    text: place.text,
  };
}

function trackNames(program: Program, machine: Machine): TraceEvent[] {
  const meta = (name: string, tid: number, args: Record<string, string | number>): TraceEvent => ({
    ph: 'M',
    name,
    pid: PROCESS,
    tid,
    args,
  });
  const tracks = [['fetch', FETCH_TRACK] as const, ...unitNames.map((u) => [u, unitTrack(u)] as const)];
  return [
    meta('process_name', 0, { name: `${program.name} on ${machine.name}` }),
    ...tracks.flatMap(([name, tid]) => [
      meta('thread_name', tid, { name }),
      meta('thread_sort_index', tid, { sort_index: tid }),
    ]),
  ];
}
