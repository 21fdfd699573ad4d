/**
 * A schedule to WebAssembly. Steps are cut into functions of bounded size (V8 compiles small functions faster and better);
 * a narrow signal that only one function needs lives in a local, the others in linear memory.
 */

import binaryen from 'binaryen';
import { invariant } from '../../base/index.js';
import type { Cell, Design } from './design.js';
import {
  type Bits,
  bitsFor,
  Emitter,
  type Expression,
  type Place,
  type Value,
  type Watch,
} from './emitter.js';
import { isNarrow, NARROW } from './fuse.js';
import { blockBytes, copyBlock, type LaneTarget, laneStatements } from './lane-code.js';
import type { LaneGroup } from './lanes.js';
import { Layout, wordBytes } from './layout.js';
import { narrowValue } from './narrow.js';
import type { Schedule, Step } from './order.js';
import { Changes, RunFlags } from './run-flags.js';
import { runtimeText } from './runtime.js';
import { cutSegments, type Segments, visitReads } from './segments.js';
import { commitMemory, commitRegister, readNarrow, readWide, storeOperand } from './state.js';
import { limbsOf, wideCell } from './wide.js';

/** Cells (wide ones count for each limb) a function. */
const CHUNK_CELLS = 800;

/** Segments that may be skipped are looked at one by one only where one of so many, a divisor of 32, must run. */
const SEGMENTS_A_FUNCTION = 8;

/** What a step of a group counts: some tens of instructions. */
const LANE_STEP_SIZE = 20;

/** Addresses of everything that the outside reads or writes. */
export interface CompiledLayout {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly registers: readonly number[];
  readonly memories: readonly number[];
  /** Words that must be all ones at the start: every segment has to run. */
  readonly flags: number;
  readonly flagWords: number;
  readonly pages: number;
}

/** What the compiler made of a design. */
export interface RtlStatistics {
  readonly registers: number;
  /** Registers that are computed as lanes of SIMD vectors. */
  readonly registersInLanes: number;
  /** Parts of a cycle that are skipped while nothing that they read changes, and parts that always run. */
  readonly segments: number;
  readonly segmentsAlways: number;
}

export interface Compiled {
  readonly binary: Uint8Array;
  readonly statistics: RtlStatistics;
  readonly layout: CompiledLayout;
}

/** WebAssembly that exports `memory`, `evaluate()` (outputs from inputs and state) and `cycle(n)`. */
export function compile(schedule: Schedule): Compiled {
  return new Compiler(schedule).compile();
}

class Compiler {
  private readonly layout = new Layout();
  private readonly module: binaryen.Module = binaryen.parseText(runtimeText);
  private readonly design: Design;
  private readonly folded: Uint8Array;
  private readonly inputs: readonly number[];
  private readonly outputs: readonly number[];
  private readonly registers: readonly number[];
  private readonly memories: readonly number[];
  /** Addresses of lane 0 of each group, and of what is put aside. */
  private readonly blocks: readonly number[];
  private readonly aside = new Map<number, number>();
  /** Addresses of signals of cells, where they have one. */
  private readonly addresses: Int32Array;
  private readonly plan: Segments;
  private readonly flags: RunFlags;
  /** Locals of the function that is being written. */
  private locals = new Map<number, { index: number; bits: Bits }>();

  constructor(private readonly schedule: Schedule) {
    this.design = schedule.design;
    this.folded = schedule.fusion.folded;
    this.module.setFeatures(binaryen.Features.All);
    const { inputs, outputs, registers, memories, signals } = this.design;
    this.inputs = inputs.map(({ width }) => this.layout.port(width));
    this.outputs = outputs.map(({ width }) => this.layout.port(width));
    const { groups } = schedule;
    this.blocks = groups.map((group) => this.layout.bytes(this.blockBytes(group), 16));
    const inGroup = new Map(
      groups.flatMap(({ registers: lanes }, group) =>
        lanes.map((register, lane) => {
          const address = this.blocks[group]! + lane * wordBytes(registers[register]!.width);
          return [register, address] as const;
        }),
      ),
    );
    this.registers = registers.map(({ width }, i) => inGroup.get(i) ?? this.layout.word(width));
    this.memories = memories.map(({ width, size }) => this.layout.bytes(wordBytes(width) * size + 8));
    this.addresses = new Int32Array(signals.length).fill(-1);
    this.plan = cutSegments(schedule);
    this.flags = new RunFlags(this.module, this.layout, this.plan);
  }

