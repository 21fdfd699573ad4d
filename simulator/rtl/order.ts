/**
 * The order of work of one clock cycle. In: a design. Out: steps: cells before their readers, and each register or memory
 * committed in place once everything that reads its old value is done. Where registers read each other in a ring, one of
 * them computes its next value early, into a copy.
 */

import { type Diagnostic, invariant } from '../../base/index.js';
import {
  type Cell,
  type Design,
  type Memory,
  type Operand,
  operandWidth,
  type Register,
  type Signal,
} from './design.js';
import { combinationalLoop, placeOfSource } from './diagnostics.js';
import { cellReads, drivingCell, type Fusion, fuse, limitDepth, memoryReads, registerReads } from './fuse.js';
import { findLanes, type LaneGroup } from './lanes.js';
import type { SourceFile } from './netlist.js';
import { splitCells } from './split.js';
import { simplifyWritePorts } from './write-ports.js';

export type Step =
  | { readonly kind: 'cell'; readonly index: number }
  | { readonly kind: 'output'; readonly index: number }
  | { readonly kind: 'register'; readonly index: number }
  /** A group of registers: whole, its next values put aside, or those made its values. */
  | { readonly kind: 'lanes'; readonly index: number; readonly part: 'all' | 'early' | 'late' }
  | { readonly kind: 'memory'; readonly index: number };

export interface Schedule {
  /** The design with the copies added. */
  readonly design: Design;
  readonly fusion: Fusion;
  readonly groups: readonly LaneGroup[];
  /** One whole cycle: outputs, then commits. */
  readonly cycle: readonly Step[];
  /** Outputs alone. */
  readonly evaluation: readonly Step[];
}

/** Commits nested deeper than this wait on a copy instead: bounds the recursion on long shift registers. */
const COMMIT_DEPTH = 1000;

/** Live cells, drivers before readers; or the cells of a combinational loop. */
export function sortCells(design: Design, fusion: Fusion): { sorted: number[]; loop?: number[] } {
  const state = new Uint8Array(design.cells.length);
  const sorted: number[] = [];
  for (let root = 0; root < design.cells.length; root++) {
    if (fusion.live[root] === 0 || state[root] !== 0) continue;
    const stack: { cell: number; drivers: number[] }[] = [{ cell: root, drivers: driversOf(design, root) }];
    state[root] = 1;
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.drivers.pop();
      if (next === undefined) {
        state[top.cell] = 2;
        sorted.push(top.cell);
        stack.pop();
      } else if (state[next] === 1) {
        const path = stack.map(({ cell }) => cell);
        return { sorted, loop: path.slice(path.indexOf(next)).reverse() };
      } else if (state[next] === 0) {
        state[next] = 1;
        stack.push({ cell: next, drivers: driversOf(design, next) });
      }
    }
  }
  return { sorted };
}

function driversOf(design: Design, cell: number): number[] {
  const drivers: number[] = [];
  for (const { operand } of cellReads(design, design.cells[cell]!)) {
    for (const piece of operand) {
      const driver = drivingCell(design, piece);
      if (driver >= 0) drivers.push(driver);
    }
  }
  return drivers;
}

/** The schedule, or the combinational loop that forbids one. Loops between words may vanish between their bits. */
export function schedule(elaborated: Design, files: readonly SourceFile[]): Schedule | Diagnostic {
  const design = simplifyWritePorts(elaborated);
  const fusion = fuse(design);
  const { sorted, loop } = sortCells(design, fusion);
  if (loop) {
    const split = splitCells(design, loop);
    if (split) return schedule(split, files);
    const ring = loop.map((index) => {
      const { path, src } = design.cells[index]!;
      const source = design.sourceOf(path);
      const place = placeOfSource(files, src) ?? placeOfSource(files, source.src);
      return place ? { path: source.name, place } : { path: source.name };
    });
    // Nets of the source are enough to find it; what Yosys made between them only where there are none.
    const named = ring.filter(({ path }) => !path.includes('$'));
    return combinationalLoop(named.length > 0 ? named : ring);
  }
  limitDepth(design, fusion, sorted);
  const lanes = findLanes(design, fusion);
  return new Scheduler(lanes.design, lanes.fusion, lanes.groups).run();
}

