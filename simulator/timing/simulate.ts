/**
 * The timing engine: exact cycles of a whole program, without values. Every event is a maximum of sums of earlier ones,
 * so the program is walked once per instruction, in any order that respects what each event waits for: fetch dispatches in
 * program order, units accept in queue order, the n-th wait on a semaphore meets its n-th signal. No loop over cycles.
 */

import {
  type Instruction,
  type Program,
  type UnitName,
  unitIndex,
  unitNames,
  unitOf,
} from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import {
  addCounts,
  countInstruction,
  type Engine,
  EngineStop,
  emptyCounts,
  type InstructionTiming,
  type Run,
  toActivity,
  type UnitCycles,
} from '../engine/index.js';
import { instructionTime } from './durations-of.js';
import { FetchTimes } from './fetch.js';
import { refuseOverflow } from './overflow.js';

const UNITS = unitNames.length;
const FETCH = -1;

/** Cycles, trace and activity of a program. @throws EngineStop on a deadlock or a missing `end`. */
export function simulateTiming(machine: Machine, program: Program): Run {
  return new TimingSimulation(machine, program).run();
}

export const timingEngine: Engine = {
  name: 'timing',
  run: ({ machine, program, cycleLimit }) =>
    Promise.resolve().then(() => {
      const run = simulateTiming(machine, program);
      if (cycleLimit !== undefined && run.cycles > cycleLimit)
        throw new EngineStop('cycle-limit', cycleLimit, 'fetch', `not done after ${cycleLimit} cycles`);
      return run;
    }),
};

class TimingSimulation {
  private readonly count: number;
  private readonly unit: Int8Array;
  private readonly duration: Float64Array;
  /** Cycle of each transfer's last beat after its accept; NaN for other instructions. */
  private readonly lastBeat: Float64Array;
  private readonly dispatch: Float64Array;
  private readonly accept: Float64Array;
  private readonly end: Float64Array;
  /** Instructions of each unit in program order, and how many were dispatched and accepted. */
  private readonly queues: number[][] = Array.from({ length: UNITS }, () => []);
  private readonly dispatched = new Int32Array(UNITS);
  private readonly accepted = new Int32Array(UNITS);
  /** Last running cycle of each unit so far. */
  private readonly unitEnd = new Float64Array(UNITS).fill(-1);
  /** Per pair producer * UNITS + consumer: cycles from which each signal is visible, and how many were taken. */
  private readonly signals: number[][] = Array.from({ length: UNITS * UNITS }, () => []);
  private readonly taken = new Int32Array(UNITS * UNITS);
  private readonly waiting = new Float64Array(UNITS * UNITS);
  private readonly busy = new Float64Array(UNITS);
  private readonly fetch: FetchTimes;
  private readonly counts = emptyCounts();
  private fetched = 0;
  /** Cycle of the latest beat on the port of load (reads) and store (writes), by unit. */
  private readonly portBeat = new Float64Array(UNITS).fill(Number.NEGATIVE_INFINITY);

  constructor(
    private readonly machine: Machine,
    private readonly program: Program,
  ) {
    const { instructions } = program;
    const end = instructions.findIndex((instruction) => instruction.mnemonic === 'end');
    if (end < 0) throw new EngineStop('illegal', 0, 'fetch', 'the program has no `end`');
    this.count = end + 1;
    this.unit = new Int8Array(this.count);
    this.duration = new Float64Array(this.count);
    this.lastBeat = new Float64Array(this.count);
    this.dispatch = new Float64Array(this.count);
    this.accept = new Float64Array(this.count);
    this.end = new Float64Array(this.count);
    this.fetch = new FetchTimes(machine, this.dispatch);
    for (let i = 0; i < this.count; i++) this.prepare(i, instructions[i]!);
  }

  private prepare(index: number, instruction: Instruction): void {
    const name = unitOf(instruction);
    const { cycles, beats, lastBeat = Number.NaN } = instructionTime(this.machine, instruction);
    this.unit[index] = name === undefined ? FETCH : unitIndex[name];
    this.duration[index] = cycles;
    this.lastBeat[index] = lastBeat;
    addCounts(this.counts, countInstruction(this.machine, instruction, beats));
    if (name !== undefined) this.queues[unitIndex[name]]!.push(index);
  }

  run(): Run {
    for (let progress = true; progress; ) {
      progress = this.dispatchAll();
      for (let unit = 0; unit < UNITS; unit++) progress = this.acceptAll(unit) || progress;
    }
    if (this.fetched < this.count || this.accepted.some((n, unit) => n < this.queues[unit]!.length))
      this.deadlock();
    const last = this.unitEnd.reduce((latest, end) => Math.max(latest, end), this.dispatch[this.count - 1]!);
    const { signals, unit, accept, end } = this;
    refuseOverflow(this.program.instructions, { signals, unit, accept, end });
    return this.result(last + 1);
  }

  /** Dispatches until a queue is full or a word's predecessor is not known yet. */
  private dispatchAll(): boolean {
    const before = this.fetched;
    while (this.fetched < this.count && this.dispatchNext(this.fetched)) this.fetched++;
    return this.fetched > before;
  }