  compile(): Compiled {
    this.defineCycle();
    this.defineEvaluation();
    this.defineCycles();
    const { module } = this;
    module.addFunctionExport('evaluate', 'evaluate');
    module.addFunctionExport('cycles', 'cycle');
    const { pages } = this.layout;
    module.setMemory(pages, pages, 'memory');
    invariant(module.validate(), 'the simulator module is not valid WebAssembly');
    const binary = module.emitBinary();
    module.dispose();
    const { inputs, outputs, registers, memories, flags } = this;
    const { segments } = this.plan;
    const statistics: RtlStatistics = {
      registers: registers.length,
      registersInLanes: this.schedule.groups.reduce((sum, group) => sum + group.registers.length, 0),
      segments: segments.length,
      segmentsAlways: segments.filter(({ always }) => always).length,
    };
    return {
      binary,
      statistics,
      layout: { inputs, outputs, registers, memories, flags: flags.address, flagWords: flags.words, pages },
    };
  }

  /** Function `cycle`: segments, those that need not run skipped, a handful of them to a function. */
  private defineCycle(): void {
    const { segments } = this.plan;
    const functions = segments.map(({ steps, always }) => (always ? this.cut(steps) : [steps]));
    this.placeSignals(functions.flat());
    const calls: Expression[] = [];
    for (let segment = 0; segment < segments.length; ) {
      const first = segment;
      if (segments[first]!.always) {
        functions[first]!.forEach((chunk, i) => {
          calls.push(this.defineFunction(`cycle_${first}_${i}`, [{ steps: chunk, segment: first }]));
        });
        segment++;
        continue;
      }
      const parts: { steps: readonly Step[]; segment: number }[] = [];
      do parts.push({ steps: segments[segment]!.steps, segment });
      while (++segment % SEGMENTS_A_FUNCTION !== 0 && segments[segment]?.always === false);
      const call = this.defineFunction(`cycle_${first}`, parts, true);
      calls.push(this.flags.whenAnyDirty(first, segment - first, call));
    }
    const body = this.module.block(null, [
      ...this.flags.noticeInputs(this.design.inputs, this.inputs),
      ...calls,
    ]);
    this.module.addFunction('cycle', binaryen.none, binaryen.none, [], body);
  }

  /** Function `evaluate`: outputs from inputs and state. It shares places with `cycle`, so all of that runs again afterwards. */
  private defineEvaluation(): void {
    const chunks = this.cut(this.schedule.evaluation);
    this.placeSignals(chunks);
    const calls = chunks.map((chunk, i) => this.defineFunction(`evaluate_${i}`, [{ steps: chunk }]));
    const body = this.module.block(null, [...calls, ...this.flags.markAll()]);
    this.module.addFunction('evaluate', binaryen.none, binaryen.none, [], body);
  }

  private defineCycles(): void {
    const m = this.module;
    const body = m.loop(
      'next',
      m.block(null, [
        m.call('cycle', [], binaryen.none),
        m.br('next', m.local.tee(0, m.i32.sub(m.local.get(0, binaryen.i32), m.i32.const(1)), binaryen.i32)),
      ]),
    );
    m.addFunction('cycles', binaryen.i32, binaryen.none, [], body);
  }

  private cut(steps: readonly Step[]): Step[][] {
    const chunks: Step[][] = [];
    let size = CHUNK_CELLS;
    for (const step of steps) {
      if (size >= CHUNK_CELLS) {
        chunks.push([]);
        size = 0;
      }
      chunks.at(-1)!.push(step);
      size += this.sizeOf(step);
    }
    return chunks;
  }

  private sizeOf(step: Step): number {
    let size = 0;
    visitReads(this.schedule, step, () => size++);
    const { cells, registers } = this.design;
    if (step.kind === 'lanes') return LANE_STEP_SIZE;
    const width =
      step.kind === 'cell'
        ? cells[step.index]!.width
        : step.kind === 'register'
          ? registers[step.index]!.width
          : 0;
    return size + limbsOf(width);
  }

