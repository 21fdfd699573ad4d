/**
 * Chunks as job arrays of Slurm, on a file system that all nodes share. In: a results folder. Out: an engine. Tasks that are asked for
 * together become one array, a chunk an element; an element that ends without its chunk (its node died, its time ran out) is submitted
 * again, alone. Arrays are written down, so that a coordinator that was killed finds its jobs and waits for them.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError } from '../../../base/index.js';
import { ChunkStore } from '../chunks.js';
import { chunkNotMade } from '../diagnostics.js';
import { openSetup, type Setup } from '../setup.js';
import { sha256, writeWhole } from '../store.js';
import { chunkOfTask, type Task } from '../task.js';
import type { ChunkEngine } from './engine.js';
import { liveElements, submitArray } from './slurm-commands.js';

export interface SlurmOptions {
  /** Passed to sbatch: `--partition=long --time=10`. */
  readonly options: readonly string[];
  /** What an element runs: it is given the array's file and its index. */
  readonly command: readonly string[];
  readonly pollSeconds: number;
  readonly say: (message: string) => void;
}

interface Waiting {
  readonly task: Task;
  readonly hash: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Times that it was submitted. */
  attempts: number;
  /** Job and index; undefined before it is submitted. */
  element: string | undefined;
  /** Polls since its element was last seen. */
  unseen: number;
}

/** Times a chunk is submitted before its failure is the user's. */
const ATTEMPTS = 4;
/** Polls before a chunk that no job makes counts as missing: shared file systems show new files late. */
const PATIENCE = 2;
const IN_FLIGHT = 200;

export function startSlurmEngine(setup: Setup, options: SlurmOptions): ChunkEngine {
  const arrays = new SlurmArrays(setup, options);
  return {
    name: 'slurm',
    parallel: IN_FLIGHT,
    run: (task) => arrays.run(task),
    stop: async () => arrays.stop(),
  };
}

class SlurmArrays {
  private readonly store: ChunkStore;
  private readonly folder: string;
  private readonly waiting = new Map<string, Waiting>();
  /** Chunk -> element, of arrays that an earlier coordinator submitted. */
  private readonly earlier: ReadonlyMap<string, string>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly setup: Setup,
    private readonly options: SlurmOptions,
  ) {
    this.store = new ChunkStore(setup.folder);
    this.folder = join(setup.folder, 'slurm');
    mkdirSync(this.folder, { recursive: true });
    this.earlier = earlierElements(this.folder);
  }

  run(task: Task): Promise<void> {
    const { hash } = chunkOfTask(this.setup, task);
    return new Promise((resolve, reject) => {
      const element = this.earlier.get(hash);
      const attempts = element === undefined ? 0 : 1;
      this.waiting.set(hash, { task, hash, resolve, reject, attempts, element, unseen: 0 });
      // What is asked for in the same breath becomes one array.
      this.timer ??= setTimeout(() => this.poll(), 50);
    });
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.clear();
  }

  private poll(): void {
    this.timer = undefined;
    try {
      this.settle();
      this.submit([...this.waiting.values()].filter(({ element }) => element === undefined));
    } catch (error) {
      for (const { reject } of this.waiting.values()) reject(error as Error);
      this.waiting.clear();
    }
    if (this.waiting.size > 0) this.timer = setTimeout(() => this.poll(), this.options.pollSeconds * 1e3);
  }

  /** Chunks that are there are done; elements that are gone without one are to be submitted again. */
  private settle(): void {
    for (const entry of [...this.waiting.values()]) {
      if (!this.store.has(chunkOfTask(this.setup, entry.task))) continue;
      this.waiting.delete(entry.hash);
      entry.resolve();
    }
    const submitted = [...this.waiting.values()].filter(({ element }) => element !== undefined);
    if (submitted.length === 0) return;
    const live = liveElements();
    for (const entry of submitted) {
      entry.unseen = live.has(entry.element!) ? 0 : entry.unseen + 1;
      if (entry.unseen >= PATIENCE) this.again(entry);
    }
  }

  private again(entry: Waiting): void {
    const { hash, attempts, element } = entry;
    if (attempts >= ATTEMPTS) {
      this.waiting.delete(hash);
      entry.reject(new DiagnosticError([chunkNotMade(hash, attempts, outputOf(this.folder, element!))]));
      return;
    }
    this.options.say(`element ${element} ended without chunk ${hash}: submitted again`);
    entry.element = undefined;
    entry.unseen = 0;
  }

  private submit(entries: readonly Waiting[]): void {
    if (entries.length === 0) return;
    const tasks = entries.map(({ task }) => task);
    const hashes = entries.map(({ hash }) => hash);
    const name = sha256(`${hashes.join(' ')} ${entries.map(({ attempts }) => attempts).join(' ')}`).slice(
      0,
      16,
    );
    const file = join(this.folder, `${name}.tasks.json`);
    writeWhole(file, JSON.stringify(tasks));
    const job = submitArray({
      name: `systole-${name}`,
      count: entries.length,
      output: join(this.folder, '%A_%a.txt'),
      command: [...this.options.command, file],
      options: this.options.options,
    });
    writeWhole(join(this.folder, `${name}.job.json`), JSON.stringify({ job, hashes }));
    for (const [index, entry] of entries.entries()) {
      entry.element = `${job}_${index}`;
      entry.attempts++;
    }
  }
}

/** Elements of arrays in a folder that Slurm still has. */
function earlierElements(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.job.json'));
  if (files.length === 0) return new Map();
  const live = liveElements();
  const found = new Map<string, string>();
  for (const file of files) {
    const { job, hashes } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      readonly job: string;
      readonly hashes: readonly string[];
    };
    for (const [index, hash] of hashes.entries())
      if (live.has(`${job}_${index}`)) found.set(hash, `${job}_${index}`);
  }
  return found;
}

/** The end of what an element printed. */
function outputOf(folder: string, element: string): string {
  const path = join(folder, `${element}.txt`);
  return existsSync(path) ? readFileSync(path, 'utf8').slice(-2000) : '';
}

/** Element `index` of an array's file: what a job runs. @throws DiagnosticError where its chunk cannot be written. */
export function readTask(file: string, index: number): { readonly setup: Setup; readonly task: Task } {
  const tasks = JSON.parse(readFileSync(file, 'utf8')) as readonly Task[];
  return { setup: openSetup(join(file, '..', '..')), task: tasks[index]! };
}
