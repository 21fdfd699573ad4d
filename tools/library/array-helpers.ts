/**
 * Threads that help the array engine. In: a Machine and a count. Out: an engine that shares the array's work with them. They sleep while
 * nothing is to do and do not keep the process alive; `stop` ends them.
 */

import { Worker } from 'node:worker_threads';
import type { Machine } from '../../models/machine/index.js';
import {
  arrayEngine,
  canShareTiles,
  createParallelArrayEngine,
  type SharedTiles,
  shareTiles,
} from '../../simulator/array/index.js';
import type { Engine } from '../../simulator/engine/index.js';

export interface HelpedEngine {
  readonly engine: Engine;
  /** Threads besides the caller's; 0 where the machine's array is of a kind that they do not know. */
  readonly helpers: number;
  /** What the threads share; undefined without helpers. */
  readonly shared: SharedTiles | undefined;
  readonly stop: () => Promise<void>;
}

/** @param helpers threads besides the caller's, one or more. */
export async function startArrayHelpers(machine: Machine, helpers = 1): Promise<HelpedEngine> {
  if (!canShareTiles(machine))
    return { engine: arrayEngine, helpers: 0, shared: undefined, stop: async () => {} };
  const shared = shareTiles(machine, helpers);
  const workers = Array.from({ length: helpers }, (_, helper) => startThread({ shared, helper }));
  await Promise.all(workers.map(ready));
  for (const worker of workers) worker.unref();
  const stop = async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  return { engine: createParallelArrayEngine(shared), helpers, shared, stop };
}

/** Built code is a file that a thread can start with; a source needs a loader first, as this thread had. */
function startThread(workerData: object): Worker {
  const source = import.meta.url.endsWith('.ts');
  const entry = new URL(`./array-helper-thread.${source ? 'ts' : 'js'}`, import.meta.url);
  if (!source) return new Worker(entry, { workerData });
  const load = `import('tsx/esm/api').then(({ register }) => (register(), import('${entry.href}')))`;
  return new Worker(load, { workerData, eval: true });
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
}
