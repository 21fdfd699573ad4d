/**
 * Verilog to netlist, by Yosys compiled to WebAssembly. In: source texts and the name of the top. Out: a {@link Netlist}
 * of word-level cells with the hierarchy kept. Two-state: x and z are 0 from here on.
 */

import { Exit, runYosys, type Tree } from '@yowasp/yosys';
import { type Diagnostic, fail, type Result, succeed } from '../../base/index.js';
import {
  elaborationCrashed,
  elaborationFailed,
  noSuchTop,
  placeOfInstance,
  placeOfSource,
} from './diagnostics.js';
import type { Netlist, SourceFile } from './netlist.js';
import { isTrap } from './wasm.js';

/** Files that Yosys reads first, in order; others (headers) are only there for `include. */
const isSource = (path: string) => !/\.(vh|svh|hex|mem|txt)$/.test(path);

/** Word-level cells: processes resolved, enables and resets found again, memories collected. */
const PASSES = [
  'proc',
  'opt_expr',
  'opt_clean',
  'opt_merge',
  'opt_dff',
  'opt_clean',
  'memory_collect',
  'opt_clean',
];

/** Keeps what Yosys wrote for a content, e.g. from one process to the next. */
export interface NetlistStore {
  /** @param content everything that the text depends on, but for Yosys itself. */
  readonly read: (content: string) => Promise<string | undefined>;
  readonly write: (content: string, text: string) => Promise<void>;
}

/**
 * Elaborates Verilog-2005 sources.
 * @param files texts in reading order. `readmemh` and `include see them under their paths.
 * @param parameters values for parameters of the top.
 * @param store asked before Yosys is run; gets what Yosys wrote.
 * @returns the netlist, or Yosys' complaint at its line.
 */
export async function elaborate(
  files: readonly SourceFile[],
  top: string,
  parameters: Readonly<Record<string, number>> = {},
  store?: NetlistStore,
): Promise<Result<Netlist>> {
  const names = files.filter(({ path }) => isSource(path)).map(({ path }) => `"${path}"`);
  const override = Object.entries(parameters)
    .map(([name, value]) => ` -chparam ${name} ${value}`)
    .join('');
  const script = [
    `read_verilog -I. ${names.join(' ')}`,
    `hierarchy -check -top ${top}${override}`,
    ...PASSES,
    'write_json netlist.json',
  ];
  const content = [...script, ...files.flatMap(({ path, text }) => [path, text])].join('\0');
  const known = netlistOf(await store?.read(content), files);
  if (known) return succeed(known);
  const log: string[] = [];
  const decoder = new TextDecoder();
  const keep = (bytes: Uint8Array | null) => {
    if (bytes) log.push(decoder.decode(bytes, { stream: true }));
  };
  try {
    const tree = treeOf([...files, { path: 'run.ys', text: `${script.join('\n')}\n` }]);
    const out = await runYosys(['-q', '-s', 'run.ys'], tree, { stdout: keep, stderr: keep });
    const json = out?.['netlist.json'];
    const text = json instanceof Uint8Array ? new TextDecoder().decode(json) : json;
    if (typeof text !== 'string') return fail(elaborationCrashed('it wrote no netlist'));
    const netlist = netlistOf(text, files);
    if (!netlist) return fail(noSuchTop(top));
    await store?.write(content, text);
    return succeed(netlist);
  } catch (error) {
    if (error instanceof Exit) return fail(complaint(log.join(''), files));
    // Yosys' own crashes: a stack overflow, or a trap of the WebAssembly module.
    if (error instanceof RangeError || isTrap(error)) return fail(elaborationCrashed(error.message));
    throw error;
  }
}

/** Undefined without text, and where the text has no top. */
function netlistOf(text: string | undefined, files: readonly SourceFile[]): Netlist | undefined {
  if (text === undefined) return undefined;
  const { modules } = JSON.parse(text) as Pick<Netlist, 'modules'>;
  const name = Object.keys(modules).find((key) => modules[key]!.attributes['top'] !== undefined);
  return name === undefined ? undefined : { top: name, modules, files };
}

/** `FILE:LINE: ERROR: TEXT`, or `ERROR: TEXT`, possibly with `FILE:LINE.COL-...` inside. */
function complaint(log: string, files: readonly SourceFile[]): Diagnostic {
  const line = log.split('\n').find((text) => text.includes('ERROR:')) ?? log.trim();
  const [before, message = line] = line.split(/ERROR:\s*/, 2);
  const inside = /([\w./-]+:\d+(?:\.\d+(?:-\d+\.\d+)?)?)/.exec(message)?.[1];
  const src = before?.replace(/:\s*$/, '') || inside;
  return elaborationFailed(message.trim(), placeOfSource(files, src) ?? placeOfInstance(files, message));
}

function treeOf(files: readonly SourceFile[]): Tree {
  const root: Tree = {};
  for (const { path, text } of files) {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      const next = folder[part];
      const child: Tree = typeof next === 'object' && !(next instanceof Uint8Array) ? next : {};
      folder[part] = child;
      folder = child;
    }
    folder[parts.at(-1)!] = text;
  }
  return root;
}
