/**
 * The array engine: a program, cycle by cycle, with values. Every register of every PE moves every cycle that matmul runs; the other
 * units count their cycles and move their values when they accept an instruction (no other unit may touch them while it runs: the
 * semaphores' promise). It shares the meaning of instructions with the interpreter and nothing with the timing engine, so
 * that law 2 compares two accounts of time.
 */

import { InternalError } from '../../base/index.js';
import { type Instruction, unitIndex, unitOf } from '../../compiler/isa/index.js';
import { addToggles, perRegisterClass, type Toggles } from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import {
  addCounts,
  countInstruction,
  type Engine,
  EngineStop,
  emptyCounts,
  type InstructionTiming,
  Interpreter,
  KeptResults,
  type Run,
  type RunRequest,
  toActivity,
} from '../engine/index.js';
import { FetchUnit } from './fetch.js';
import { FillDatapath, LoadDatapath } from './load.js';
import { MatmulDatapath } from './matmul.js';
import { OutputStationaryMatmul } from './output-stationary.js';
import { ParallelMatmul } from './parallel-matmul.js';
import { canShareTiles, type SharedTiles, TilePoster } from './shared-tiles.js';
import { arraySignals, type CycleEvents } from './signals.js';
import { StoreDatapath } from './store.js';
import { Semaphores, UnitShell } from './unit.js';
import { VectorDatapath } from './vector.js';

const DEFAULT_CYCLE_LIMIT = 2 ** 40;
/** Cycles between two progress reports. */
const PROGRESS_CYCLES = 65536;

/** The array engine behind the contract of the engines. */
export const arrayEngine: Engine = {
  name: 'array',
  run: (request) => Promise.resolve().then(() => simulateArray(request)),
};

/**
 * The array engine with helpers: threads that were started with `serveTiles` on the same shared memory. Runs that look at registers or
 * count toggles, and machines other than the shared one, do without them. Results are the same, bit for bit and cycle for cycle.
 */
export function createParallelArrayEngine(shared: SharedTiles): Engine {
  const poster = new TilePoster(shared);
  const same = (machine: Machine) => JSON.stringify(machine) === JSON.stringify(shared.machine);
  const helped = (r: RunRequest) => !r.probe && !r.toggles && same(r.machine) && canShareTiles(r.machine);
  return {
    name: 'array',
    run: (request) =>
      Promise.resolve().then(() => simulateArray(request, helped(request) ? poster : undefined)),
  };
}

/**
 * Runs a program with values. @param helpers who shares the array's work. @throws EngineStop: 'deadlock', 'cycle-limit', and 'illegal' for a program without `end`, an access that
 * the interpreter would refuse, or a semaphore past 255.
 */
export function simulateArray(request: RunRequest, helpers?: TilePoster): Run {
  const { program, dram } = request;
  if (!dram) throw new InternalError('the array engine needs the DRAM contents');
  if (!program.instructions.some(({ mnemonic }) => mnemonic === 'end'))
    throw new EngineStop('illegal', 0, 'fetch', 'the program has no `end`');
  return new ArraySimulation(request, dram, helpers).run();
}

interface Timing {
  readonly index: number;
  readonly dispatch: number;
  accept: number;
  end: number;
}

class ArraySimulation {
  private readonly machine: Machine;
  private readonly instructions: readonly Instruction[];
  private readonly interpreter: Interpreter;
  private readonly fetch: FetchUnit;
  private readonly semaphores = new Semaphores();
  private readonly units: readonly UnitShell[];
  private readonly load: LoadDatapath;
  private readonly fill = new FillDatapath();
  private readonly matmul: MatmulDatapath | OutputStationaryMatmul;
  /** Who runs matmul: the array here, or with helpers. */
  private readonly products: MatmulDatapath | OutputStationaryMatmul | ParallelMatmul;
  private readonly vector = new VectorDatapath();
  private readonly store: StoreDatapath;
  private readonly trace: Timing[] = [];
  private readonly counts = emptyCounts();
  private readonly events: CycleEvents = { dispatch: false, accept: 0, end: 0, done: false };
  /** Of each layer; the last entry is for instructions without one. Undefined where nobody counts. */
  private readonly toggles: Toggles[] | undefined;
  private readonly kept: KeptResults | undefined;
  private now = 0;
  /** Last cycle in which anything was dispatched, accepted or running. */
  private lastMove = 0;

