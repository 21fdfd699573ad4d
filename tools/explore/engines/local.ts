/** Chunks on this computer's cores, by worker threads: the coordinator only waits. In: a results folder. Out: an engine. */

import { Worker } from 'node:worker_threads';
import { type Diagnostic, DiagnosticError, InternalError } from '../../../base/index.js';
import type { Task } from '../task.js';
import type { ChunkEngine } from './engine.js';

type Reply =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly diagnostics?: readonly Diagnostic[]; readonly message: string };

interface Job {
  readonly task: Task;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** @param threads one or more. */
export function startLocalEngine(folder: string, threads: number): ChunkEngine {
  const waiting: Job[] = [];
  const lanes = Array.from({ length: threads }, () => new Lane(folder, waiting));
  return {
    name: 'local',
    // One more than threads: a thread never waits for the coordinator.
    parallel: threads + 1,
    run: (task) =>
      new Promise((resolve, reject) => {
        waiting.push({ task, resolve, reject });
        for (const lane of lanes) lane.take();
      }),
    stop: async () => {
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}

/** A thread and the job that it has. */
class Lane {
  private worker: Worker | undefined;
  private job: Job | undefined;

  constructor(
    private readonly folder: string,
    private readonly waiting: Job[],
  ) {}

  /** The next job, where the thread has none. */
  take(): void {
    if (this.job !== undefined) return;
    this.job = this.waiting.shift();
    if (this.job === undefined) return;
    this.worker ??= this.start();
    this.worker.postMessage(this.job.task);
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const worker = startThread({ folder: this.folder });
    worker.unref();
    worker.on('message', (reply: Reply) => this.settle(reply));
    worker.on('error', (error) => {
      this.worker = undefined;
      this.finish((job) => job.reject(error instanceof Error ? error : new InternalError(String(error))));
    });
    return worker;
  }

  private settle(reply: Reply): void {
    this.finish((job) => {
      if (reply.kind === 'done') job.resolve();
      else if (reply.diagnostics) job.reject(new DiagnosticError(reply.diagnostics));
      else job.reject(new InternalError(reply.message));
    });
  }

  private finish(end: (job: Job) => void): void {
    const { job } = this;
    this.job = undefined;
    if (job !== undefined) end(job);
    this.take();
  }
}

/** Left alone, each thread's heap grows to a share of the computer's memory before it is swept. */
const resourceLimits = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64 };

/** Built code is a file that a thread can start with; a source needs a loader first, as this thread had. */
function startThread(workerData: object): Worker {
  const source = import.meta.url.endsWith('.ts');
  const entry = new URL(`../worker.${source ? 'ts' : 'js'}`, import.meta.url);
  if (!source) return new Worker(entry, { workerData, resourceLimits });
  const load = `import('tsx/esm/api').then(({ register }) => (register(), import('${entry.href}')))`;
  return new Worker(load, { workerData, eval: true, resourceLimits });
}
