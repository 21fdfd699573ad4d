/**
 * Steps of a cycle cut into segments that are skipped while nothing that they read has changed. In: a schedule. Out: the same steps
 * in an order that keeps the parts of the hierarchy together, cut; and for each segment who must run when it leaves a changed
 * value behind. Skipping is exact: a segment's results, the registers that it commits included, are a function of what it reads.
 *
 * Large arrays of like registers are taken to be busy: what holds or reads their registers runs in every cycle, which costs less than
 * comparing them.
 */

import type { Cell, Operand } from './design.js';
import { memoryReads, registerReads } from './fuse.js';
import { groupReads, type Schedule, type Step } from './order.js';

export interface Segment {
  readonly steps: readonly Step[];
  /** Runs in every cycle. */
  readonly always: boolean;
}

export interface Segments {
  readonly segments: readonly Segment[];
  /** By signal: segments that read it and are not the cell's own. Empty for signals that only always-running segments read. */
  readonly readers: ReadonlyMap<number, readonly number[]>;
  /** By memory. */
  readonly memoryReaders: ReadonlyMap<number, readonly number[]>;
}

/** A part of the hierarchy is kept whole up to this many steps. */
const LARGEST_CLUSTER = 96;
/** Neighbouring segments are joined up to this many steps. */
const SMALLEST_SEGMENT = 6;
/** A word that more steps read tells them what to do rather than giving them data: they may be busy at different times. */
const MOST_USES = 4;
/** Registers of one shape and path, numbers aside, that make a large array. */
const LARGE_ARRAY = 64;

export function cutSegments(schedule: Schedule): Segments {
  const hot = hotRegisters(schedule);
  const busy = schedule.cycle.map((step) => isHot(schedule, step, hot));
  const segments = cut(schedule, new StepGraph(schedule, busy), busy);
  return { segments, ...readersOf(schedule, segments) };
}

/** Calls back for every unfolded signal and every memory that a step reads, however often. */
export function visitReads(
  { design, fusion, groups }: Schedule,
  step: Step,
  seeSignal: (signal: number) => void,
  seeMemory: (memory: number) => void = () => {},
): void {
  const visitOperand = (operand: Operand): void => {
    for (const piece of operand) {
      if (piece.kind === 'constant') continue;
      const { source, index } = design.signals[piece.signal]!;
      if (source === 'cell' && fusion.folded[index] === 1) visitCell(design.cells[index]!);
      else seeSignal(piece.signal);
    }
  };
  const visitCell = (cell: Cell): void => {
    if (cell.memory >= 0) seeMemory(cell.memory);
    [cell.a, cell.b, cell.s].forEach(visitOperand);
  };
  switch (step.kind) {
    case 'cell':
      visitCell(design.cells[step.index]!);
      break;
    case 'output':
      visitOperand(design.outputs[step.index]!.value);
      break;
    case 'register':
      for (const { operand } of registerReads(design, step.index)) visitOperand(operand);
      break;
    case 'memory':
      for (const { operand } of memoryReads(design, step.index)) visitOperand(operand);
      break;
    case 'lanes':
      if (step.part !== 'late') groupReads(groups[step.index]!).forEach(visitOperand);
      break;
  }
}

/** Registers whose changes a step surely takes up. */
function shownBy({ design, fusion, groups }: Schedule, step: Step): ReadonlySet<number> {
  const shown = (operand: Operand): Set<number> => {
    const all = new Set<number>();
    for (const piece of operand) {
      if (piece.kind === 'constant') continue;
      const { source, index } = design.signals[piece.signal]!;
      if (source === 'register') all.add(piece.signal);
      else if (source === 'cell' && fusion.folded[index] === 1)
        for (const signal of shownByCell(design.cells[index]!)) all.add(signal);
    }
    return all;
  };
  const shownByCell = ({ type, a, b }: Cell): Set<number> => {
    const left = shown(a);
    const right = shown(b);
    if (type === '$mux') return new Set([...left].filter((signal) => right.has(signal)));
    if (type === '$pmux' || type === '$bwmux') return new Set();
    return new Set([...left, ...right]);
  };
  switch (step.kind) {
    case 'cell':
      return shownByCell(design.cells[step.index]!);
    case 'register': {
      const { d, enable } = design.registers[step.index]!;
      return enable ? new Set() : shown(d);
    }
    case 'lanes': {
      // The first lane stands for all.
      const { d, enable } = design.registers[groups[step.index]!.registers[0]!]!;
      return enable || step.part === 'late' ? new Set() : shown(d);
    }
    case 'memory':
    case 'output':
      return new Set();
  }
}

