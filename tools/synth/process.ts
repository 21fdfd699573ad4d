/**
 * One tool as a process of its own: its output goes to a log, its progress lines to the caller, and it dies when the
 * caller's signal says so or this program ends. In: a command. Out: its exit code and the end of what it said.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DiagnosticError } from '../../base/index.js';
import { cancelled, toolFailed } from './diagnostics.js';

export interface ToolRun {
  /** How messages call the tool. */
  readonly tool: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Folder it runs in. */
  readonly cwd: string;
  /** File that takes all it says. */
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
  /** Every line of output, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Lines of output that are kept for the message of a failure. */
const TAIL_LINES = 40;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a tool to its end. @throws DiagnosticError with the tool's own message when it fails or is cancelled. */
export async function runTool(run: ToolRun): Promise<void> {
  if (run.signal?.aborted) throw new DiagnosticError([cancelled(run.tool)]);
  const { code, tail } = await execute(run);
  if (run.signal?.aborted) throw new DiagnosticError([cancelled(run.tool)]);
  if (code !== 0) throw new DiagnosticError([toolFailed(run.tool, complaint(tail, code), run.log)]);
}

function execute(
  run: ToolRun,
): Promise<{ readonly code: number | string; readonly tail: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const log = openSync(run.log, 'w');
    const tail: string[] = [];
    // A process group of its own: Ctrl-C reaches this program alone, which then ends the tool in order.
    const child = spawn(run.command, run.args, {
      cwd: run.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    running.add(child);
    const stop = () => child.kill('SIGKILL');
    run.signal?.addEventListener('abort', stop, { once: true });
    const onLine = (line: string) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      run.onLine?.(line);
    };
    for (const stream of [child.stdout, child.stderr]) {
      const lines = lineSplitter(onLine);
      stream.on('data', (chunk: Buffer) => {
        if (open) writeSync(log, chunk);
        lines(chunk.toString());
      });
    }
    let open = true;
    // A program that cannot be started gives `error` and `close`.
    const finish = () => {
      if (!open) return;
      open = false;
      running.delete(child);
      run.signal?.removeEventListener('abort', stop);
      closeSync(log);
    };
    child.on('error', (error) => {
      finish();
      reject(new DiagnosticError([toolFailed(run.tool, error.message, undefined)]));
    });
    child.on('close', (code, signal) => {
      finish();
      resolve({ code: code ?? signal ?? 'no exit code', tail });
    });
  });
}

function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  };
}

/** The tool's own sentence: its last line that says ERROR, that of its crash last of all; else its last line. */
export function complaint(tail: readonly string[], code: number | string): string {
  const said = tail.filter((line) => line.trim() !== '');
  const errors = said.filter((line) => /\berror\b/i.test(line));
  const line = errors.findLast((text) => !/ crashed: /.test(text)) ?? errors.at(-1) ?? said.at(-1);
  return line === undefined ? `ended with ${code} and said nothing` : line.trim();
}

/** Full path of a program in PATH, or undefined. */
export function findInPath(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there: the next folder.
    }
  }
  return undefined;
}
