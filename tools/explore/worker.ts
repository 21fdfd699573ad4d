/** The thread of a local engine: runs tasks that it is sent and says when each chunk is written. */

import { parentPort, workerData } from 'node:worker_threads';
import { DiagnosticError } from '../../base/index.js';
import { openSetup } from './setup.js';
import { type Task, TaskRunner } from './task.js';

const { folder } = workerData as { readonly folder: string };
const runner = new TaskRunner(openSetup(folder));

parentPort?.on('message', (task: Task) => {
  try {
    runner.run(task);
    parentPort?.postMessage({ kind: 'done' });
  } catch (error) {
    const diagnostics = error instanceof DiagnosticError ? error.diagnostics : undefined;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort?.postMessage({ kind: 'failed', diagnostics, message });
  }
});