/** Registers in groups of large arrays: alike but for two indices or more of their paths. */
function hotRegisters({ design, groups }: Schedule): ReadonlySet<number> {
  const arrays = new Map<string, number[]>();
  for (const { registers } of groups) {
    for (const register of registers) {
      const { scope, name } = splitPath(design.registers[register]!.path);
      const key = `${scope.replace(/\d+/g, '#')} ${name}`;
      const known = arrays.get(key);
      if (known) known.push(register);
      else arrays.set(key, [register]);
    }
  }
  const indices = (register: number) => design.registers[register]!.path.match(/\d+/g) ?? [];
  const large = [...arrays.values()].filter((registers) => {
    const first = indices(registers[0]!);
    const all = registers.map(indices);
    const varying = first.filter((index, i) => all.some((other) => other[i] !== index));
    return registers.length >= LARGE_ARRAY && varying.length > 1;
  });
  return new Set(large.flat());
}

/** The instance around a cell, and its own name; names that Yosys makes up start with `$` and may contain dots. */
function splitPath(path: string): { readonly scope: string; readonly name: string } {
  const made = path.startsWith('$') ? 0 : path.indexOf('.$') + 1;
  const at = made > 0 || path.startsWith('$') ? made : path.lastIndexOf('.') + 1;
  return { scope: path.slice(0, Math.max(0, at - 1)), name: path.slice(at) };
}

function isHot(schedule: Schedule, step: Step, hot: ReadonlySet<number>): boolean {
  if (step.kind === 'lanes') {
    if (step.part !== 'all') return true;
    if (hot.has(schedule.groups[step.index]!.registers[0]!)) return true;
  }
  let found = false;
  visitReads(schedule, step, (signal) => {
    const { source, index } = schedule.design.signals[signal]!;
    if (source === 'register' && hot.has(index)) found = true;
  });
  return found;
}

function readersOf(schedule: Schedule, segments: readonly Segment[]) {
  const { design } = schedule;
  const signals = new Map<number, Set<number>>();
  const memories = new Map<number, Set<number>>();
  const add = (to: Map<number, Set<number>>, key: number, segment: number) => {
    const known = to.get(key);
    if (known) known.add(segment);
    else to.set(key, new Set([segment]));
  };
  const home = new Map<number, number>();
  segments.forEach(({ steps }, segment) => {
    for (const step of steps) if (step.kind === 'cell') home.set(design.cells[step.index]!.output, segment);
  });
  segments.forEach(({ steps, always }, segment) => {
    if (always) return;
    for (const step of steps) {
      visitReads(
        schedule,
        step,
        (signal) => {
          if (home.get(signal) !== segment) add(signals, signal, segment);
        },
        (memory) => add(memories, memory, segment),
      );
    }
  });
  const sorted = (sets: Map<number, Set<number>>) =>
    new Map([...sets].map(([key, set]) => [key, [...set].sort((x, y) => x - y)]));
  return { readers: sorted(signals), memoryReaders: sorted(memories) };
}

/** Runs of one cluster; short ones join the run before them. Steps that always run stay by themselves, whatever their clusters. */
function cut(schedule: Schedule, graph: StepGraph, busy: readonly boolean[]): Segment[] {
  const runs: { cluster: string; always: boolean; steps: Step[] }[] = [];
  for (const index of graph.order()) {
    const step = schedule.cycle[index]!;
    const cluster = graph.clusters[index]!;
    const always = busy[index]!;
    const last = runs.at(-1);
    const joins = always || last?.cluster === cluster || (last?.steps.length ?? 0) < SMALLEST_SEGMENT;
    if (last && last.always === always && joins) {
      last.steps.push(step);
      last.cluster = cluster;
    } else runs.push({ cluster, always, steps: [step] });
  }
  return runs.map(({ steps, always }) => ({ steps, always }));
}

/** Which step must come before which, and the cluster of each. */
class StepGraph {
  readonly clusters: readonly string[];
  private readonly after: number[][];
  private readonly waits: Int32Array;

  constructor(
    private readonly schedule: Schedule,
    /** By step: it runs in every cycle. */
    private readonly busy: readonly boolean[],
  ) {
    const { cycle } = schedule;
    this.after = cycle.map(() => []);
    this.waits = new Int32Array(cycle.length);
    this.connect();
    this.clusters = this.cluster();
  }

  /** Steps in an order that stays in a cluster while it can, and among the steps that always run, or the others, while it can. */
  order(): number[] {
    const waits = Int32Array.from(this.waits);
    const kinds = [new Map<string, number[]>(), new Map<string, number[]>()];
    const add = (step: number) => {
      const ready = kinds[this.busy[step] ? 1 : 0]!;
      const cluster = this.clusters[step]!;
      const known = ready.get(cluster);
      if (known) known.push(step);
      else ready.set(cluster, [step]);
    };
    for (let step = 0; step < waits.length; step++) if (waits[step] === 0) add(step);
    const order: number[] = [];
    let [kind, current] = [0, ''];
    while (kinds.some(({ size }) => size > 0)) {
      if (kinds[kind]!.size === 0) kind = 1 - kind;
      const ready = kinds[kind]!;
      current = ready.has(current) ? current : fullest(ready);
      const steps = ready.get(current)!;
      const step = steps.pop()!;
      if (steps.length === 0) ready.delete(current);
      order.push(step);
      for (const next of this.after[step]!) if (--waits[next]! === 0) add(next);
    }
    return order;
  }

