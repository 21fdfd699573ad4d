/**
 * A step of a flow, done once for the same inputs: its stamp holds a hash of everything that goes in (texts, command, tool
 * version), and while the stamp agrees and the outputs are there, the step is not repeated.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Stage {
  /** Name of the stamp. */
  readonly name: string;
  readonly folder: string;
  /** Whatever decides the result. */
  readonly key: readonly string[];
  /** Files that the step writes, relative to the folder. */
  readonly outputs: readonly string[];
  readonly run: () => Promise<void>;
}

/** Runs a step unless its outputs of the same inputs are there. @returns whether they were. */
export async function runStage({ name, folder, key, outputs, run }: Stage): Promise<boolean> {
  const stamp = join(folder, `${name}.stamp`);
  const hash = createHash('sha256').update(key.join('\0')).digest('hex');
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === hash;
  if (done && outputs.every((path) => existsSync(join(folder, path)))) return true;
  rmSync(stamp, { force: true });
  await run();
  writeFileSync(stamp, `${hash}\n`);
  return false;
}
