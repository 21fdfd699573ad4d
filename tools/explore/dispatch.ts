/**
 * Chunks in flight. In: tasks in the order in which they are wanted. Out: their outcomes in the same order, whatever order they were
 * computed in; a chunk whose file is there already is read instead of computed, which is all that resuming is.
 */

import { type Diagnostic, InternalError } from '../../base/index.js';
import { ChunkStore } from './chunks.js';
import type { ChunkEngine } from './engines/engine.js';
import type { Outcome } from './evaluate.js';
import type { Setup } from './setup.js';
import { chunkOfTask, type Task } from './task.js';

export interface Delivered {
  readonly task: Task;
  readonly outcomes: readonly Outcome[];
  /** Read from an earlier run's file. */
  readonly kept: boolean;
}

export class Dispatcher {
  private readonly store: ChunkStore;
  private readonly flight: Promise<Delivered>[] = [];

  constructor(
    private readonly setup: Setup,
    private readonly engine: ChunkEngine,
    private readonly warn: (diagnostic: Diagnostic) => void,
  ) {
    this.store = new ChunkStore(setup.folder);
  }

  get full(): boolean {
    return this.flight.length >= this.engine.parallel;
  }

  get empty(): boolean {
    return this.flight.length === 0;
  }

  add(task: Task): void {
    const promise = this.deliver(task);
    // Whoever takes it hears of its failure; until then it is nobody's.
    promise.catch(() => undefined);
    this.flight.push(promise);
  }

  /** The oldest task's outcomes. */
  async take(): Promise<Delivered> {
    const oldest = this.flight.shift();
    if (oldest === undefined) throw new InternalError('nothing is in flight');
    return oldest;
  }

  /** What is still in flight ends; its chunks are written, failures are forgotten. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.flight.splice(0));
  }

  private async deliver(task: Task): Promise<Delivered> {
    const chunk = chunkOfTask(this.setup, task);
    const there = this.store.read(chunk, this.warn);
    if (there !== undefined) return { task, outcomes: there, kept: true };
    await this.engine.run(task);
    const outcomes = this.store.read(chunk, this.warn);
    if (outcomes === undefined) throw new InternalError(`chunk ${chunk.hash} was not written`);
    return { task, outcomes, kept: false };
  }
}