  private edge(from: number, to: number): void {
    if (from === to) return;
    this.after[from]!.push(to);
    this.waits[to]!++;
  }

  private connect(): void {
    const { design, groups, cycle } = this.schedule;
    const producer = new Map<number, number>();
    const commit = new Map<number, number>();
    const memoryCommit = new Map<number, number>();
    const early = new Map<number, number>();
    cycle.forEach((step, at) => {
      if (step.kind === 'cell') producer.set(design.cells[step.index]!.output, at);
      else if (step.kind === 'register') commit.set(design.registers[step.index]!.q, at);
      else if (step.kind === 'memory') memoryCommit.set(step.index, at);
      else if (step.kind === 'lanes' && step.part === 'early') early.set(step.index, at);
      else if (step.kind === 'lanes')
        for (const register of groups[step.index]!.registers) commit.set(design.registers[register]!.q, at);
    });
    cycle.forEach((step, at) => {
      if (step.kind === 'lanes' && step.part === 'late') this.edge(early.get(step.index)!, at);
      visitReads(
        this.schedule,
        step,
        (signal) => {
          const from = producer.get(signal);
          if (from !== undefined) this.edge(from, at);
          const to = commit.get(signal);
          if (to !== undefined) this.edge(at, to);
        },
        (memory) => {
          const to = memoryCommit.get(memory);
          if (to !== undefined) this.edge(at, to);
        },
      );
    });
  }

  /** The highest part of the hierarchy around each step that is small enough. */
  private cluster(): string[] {
    const paths = this.schedule.cycle.map((step) => this.pathOf(step));
    const parts = this.parts();
    const sizes = new Map<string, number>();
    for (const path of paths)
      for (const above of prefixes(path)) sizes.set(above, (sizes.get(above) ?? 0) + 1);
    return paths.map((path, at) => {
      const all = prefixes(path);
      const around = all.find((above) => sizes.get(above)! <= LARGEST_CLUSTER) ?? `${all.at(-1)!}.`;
      return `${around} ${parts[at]!}`;
    });
  }

  /**
   * A number for each step, equal where one changes when the other does: cells and what reads them, and registers and what
   * surely shows their changes. A multiplexer or an enable between them may hide these.
   */
  private parts(): readonly number[] {
    const { schedule } = this;
    const { design, cycle, groups } = schedule;
    const parents = Int32Array.from(cycle, (_, at) => at);
    const find = (at: number): number => {
      let root = at;
      while (parents[root] !== root) root = parents[root]!;
      parents[at] = root;
      return root;
    };
    const makers = new Map<number, number>();
    cycle.forEach((step, at) => {
      if (step.kind === 'cell') makers.set(design.cells[step.index]!.output, at);
      else if (step.kind === 'register') makers.set(design.registers[step.index]!.q, at);
      else if (step.kind === 'lanes' && step.part !== 'late')
        for (const register of groups[step.index]!.registers) makers.set(design.registers[register]!.q, at);
    });
    const uses = new Map<number, number>();
    for (const step of cycle) {
      const seen = new Set<number>();
      visitReads(schedule, step, (signal) => seen.add(signal));
      for (const signal of seen) uses.set(signal, (uses.get(signal) ?? 0) + 1);
    }
    cycle.forEach((step, at) => {
      const join = (signal: number) => {
        const maker = makers.get(signal);
        if (maker !== undefined && uses.get(signal)! <= MOST_USES) parents[find(at)] = find(maker);
      };
      visitReads(schedule, step, (signal) => {
        if (design.signals[signal]!.source === 'cell') join(signal);
      });
      for (const signal of shownBy(schedule, step)) join(signal);
    });
    return cycle.map((_, at) => find(at));
  }

  private pathOf(step: Step): string {
    const { design, groups } = this.schedule;
    switch (step.kind) {
      case 'cell':
        return design.cells[step.index]!.path;
      case 'output':
        return '';
      case 'register':
        return design.registers[step.index]!.path;
      case 'memory':
        return design.memories[step.index]!.path;
      case 'lanes':
        return design.registers[groups[step.index]!.registers[0]!]!.path;
    }
  }
}

/** The instances around a cell, outermost first. */
function prefixes(path: string): string[] {
  const { scope } = splitPath(path);
  const parts = scope === '' ? [] : scope.split('.');
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('.'))];
}

function fullest(ready: ReadonlyMap<string, readonly number[]>): string {
  let best = '';
  let most = -1;
  for (const [cluster, { length }] of ready) {
    if (length <= most) continue;
    most = length;
    best = cluster;
  }
  return best;
}
