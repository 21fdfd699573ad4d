/** A chunk's work, wherever it is done: a thread or a cluster's task. In: a setup and a chunk. Out: the chunk's file. */

import type { Chunk } from './chunks.js';
import { ChunkStore, chunkOf } from './chunks.js';
import { confirmExactly, Evaluator, type Outcome } from './evaluate.js';
import { machineAt } from './points.js';
import { readNetworks, type Setup } from './setup.js';

/** `search`: what the strategy asks for; `exact`: a point of the front through the whole pipeline. */
export type Fidelity = 'search' | 'exact';

export interface Task {
  readonly fidelity: Fidelity;
  readonly ids: readonly number[];
}

/** The chunk that holds a task's outcomes. */
export function chunkOfTask({ identity }: Setup, { fidelity, ids }: Task): Chunk {
  return chunkOf(`${identity} ${fidelity}`, ids);
}

/** Does tasks one after another and keeps what they share. */
export class TaskRunner {
  private readonly store: ChunkStore;
  private readonly evaluator: Evaluator;
  private readonly networks: ReturnType<typeof readNetworks>;

  constructor(private readonly setup: Setup) {
    this.store = new ChunkStore(setup.folder);
    this.networks = readNetworks(setup);
    this.evaluator = new Evaluator(this.networks);
  }

  /** @throws DiagnosticError where the chunk cannot be written. */
  run(task: Task): void {
    const outcomes = task.ids.map((id) => this.outcome(task.fidelity, id));
    this.store.write(chunkOfTask(this.setup, task), outcomes);
  }

  private outcome(fidelity: Fidelity, id: number): Outcome {
    const point = machineAt(this.setup.space, id);
    if (!point.ok) return { ok: false, reason: point.reason };
    return fidelity === 'search'
      ? this.evaluator.evaluate(point.machine)
      : confirmExactly(this.networks, point.machine);
  }
}
