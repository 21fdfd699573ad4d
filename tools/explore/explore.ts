/**
 * The search. In: a {@link Setup} and an engine. Out: the front, every point of which went through the whole pipeline, and counts. The
 * outcome depends on the setup alone: not on threads, on the order in which chunks come, or on how often the search was cut off.
 */

import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import { changedPoint, noFeasiblePoint } from './diagnostics.js';
import { Dispatcher } from './dispatch.js';
import type { ChunkEngine } from './engines/engine.js';
import { type CostedPoint, Front } from './front.js';
import { type Judge, judgeOf } from './judge.js';
import type { Measurement } from './objectives.js';
import type { Setup } from './setup.js';
import { exhaustive } from './strategies/exhaustive.js';
import { nsga2 } from './strategies/nsga2.js';
import { randomSearch } from './strategies/random.js';
import type { Strategy } from './strategies/strategy.js';
import type { Fidelity, Task } from './task.js';

export interface ExploreProgress {
  readonly evaluated: number;
  readonly total: number;
  readonly front: number;
  /** Of `evaluated`, those whose chunks were there already. */
  readonly kept: number;
}

export interface ExploreOptions {
  readonly onProgress?: (progress: ExploreProgress) => void;
  readonly warn?: (diagnostic: Diagnostic) => void;
}

export interface FrontMember extends CostedPoint {
  /** By the compiled, verified program and the timing engine. */
  readonly measurement: Measurement;
}

export interface Exploration {
  readonly front: readonly FrontMember[];
  readonly evaluated: number;
  readonly feasible: number;
  /** Points whose chunks were there already. */
  readonly kept: number;
  /** How many points fell out, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

/** @throws DiagnosticError where nothing is feasible or a chunk cannot be written: chunks that were are kept. */
export async function explore(
  setup: Setup,
  engine: ChunkEngine,
  options: ExploreOptions = {},
): Promise<Exploration> {
  const search = new Search(setup, engine, options);
  try {
    await search.run();
    return await search.confirm();
  } finally {
    await search.drain();
  }
}

class Search {
  private readonly judge: Judge;
  private readonly dispatcher: Dispatcher;
  private readonly strategy: Strategy;
  private readonly front = new Front();
  private readonly refused = new Map<string, number>();
  /** Costs that the search gave its front. */
  private believed: ReadonlyMap<number, readonly number[]> = new Map();
  private evaluated = 0;
  private feasible = 0;
  private kept = 0;

  constructor(
    private readonly setup: Setup,
    engine: ChunkEngine,
    private readonly options: ExploreOptions,
  ) {
    this.judge = judgeOf(setup);
    this.dispatcher = new Dispatcher(setup, engine, options.warn ?? (() => undefined));
    this.strategy = strategyOf(setup);
  }

  /** Keeps the engine busy until the strategy has enough. */
  async run(): Promise<void> {
    /** Chunks of each batch that are still to come, oldest first. */
    const batches: { left: number; readonly judged: ReturnType<Judge['judge']>[] }[] = [];
    for (;;) {
      const asked = this.dispatcher.full ? 'wait' : this.strategy.next();
      if (asked === 'done' && this.dispatcher.empty) return;
      if (typeof asked === 'object') {
        const tasks = this.split(asked, 'search');
        batches.push({ left: tasks.length, judged: [] });
        for (const task of tasks) this.dispatcher.add(task);
        continue;
      }
      const { task, outcomes, kept } = await this.dispatcher.take();
      const batch = batches[0]!;
      for (const [i, id] of task.ids.entries()) batch.judged.push(this.count(id, outcomes[i]!));
      if (kept) this.kept += task.ids.length;
      if (--batch.left === 0) this.strategy.tell(batches.shift()!.judged);
      this.report();
    }
  }

  async drain(): Promise<void> {
    await this.dispatcher.drain();
  }

  private split(ids: readonly number[], fidelity: Fidelity): Task[] {
    const { chunk } = this.setup.manifest;
    const tasks: Task[] = [];
    for (let at = 0; at < ids.length; at += chunk) tasks.push({ fidelity, ids: ids.slice(at, at + chunk) });
    return tasks;
  }

  private count(id: number, outcome: Parameters<Judge['judge']>[1]): ReturnType<Judge['judge']> {
    const judged = this.judge.judge(id, outcome);
    this.evaluated++;
    if (judged.costs !== undefined && judged.violations === 0) {
      this.feasible++;
      this.front.add({ id, costs: judged.costs });
    } else {
      const reason = this.judge.reason(outcome) ?? 'unknown';
      this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    }
    return judged;
  }

  private report(): void {
    const { evaluated, kept, strategy, front } = this;
    this.options.onProgress?.({ evaluated, kept, total: strategy.total, front: front.size });
  }

  /** What the search took a point for, and what it is: the same, or a warning. */
  private compare(id: number, costs: readonly number[]): void {
    const believed = this.believed.get(id);
    if (believed === undefined || costs.every((cost, i) => cost === believed[i])) return;
    const message = `the search took its objectives for ${believed.join(', ')}; they are ${costs.join(', ')}`;
    this.options.warn?.(changedPoint(id, message));
  }

  /** The search's front through the whole pipeline; points that the search took for better than they are fall off it. */
  async confirm(): Promise<Exploration> {
    if (this.feasible === 0)
      throw new DiagnosticError([noFeasiblePoint(this.evaluated, mostOf(this.refused))]);
    this.believed = new Map(this.front.points.map(({ id, costs }) => [id, costs]));
    const exact = new Front();
    const measured = new Map<number, Measurement>();
    for (const task of this.split(
      this.front.points.map(({ id }) => id),
      'exact',
    ))
      this.dispatcher.add(task);
    while (!this.dispatcher.empty) {
      const { task, outcomes } = await this.dispatcher.take();
      for (const [i, id] of task.ids.entries()) {
        const outcome = outcomes[i]!;
        const { costs, violations } = this.judge.judge(id, outcome);
        if (!outcome.ok || costs === undefined || violations > 0) continue;
        this.compare(id, costs);
        measured.set(id, outcome.measurement);
        exact.add({ id, costs });
      }
    }
    const front = exact.points.map((point) => ({ ...point, measurement: measured.get(point.id)! }));
    const { evaluated, feasible, kept, refused } = this;
    return { front, evaluated, feasible, kept, refused };
  }
}

function strategyOf({ space, manifest }: Setup): Strategy {
  const { strategy, seed, budget, population, chunk } = manifest;
  switch (strategy) {
    case 'exhaustive':
      return exhaustive(space, chunk);
    case 'random':
      return randomSearch(space, seed, budget, chunk);
    case 'nsga2':
      return nsga2(space, { seed, budget, population });
  }
}

/** The commonest reasons. */
function mostOf(refused: ReadonlyMap<string, number>): string {
  const sorted = [...refused].sort(([, a], [, b]) => b - a);
  return sorted
    .slice(0, 3)
    .map(([reason, count]) => `${count}: ${reason}`)
    .join('; ');
}