  constructor(
    private readonly request: RunRequest,
    dram: Uint8Array,
    helpers: TilePoster | undefined,
  ) {
    const { machine, program } = request;
    this.machine = machine;
    this.instructions = program.instructions;
    this.interpreter = new Interpreter(machine, Uint8Array.from(dram));
    this.fetch = new FetchUnit(machine);
    this.units = [0, 1, 2, 3].map((unit) => new UnitShell(unit, this.semaphores));
    this.load = new LoadDatapath(machine);
    this.matmul =
      machine.array.dataflow === 'output-stationary'
        ? new OutputStationaryMatmul(machine, this.interpreter, request.toggles)
        : new MatmulDatapath(machine, this.interpreter, request.probe, request.toggles);
    this.products =
      helpers && this.matmul instanceof MatmulDatapath
        ? new ParallelMatmul(machine, this.interpreter, this.matmul, helpers)
        : this.matmul;
    if (request.toggles) this.toggles = [...program.layers, 'none'].map(() => perRegisterClass(() => 0));
    this.store = new StoreDatapath(machine);
    this.kept = KeptResults.of(machine, program);
  }

  run(): Run {
    const { cycleLimit = DEFAULT_CYCLE_LIMIT, onProgress, probe } = this.request;
    probe?.attach(arraySignals({ ...this.visible(), now: () => this.now }));
    const { from, to } = probe ?? { from: Number.POSITIVE_INFINITY, to: 0 };
    while (!(this.fetch.ended && this.units.every((unit) => unit.idle))) {
      if (this.now >= from && this.now <= to) this.sampledCycle();
      else this.cycle();
      this.now++;
      if (this.now % PROGRESS_CYCLES === 0) onProgress?.(this.now);
      if (this.now > cycleLimit)
        throw new EngineStop('cycle-limit', cycleLimit, 'fetch', `not done after ${cycleLimit} cycles`);
    }
    if (this.now >= from && this.now <= to) this.sampleDone();
    return this.result();
  }

  /** What a probe is shown. */
  private visible() {
    const { machine, units, semaphores, events } = this;
    return { machine, units, semaphores, events, array: this.matmul.array };
  }

  /** A cycle under the eyes of the probe: registers before it, what happened after it. */
  private sampledCycle(): void {
    const { probe } = this.request;
    probe?.sample(this.now, 'registers');
    const { dispatched } = this.fetch;
    const before = this.units.map((unit) => unit.running);
    this.cycle();
    const happened = (had: (was: number, is: number) => boolean) =>
      this.units.reduce((mask, unit, u) => mask | (had(before[u]!, unit.running) ? 1 << u : 0), 0);
    this.events.dispatch = this.fetch.dispatched > dispatched;
    this.events.accept = happened((was, is) => was < 0 && is >= 0);
    this.events.end = happened((was, is) => was >= 0 && is < 0);
    probe?.sample(this.now, 'outputs');
  }

  /** The cycle of `done`: everything is idle. */
  private sampleDone(): void {
    Object.assign(this.events, { dispatch: false, accept: 0, end: 0, done: true });
    this.request.probe?.sample(this.now, 'registers');
    this.request.probe?.sample(this.now, 'outputs');
  }

  /** Everything decides on the state at the start of the cycle: fetch looks at the queues before units take from them. */
  private cycle(): void {
    const target = this.dispatchTarget();
    // A word that arrives in this cycle may bring what is waited for.
    const wordUnderWay = !this.fetch.ended && !this.fetch.hasHead;
    let moved = target !== undefined;
    for (const unit of this.units) moved = this.advance(unit) || moved;
    const word = this.fetch.dispatched;
    this.fetch.tick(this.now, target !== undefined, target === 'end');
    if (target instanceof UnitShell) {
      target.queue.push(word);
      this.trace.push({ index: word, dispatch: this.now, accept: -1, end: -1 });
    }
    const overflow = this.semaphores.tick();
    if (overflow >= 0) {
      const { name } = this.units[overflow >> 2]!;
      throw new EngineStop('illegal', this.now, name, `${name} signals a semaphore past 255`);
    }
    if (moved) this.lastMove = this.now;
    else if (!wordUnderWay) this.refuseDeadlock();
  }

