/** Yosys on a folder: writes the script, runs it, shows its passes as progress. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStage } from './stage.js';
import { runYowasp, yowaspVersion } from './yowasp.js';

export interface YosysJob {
  readonly name: string;
  readonly folder: string;
  readonly script: readonly string[];
  readonly inputs: readonly { readonly path: string; readonly text: string }[];
  readonly outputs: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

export const yosysVersion = () => yowaspVersion('@yowasp/yosys');

/** Runs a script on texts, in `folder`, keeping `NAME.ys` and `NAME.log`. @throws DiagnosticError */
export async function runYosysJob(job: YosysJob): Promise<void> {
  const text = `${job.script.join('\n')}\n`;
  const kept = await runStage({
    name: job.name,
    folder: job.folder,
    key: [yosysVersion(), text, ...job.inputs.flatMap(({ path, text: t }) => [path, t])],
    outputs: job.outputs,
    run: async () => {
      const files = [...job.inputs, { path: `${job.name}.ys`, text }];
      for (const file of files) writeFileSync(join(job.folder, file.path), file.text);
      await runYowasp({
        packageName: '@yowasp/yosys',
        tool: 'yosys',
        args: ['-s', `${job.name}.ys`],
        inputs: files.map(({ path }) => path),
        cwd: job.folder,
        log: join(job.folder, `${job.name}.log`),
        signal: job.signal,
        onLine: passes(job.name, job.onProgress),
      });
    },
  });
  if (kept) job.onProgress?.(`${job.name}: nothing changed, the last result is kept`);
}

/** At most one progress line in this time. */
const PROGRESS_MILLISECONDS = 3000;

/** Top-level passes of Yosys' log (`12. Executing ...`) as progress. */
function passes(name: string, onProgress?: (message: string) => void): (line: string) => void {
  let last = 0;
  return (line) => {
    const match = /^[\d.]+ Executing ([A-Z0-9_]+) pass/.exec(line);
    const now = Date.now();
    if (!match || now - last < PROGRESS_MILLISECONDS) return;
    last = now;
    onProgress?.(`yosys ${name}: ${match[1]!.toLowerCase()}`);
  };
}
