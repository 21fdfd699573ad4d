/** Where chunks are computed. */

import type { Task } from '../task.js';

export interface ChunkEngine {
  readonly name: 'local' | 'slurm';
  /** Tasks worth having in flight. */
  readonly parallel: number;
  /** Resolves when the task's chunk is written. Rejects with a DiagnosticError where it cannot be. */
  run(task: Task): Promise<void>;
  stop(): Promise<void>;
}