/** Operands of all lanes of a group. */
export const groupReads = ({ leaves }: LaneGroup): readonly Operand[] =>
  leaves.flat().map((piece) => [piece]);

/** What a step needs: unfolded cells, and registers and memories that must not have been committed. */
interface Needs {
  readonly cells: readonly number[];
  /** States: register r is r (the first of its group where it has one), memory m is registers.length + m. */
  readonly states: readonly number[];
}

class Scheduler {
  private readonly cells: Cell[];
  private readonly signals: Signal[];
  private readonly registers: Register[];
  private readonly memories: Memory[];
  private readonly design: Design;
  private readonly folded: number[];
  private readonly steps: Step[] = [];
  private readonly cellNeeds: (Needs | undefined)[] = [];
  private readonly stateNeeds: Needs[];
  /** By state: unfolded cells and states that read it. */
  private readonly cellReaders: number[][];
  private readonly stateReaders: number[][];
  private readonly cellDone: boolean[] = [];
  /** 0 not begun, 1 begun, 2 committed; `copied`: next value taken early. */
  private readonly progress: Uint8Array;
  private readonly copied: Uint8Array;
  /** By register: the state that commits it. */
  private readonly stateOf: Int32Array;
  /** By state: its group, or -1. */
  private readonly groupOf: Int32Array;

  constructor(
    design: Design,
    fusion: Fusion,
    private readonly groups: readonly LaneGroup[],
  ) {
    this.cells = [...design.cells];
    this.signals = [...design.signals];
    this.registers = [...design.registers];
    this.memories = [...design.memories];
    this.design = {
      ...design,
      cells: this.cells,
      signals: this.signals,
      registers: this.registers,
      memories: this.memories,
    };
    this.folded = [...fusion.folded];
    const states = design.registers.length + design.memories.length;
    this.stateOf = Int32Array.from(design.registers, (_, i) => i);
    this.groupOf = new Int32Array(states).fill(-1);
    groups.forEach(({ registers }, group) => {
      for (const register of registers) this.stateOf[register] = registers[0]!;
      this.groupOf[registers[0]!] = group;
    });
    this.progress = new Uint8Array(states);
    this.copied = new Uint8Array(states);
    this.stateNeeds = Array.from({ length: states }, (_, state) => this.needsOf(this.stateOperands(state)));
    this.cellReaders = Array.from({ length: states }, () => []);
    this.stateReaders = Array.from({ length: states }, () => []);
    for (let cell = 0; cell < this.cells.length; cell++) {
      if (fusion.live[cell] === 0 || this.folded[cell] === 1) continue;
      for (const state of this.needsOfCell(cell).states) this.cellReaders[state]!.push(cell);
    }
    this.stateNeeds.forEach((needs, reader) => {
      for (const state of needs.states) if (state !== reader) this.stateReaders[state]!.push(reader);
    });
    this.live = fusion.live;
  }

  private readonly live: Uint8Array;

  run(): Schedule {
    const { design } = this;
    design.outputs.forEach(({ value }, index) => {
      for (const cell of this.needsOf([value]).cells) this.emitCell(cell);
      this.steps.push({ kind: 'output', index });
    });
    const evaluation = [...this.steps];
    for (let state = 0; state < this.progress.length; state++) this.commit(state, 0);
    const live = Uint8Array.from(this.cells, (_, i) => this.live[i] ?? 1);
    const fusion = { folded: Uint8Array.from(this.folded), live };
    return { design, fusion, groups: this.groups, cycle: this.steps, evaluation };
  }

  private stateOperands(state: number): readonly Operand[] {
    const registers = this.registers.length;
    if (state >= registers) return memoryReads(this.design, state - registers).map(({ operand }) => operand);
    const group = this.groups[this.groupOf[state]!];
    if (group) return groupReads(group);
    if (this.stateOf[state] !== state) return [];
    return registerReads(this.design, state).map(({ operand }) => operand);
  }

  private needsOfCell(cell: number): Needs {
    const known = this.cellNeeds[cell];
    if (known) return known;
    const own = this.cells[cell]!;
    const needs = this.needsOf([own.a, own.b, own.s], own.memory);
    this.cellNeeds[cell] = needs;
    return needs;
  }