  private dispatchNext(index: number): boolean {
    const unit = this.unit[index]!;
    let room = 0;
    if (unit !== FETCH) {
      const blocker = this.dispatched[unit]! - this.machine.queueDepth;
      if (blocker >= this.accepted[unit]!) return false;
      if (blocker >= 0) room = this.accept[this.queues[unit]![blocker]!]! + 1;
      this.dispatched[unit]!++;
    }
    const previous = index === 0 ? 0 : this.dispatch[index - 1]! + 1;
    this.dispatch[index] = Math.max(previous, this.fetch.arrival(index) + 1, room);
    return true;
  }

  private acceptAll(unit: number): boolean {
    const before = this.accepted[unit]!;
    while (this.accepted[unit]! < this.dispatched[unit]! && this.acceptNext(unit)) this.accepted[unit]!++;
    return this.accepted[unit]! > before;
  }

  private acceptNext(unit: number): boolean {
    const index = this.queues[unit]![this.accepted[unit]!]!;
    const { wait, signal } = this.program.instructions[index]!;
    if (!this.signalsKnown(unit, wait)) return false;
    const accept = this.waitFor(unit, wait, Math.max(this.unitEnd[unit]! + 1, this.dispatch[index]! + 1));
    const end = accept + this.durationFrom(index, accept);
    this.accept[index] = accept;
    this.end[index] = end;
    this.unitEnd[unit] = end;
    this.busy[unit]! += end - accept;
    for (let consumer = 0; consumer < UNITS; consumer++) {
      if (signal & (1 << consumer)) this.signals[unit * UNITS + consumer]!.push(end + 1);
    }
    return true;
  }

  /** D; beats of a port keep their distance from one transfer to the next, so D may have to be worked out at accept. */
  private durationFrom(index: number, accept: number): number {
    if (Number.isNaN(this.lastBeat[index]!)) return this.duration[index]!;
    const unit = this.unit[index]!;
    const since = this.portBeat[unit]! - accept;
    if (since + this.machine.memory.cyclesPerBeat > 0) {
      const late = instructionTime(this.machine, this.program.instructions[index]!, since);
      this.duration[index] = late.cycles;
      this.lastBeat[index] = late.lastBeat!;
    }
    this.portBeat[unit] = accept + this.lastBeat[index]!;
    return this.duration[index]!;
  }

  private signalsKnown(unit: number, wait: number): boolean {
    for (let producer = 0; producer < UNITS; producer++) {
      const pair = producer * UNITS + unit;
      if (wait & (1 << producer) && this.taken[pair]! >= this.signals[pair]!.length) return false;
    }
    return true;
  }

  /** First cycle from `from` on with every awaited semaphore above zero; books the cycles spent on each. */
  private waitFor(unit: number, wait: number, from: number): number {
    let cycle = from;
    for (let producer = 0; producer < UNITS; producer++) {
      if (!(wait & (1 << producer))) continue;
      const pair = producer * UNITS + unit;
      const ready = this.signals[pair]![this.taken[pair]!]!;
      this.taken[pair]!++;
      if (ready <= cycle) continue;
      this.waiting[unit * UNITS + producer]! += ready - cycle;
      cycle = ready;
    }
    return cycle;
  }

  /** Nothing can move: the lowest unit with work left names the fault. */
  private deadlock(): never {
    const unit = this.accepted.findIndex((n, u) => n < this.dispatched[u]!);
    const cycle = Math.max(0, ...this.unitEnd, this.fetched > 0 ? this.dispatch[this.fetched - 1]! : 0);
    const index = this.queues[Math.max(unit, 0)]![this.accepted[Math.max(unit, 0)]!] ?? this.fetched;
    const what = this.program.instructions[index]!.mnemonic;
    throw new EngineStop(
      'deadlock',
      cycle,
      unitNames[unit] ?? 'fetch',
      `instruction ${index} (${what}) waits for a signal that never comes`,
    );
  }

  private result(cycles: number): Run {
    const trace: InstructionTiming[] = [];
    for (let index = 0; index < this.count; index++) {
      if (this.unit[index] === FETCH) continue;
      trace.push({
        index,
        dispatch: this.dispatch[index]!,
        accept: this.accept[index]!,
        end: this.end[index]!,
      });
    }
    const fetchedBytes = this.fetch.bytesAskedFor(this.count - 1);
    const macs = this.program.layers.reduce((sum, layer) => sum + layer.macs, 0);
    return {
      engine: 'timing',
      cycles,
      trace,
      units: this.unitCycles(cycles),
      activity: toActivity(this.counts, {
        cycles,
        usefulMacs: macs,
        instructions: trace.length,
        fetchedBytes,
      }),
    };
  }

  private unitCycles(cycles: number): Record<UnitName, UnitCycles> {
    const of = (unit: number): UnitCycles => {
      const waiting = Object.fromEntries(
        unitNames.map((name, p) => [name, this.waiting[unit * UNITS + p]!]),
      ) as Record<UnitName, number>;
      const waited = unitNames.reduce((sum, name) => sum + waiting[name], 0);
      return { busy: this.busy[unit]!, waiting, idle: cycles - this.busy[unit]! - waited };
    };
    return { load: of(0), matmul: of(1), vector: of(2), store: of(3) };
  }
}