  /** Gives memory to wide signals, and to narrow ones that another function reads. */
  private placeSignals(chunks: readonly (readonly Step[])[]): void {
    const home = new Int32Array(this.design.signals.length).fill(-1);
    const give = (signal: number) => {
      if (this.addresses[signal] === -1)
        this.addresses[signal] = this.layout.word(this.design.signals[signal]!.width);
    };
    chunks.forEach((chunk, i) => {
      for (const step of chunk) {
        visitReads(this.schedule, step, (signal) => {
          if (this.design.signals[signal]!.source !== 'cell') return;
          if (home[signal] !== i || step.kind === 'lanes') give(signal);
        });
        if (step.kind !== 'cell') continue;
        const { output, width } = this.design.cells[step.index]!;
        home[output] = i;
        if (width > NARROW) give(output);
      }
    });
  }

  /** A function of the steps of some segments (none: outside the cycle), each skipped while it is clean if so asked. @returns the call. */
  private defineFunction(
    name: string,
    parts: readonly { readonly steps: readonly Step[]; readonly segment?: number }[],
    skipping = false,
  ): Expression {
    const emitter = new Emitter(
      this.module,
      { of: (signal) => this.placeOf(signal), width: (signal) => this.design.signals[signal]!.width },
      (e, cell) => this.value(e, cell),
    );
    const statements = parts.flatMap(({ steps, segment }) => {
      const own = this.segmentStatements(emitter, steps, segment);
      return skipping ? [this.flags.whenDirty(segment!, own)] : own;
    });
    const types = emitter.localTypes.map((bits) =>
      bits === 32 ? binaryen.i32 : bits === 64 ? binaryen.i64 : binaryen.v128,
    );
    this.module.addFunction(name, binaryen.none, binaryen.none, types, this.module.block(null, statements));
    return this.module.call(name, [], binaryen.none);
  }

  /** Steps one after the other; a segment tells the readers of what it changed. */
  private segmentStatements(
    emitter: Emitter,
    steps: readonly Step[],
    segment: number | undefined,
  ): Expression[] {
    this.locals = new Map();
    const changes = new Changes(emitter);
    const statements = steps.flatMap((step) => {
      if (segment !== undefined) emitter.watch = this.watchOf(step, changes);
      const own = this.statements(emitter, step);
      emitter.watch = undefined;
      return own;
    });
    for (const [local, readers] of changes.all()) {
      const mark = this.module.block(null, this.flags.mark(readers));
      statements.push(this.module.if(emitter.get(local), mark));
    }
    return statements;
  }

  /** What a step leaves for segments that may be skipped. */
  private watchOf(step: Step, changes: Changes): Watch | undefined {
    const { readers, memoryReaders } = this.plan;
    const { cells, registers } = this.design;
    const range = (signal: number, from: number, bytes: number): Watch | undefined => {
      const who = readers.get(signal);
      return who && from >= 0 ? { from, to: from + bytes, local: changes.local(who) } : undefined;
    };
    switch (step.kind) {
      case 'cell': {
        const { output, width } = cells[step.index]!;
        return range(output, this.addresses[output]!, wordBytes(width));
      }
      case 'register': {
        const { q, width } = registers[step.index]!;
        return range(q, this.registers[step.index]!, wordBytes(width));
      }
      case 'lanes': {
        const group = this.schedule.groups[step.index]!;
        const who = group.registers.flatMap((register) => readers.get(registers[register]!.q) ?? []);
        if (who.length === 0 || step.part === 'early') return undefined;
        const from = this.blocks[step.index]!;
        return {
          from,
          to: from + this.blockBytes(group),
          local: changes.local([...new Set(who)].sort((x, y) => x - y)),
        };
      }
      case 'memory': {
        const who = memoryReaders.get(step.index);
        const from = this.memories[step.index]!;
        return who && { from, to: from, local: changes.local(who) };
      }
      case 'output':
        return undefined;
    }
  }