  /** Looks through folded cells. */
  private needsOf(operands: readonly Operand[], memory = -1): Needs {
    const cells = new Set<number>();
    const states = new Set<number>();
    const visit = (operand: Operand): void => {
      for (const piece of operand) {
        if (piece.kind === 'constant') continue;
        const { source, index } = this.signals[piece.signal]!;
        if (source === 'register') states.add(this.stateOf[index]!);
        if (source !== 'cell') continue;
        if (this.folded[index] !== 1) cells.add(index);
        else visitCell(this.cells[index]!);
      }
    };
    const visitCell = (cell: Cell): void => {
      if (cell.memory >= 0) states.add(this.registers.length + cell.memory);
      for (const operand of [cell.a, cell.b, cell.s]) visit(operand);
    };
    if (memory >= 0) states.add(this.registers.length + memory);
    operands.forEach(visit);
    return { cells: [...cells], states: [...states] };
  }

  /** Emits a cell after the cells that it needs. */
  private emitCell(root: number): void {
    if (this.cellDone[root]) return;
    const stack = [root];
    for (let cell = stack.at(-1); cell !== undefined; cell = stack.at(-1)) {
      const waiting = this.cellDone[cell]
        ? []
        : this.needsOfCell(cell).cells.filter((need) => !this.cellDone[need]);
      if (waiting.length > 0) stack.push(...waiting);
      else {
        stack.pop();
        if (!this.cellDone[cell]) this.steps.push({ kind: 'cell', index: cell });
        this.cellDone[cell] = true;
      }
    }
  }

  /** Commits a state after everything that reads its old value. */
  private commit(state: number, depth: number): void {
    if (this.progress[state] !== 0) return;
    if (state < this.registers.length && this.stateOf[state] !== state) return;
    this.progress[state] = 1;
    for (const cell of this.cellReaders[state]!) this.emitCell(cell);
    for (const reader of this.stateReaders[state]!) {
      if (this.progress[reader] === 2 || this.copied[reader] === 1) continue;
      if (this.progress[reader] === 1 || depth >= COMMIT_DEPTH) this.copy(reader);
      else this.commit(reader, depth + 1);
    }
    for (const cell of this.stateNeeds[state]!.cells) this.emitCell(cell);
    this.progress[state] = 2;
    this.steps.push(this.commitStep(state));
  }

  private commitStep(state: number): Step {
    const registers = this.registers.length;
    if (state >= registers) return { kind: 'memory', index: state - registers };
    const group = this.groupOf[state]!;
    if (group < 0) return { kind: 'register', index: state };
    return { kind: 'lanes', index: group, part: this.copied[state] === 1 ? 'late' : 'all' };
  }

  /** Takes the operands of a state into copies now, so that what it reads may change before it is committed. */
  private copy(state: number): void {
    const registers = this.registers.length;
    for (const cell of this.stateNeeds[state]!.cells) this.emitCell(cell);
    const take = (operand: Operand) => this.copyOperand(operand);
    const group = this.groupOf[state]!;
    if (group >= 0) this.steps.push({ kind: 'lanes', index: group, part: 'early' });
    else if (state < registers) {
      const r = this.registers[state]!;
      this.registers[state] = {
        ...r,
        d: take(r.d),
        enable: r.enable && { ...r.enable, bit: take(r.enable.bit) },
        reset: r.reset && { ...r.reset, bit: take(r.reset.bit) },
      };
    } else {
      const m = this.memories[state - registers]!;
      this.memories[state - registers] = {
        ...m,
        writes: m.writes.map((w) => ({
          address: take(w.address),
          data: take(w.data),
          enable: take(w.enable),
        })),
      };
    }
    this.copied[state] = 1;
  }

  private copyOperand(operand: Operand): Operand {
    if (this.needsOf([operand]).states.length === 0) return operand;
    const width = operandWidth(operand);
    invariant(width > 0, 'an operand has bits');
    const [signal, index] = [this.signals.length, this.cells.length];
    this.signals.push({ width, source: 'cell', index });
    const blank = { b: [], s: [], aSigned: false, bSigned: false, memory: -1 };
    this.cells.push({ type: '$copy', path: '', src: undefined, output: signal, width, a: operand, ...blank });
    this.folded.push(0);
    this.cellDone[index] = true;
    this.steps.push({ kind: 'cell', index });
    return [{ kind: 'slice', signal, offset: 0, width }];
  }
}
