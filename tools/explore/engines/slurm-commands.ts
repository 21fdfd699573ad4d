/** Slurm's own programs. In: what to submit. Out: a job's number, and the elements that the queue still has. */

import { spawnSync } from 'node:child_process';
import { DiagnosticError } from '../../../base/index.js';
import { slurmFault } from '../diagnostics.js';

export interface ArrayRequest {
  readonly name: string;
  /** Elements, numbered from 0. */
  readonly count: number;
  /** Where each prints, with sbatch's `%A` and `%a`. */
  readonly output: string;
  /** The element's index is added as the last argument. */
  readonly command: readonly string[];
  readonly options: readonly string[];
}

/** Whether this computer can submit jobs. */
export function hasSlurm(): boolean {
  return spawnSync('sbatch', ['--version']).status === 0;
}

/** The job's number. What is lost is submitted again by the engine: Slurm's own requeue waits two minutes. @throws DiagnosticError with what sbatch said. */
export function submitArray({ name, count, output, command, options }: ArrayRequest): string {
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const script = `#!/bin/sh\nexec ${words} "$SLURM_ARRAY_TASK_ID"\n`;
  const flags = ['--parsable', '--no-requeue', `--job-name=${name}`, `--output=${output}`];
  const answer = run('sbatch', [...flags, `--array=0-${count - 1}`, ...options], script);
  return answer.trim().split(';')[0]!;
}

/** `job_index` of everything that is queued or running; all of the user's, in one question. */
export function liveElements(): ReadonlySet<string> {
  return new Set(run('squeue', ['--noheader', '--array', '--format=%F_%K']).split('\n').filter(Boolean));
}

function run(program: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (status === 0) return stdout;
  const said = error === undefined ? stderr.trim() : (error as NodeJS.ErrnoException).code;
  throw new DiagnosticError([slurmFault(program, said ?? `status ${status}`)]);
}