  /** Where the head of the fetch buffer goes in this cycle; undefined where it stays or there is none. */
  private dispatchTarget(): UnitShell | 'end' | undefined {
    if (this.fetch.ended || !this.fetch.hasHead) return undefined;
    const name = unitOf(this.instructions[this.fetch.dispatched]!);
    if (name === undefined) return 'end';
    const unit = this.units[unitIndex[name]]!;
    return unit.queue.length < this.machine.queueDepth ? unit : undefined;
  }

  /** One cycle of a unit. True where it runs or accepts. The interpreter knows no time: what it refuses gets cycle and unit here. */
  private advance(unit: UnitShell): boolean {
    try {
      return this.step(unit);
    } catch (error) {
      if (!(error instanceof EngineStop)) throw error;
      throw new EngineStop(error.reason, this.now, unit.name, error.message);
    }
  }

  private step(unit: UnitShell): boolean {
    const index = unit.running;
    if (index >= 0) {
      const instruction = this.instructions[index]!;
      const done = this.tick(instruction);
      if (done) this.trace[index]!.end = this.now;
      if (done) this.kept?.end(index, this.interpreter.readAct);
      if (done && instruction.mnemonic === 'matmul') this.countToggles(index);
      unit.run(instruction, done);
      return true;
    }
    const accepted = unit.accept(this.instructions);
    if (accepted < 0) return false;
    this.trace[accepted]!.accept = this.now;
    this.start(accepted, this.instructions[accepted]!);
    return true;
  }

  private start(index: number, instruction: Instruction): void {
    if (instruction.mnemonic !== 'matmul') this.interpreter.step(index, instruction);
    switch (instruction.mnemonic) {
      case 'load':
        this.load.start(instruction.fields);
        break;
      case 'fill':
        this.fill.start(instruction.fields);
        break;
      case 'store':
        this.store.start(instruction.fields);
        break;
      case 'matmul':
        this.products.start({ index, fields: instruction.fields });
        break;
      case 'sync':
      case 'end':
        break;
      default:
        this.vector.start(instruction);
    }
    addCounts(this.counts, countInstruction(this.machine, instruction, 0));
  }

  /** The array is at rest: what switched belongs to the instruction that ends. */
  private countToggles(index: number): void {
    const { toggles } = this;
    const counted = this.matmul.array.takeToggles();
    if (!toggles || !counted) return;
    const layer = this.request.program.layerOf[index]!;
    const place = layer < 0 ? toggles.length - 1 : layer;
    toggles[place] = addToggles(toggles[place]!, counted);
  }

  /** One running cycle. sync lasts one cycle. */
  private tick(instruction: Instruction): boolean {
    switch (instruction.mnemonic) {
      case 'load':
        return this.load.tick(this.now);
      case 'fill':
        return this.fill.tick();
      case 'store':
        return this.store.tick(this.now);
      case 'matmul':
        return this.products.tick(this.now);
      case 'sync':
      case 'end':
        return true;
      default:
        return this.vector.tick();
    }
  }

  /** Nothing ran, started or was dispatched, and no instruction word is on its way: nothing ever will. */
  private refuseDeadlock(): void {
    const stuck = this.units.find((unit) => unit.queue.length > 0);
    if (!stuck) return;
    const index = stuck.queue[0]!;
    const what = this.instructions[index]!.mnemonic;
    const message = `instruction ${index} (${what}) waits for a signal that never comes`;
    throw new EngineStop('deadlock', this.lastMove, stuck.name, message);
  }

  private result(): Run {
    const { machine, program } = this.request;
    const cycles = this.now;
    const [load, matmul, vector, store] = this.units.map((unit) => unit.cycles(cycles));
    this.counts.read.dram += this.load.memory.beatsMoved * machine.bus.bytes;
    this.counts.written.dram += this.store.memory.beatsMoved * machine.bus.bytes;
    const activity = toActivity(this.counts, {
      cycles,
      usefulMacs: program.layers.reduce((sum, layer) => sum + layer.macs, 0),
      instructions: this.trace.length,
      fetchedBytes: this.fetch.bytesAsked,
    });
    const { toggles } = this;
    this.kept?.putInto(this.interpreter.dram);
    return {
      engine: 'array',
      cycles,
      trace: this.trace as readonly InstructionTiming[],
      units: { load: load!, matmul: matmul!, vector: vector!, store: store! },
      activity: { ...activity, ...(toggles && { toggles: toggles.reduce(addToggles) }) },
      dram: this.interpreter.dram,
      ...(toggles && { layerToggles: toggles.slice(0, -1) }),
    };
  }
}
