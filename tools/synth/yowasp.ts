/**
 * Tools that come as npm packages of WebAssembly (@yowasp/*), each run in a Node process of its own: they block while they work,
 * and only a process can be stopped then. In: files of a working folder. Out: the files that the tool wrote, there.
 */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DiagnosticError } from '../../base/index.js';
import { toolMissing } from './diagnostics.js';
import { runTool, type ToolRun } from './process.js';

export interface YowaspRun extends Pick<ToolRun, 'cwd' | 'log' | 'signal' | 'onLine'> {
  readonly packageName: '@yowasp/yosys' | '@yowasp/nextpnr-ice40';
  readonly tool: string;
  readonly args: readonly string[];
  /** Files of `cwd` that the tool sees, relative paths. */
  readonly inputs: readonly string[];
}

/**
 * What the child runs. The packages see a tree of files in memory: inputs are read into it, and what the tool adds is written
 * back, also when it fails. Exit code 3: the WebAssembly module itself crashed.
 */
const CHILD = `
import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
const { module, tool, args, inputs } = JSON.parse(process.argv[1]);
const tree = {};
for (const path of inputs) {
  const parts = path.split('/');
  let folder = tree;
  for (const part of parts.slice(0, -1)) folder = folder[part] ??= {};
  folder[parts.at(-1)] = readFileSync(path);
}
const put = (bytes) => { for (let at = 0; bytes && at < bytes.length; ) {
  try { at += writeSync(1, bytes, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
} };
const save = (folder, at) => { for (const [name, value] of Object.entries(folder ?? {})) {
  const path = join(at, name);
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) { if (name !== 'tmp') save(value, path); continue; }
  if (inputs.includes(path)) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, value);
} };
const { commands, Exit } = await import(module);
try {
  save(await commands[tool](args, tree, { stdout: put, stderr: put }), '');
} catch (error) {
  if (error instanceof Exit) { save(error.files, ''); process.exit(error.code || 1); }
  put(new TextEncoder().encode('ERROR: ' + tool + ' crashed: ' + error.message + '\\n'));
  process.exit(3);
}
`;

/** Runs a tool of a package. @throws DiagnosticError when the package is absent, or the tool fails or is cancelled. */
export async function runYowasp(run: YowaspRun): Promise<void> {
  const module = locate(run.packageName);
  if (module === undefined) throw new DiagnosticError([packageMissing(run.packageName, run.tool)]);
  const job = { module: pathToFileURL(module).href, tool: run.tool, args: run.args, inputs: run.inputs };
  await runTool({
    tool: run.tool,
    command: process.execPath,
    // Yosys recurses deeply on large designs; main threads have 8 MiB of stack, of which Node uses 1 by itself.
    args: [
      ...(process.platform === 'win32' ? [] : ['--stack-size=3900']),
      '--input-type=module',
      '-e',
      CHILD,
      JSON.stringify(job),
    ],
    cwd: run.cwd,
    log: run.log,
    signal: run.signal,
    ...(run.onLine && { onLine: run.onLine }),
  });
}

function packageMissing(name: YowaspRun['packageName'], tool: string) {
  return toolMissing(tool, `npm install ${name}@${PINNED[name]}, or leave out --omit=optional`);
}

/** The versions that the figures of docs/hardware.md were measured with. */
const PINNED = { '@yowasp/yosys': '0.55.944', '@yowasp/nextpnr-ice40': '0.8.621' } as const;

/** The module of an installed package, or undefined. */
function locate(name: string): string | undefined {
  const root = packageFolder(name);
  if (root === undefined) return undefined;
  const path = join(root, 'gen', 'bundle.js');
  return existsSync(path) ? path : undefined;
}

function packageFolder(name: string): string | undefined {
  // These packages export nothing but their module, by `import` alone: look for the folder as Node does.
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(join(path, 'package.json')));
}

/** Whether a package is there. */
export function hasYowasp(name: YowaspRun['packageName']): boolean {
  return locate(name) !== undefined;
}

/** `@yowasp/yosys 0.55.944`, from the package itself. */
export function yowaspVersion(name: YowaspRun['packageName']): string {
  const root = packageFolder(name);
  if (root === undefined) return `${name} (absent)`;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return `${name} ${version}`;
}