  private placeOf(signal: number): Place {
    const { source, index } = this.design.signals[signal]!;
    if (source === 'input') return { kind: 'memory', address: this.inputs[index]! };
    if (source === 'register') return { kind: 'memory', address: this.registers[index]! };
    if (this.folded[index] === 1) return { kind: 'folded', cell: this.design.cells[index]! };
    const local = this.locals.get(signal);
    if (local) return { kind: 'local', ...local };
    const address = this.addresses[signal]!;
    invariant(address >= 0, `signal ${signal} has a place`);
    return { kind: 'memory', address };
  }

  /** The value of a narrow cell. */
  private value(e: Emitter, cell: Cell): Value {
    if (cell.type === '$memrd') return readNarrow(e, cell, this.memoryPlace(cell.memory));
    return narrowValue(e, cell);
  }

  private memoryPlace(index: number) {
    return { memory: this.design.memories[index]!, address: this.memories[index]! };
  }

  private statements(e: Emitter, step: Step): Expression[] {
    const { outputs, registers, cells } = this.design;
    switch (step.kind) {
      case 'cell':
        return this.cellStatements(e, cells[step.index]!);
      case 'output':
        return storeOperand(e, this.outputs[step.index]!, outputs[step.index]!.value);
      case 'register':
        return [commitRegister(e, registers[step.index]!, this.registers[step.index]!)];
      case 'lanes':
        return this.laneStatements(e, step.index, step.part);
      case 'memory':
        return commitMemory(e, this.memoryPlace(step.index));
    }
  }

  private blockBytes(group: LaneGroup): number {
    return blockBytes(group.registers.length, this.design.registers[group.registers[0]!]!.width);
  }

  private laneStatements(e: Emitter, index: number, part: 'all' | 'early' | 'late'): Expression[] {
    const group = this.schedule.groups[index]!;
    const block = this.blocks[index]!;
    const bytes = this.blockBytes(group);
    if (part === 'late') return copyBlock(e, this.aside.get(index)!, block, bytes);
    const registers = group.registers.map((register) => this.design.registers[register]!);
    const { width, enable, reset } = registers[0]!;
    const target: LaneTarget = {
      block,
      width,
      resetValues: registers.map((register) => register.reset?.value ?? 0n),
      enableHigh: enable?.activeHigh ?? true,
      resetHigh: reset?.activeHigh ?? true,
      overEnable: reset?.overEnable ?? false,
    };
    const places = {
      address: (signal: number) => {
        const place = this.placeInMemory(signal);
        invariant(place >= 0, `signal ${signal} lies in memory`);
        return place;
      },
      width: (signal: number) => this.design.signals[signal]!.width,
    };
    if (part === 'all') return laneStatements(e, group, places, target);
    const aside = this.layout.bytes(bytes, 16);
    this.aside.set(index, aside);
    return laneStatements(e, group, places, target, aside);
  }

  private placeInMemory(signal: number): number {
    const { source, index } = this.design.signals[signal]!;
    if (source === 'input') return this.inputs[index]!;
    return source === 'register' ? this.registers[index]! : this.addresses[signal]!;
  }

  private cellStatements(e: Emitter, cell: Cell): Expression[] {
    const address = this.addresses[cell.output]!;
    if (cell.type === '$memrd' && cell.width > NARROW) {
      return readWide(e, cell, this.memoryPlace(cell.memory), address);
    }
    if (cell.type === '$memrd' || isNarrow(cell)) return this.setSignal(e, cell, this.value(e, cell));
    const scratch = (limbs: number) => this.layout.word(Math.max(65, 64 * limbs));
    const { statements, value } = wideCell(e, cell, { address, scratch });
    return value ? [...statements, ...this.setSignal(e, cell, value)] : [...statements];
  }

  /** Puts a narrow value into its local, and into memory where others read it. */
  private setSignal(e: Emitter, cell: Cell, value: Value): Expression[] {
    const bits = bitsFor(cell.width);
    const index = e.local(bits);
    const clean = value.zero ? value.expression : e.mask(bits, cell.width, value.expression);
    const statements = [this.module.local.set(index, clean)];
    const address = this.addresses[cell.output]!;
    if (address >= 0)
      statements.push(e.store(address, cell.width, { expression: e.get(index), bits, zero: true }));
    this.locals.set(cell.output, { index, bits });
    return statements;
  }
}
