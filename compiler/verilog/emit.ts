/**
 * Machine to Verilog: the cells from hdl-templates, the decoders from the instruction table, and the top with this
 * machine's parameters. A circuit depends on the machine, never on a network. In: a Machine. Out: files as text, the same
 * bytes for the same machine.
 */

import { InternalError } from '../../base/index.js';
import { type Machine, machineHash } from '../../models/machine/index.js';
import { decoderModules } from './fields.js';
import { verilogMasks, verilogParameters } from './parameters.js';
import { cellTemplates, toolVersion } from './templates.generated.js';
import { dataflowModules } from './variants.js';

/** A file of a bundle. `path` uses forward slashes and is relative to the bundle's folder. */
export interface BundleFile {
  readonly path: string;
  readonly text: string;
}

/** Verilog of a machine. */
export interface VerilogBundle {
  readonly top: 'systole_core';
  /** One module a file, `rtl/MODULE.v`, every file after those it instantiates. */
  readonly files: readonly BundleFile[];
  /** Values of the top's parameters; they are also its defaults. */
  readonly parameters: Readonly<Record<string, number>>;
}

/**
 * The Verilog of a machine: `systole_core` and everything under it, nothing else.
 * @param replacements texts of modules, by name, that take the place of the templates: a foundry's memory for `ram_1r1w`, say.
 */
export function emitVerilog(
  machine: Machine,
  replacements: ReadonlyMap<string, string> = new Map(),
): VerilogBundle {
  const parameters = verilogParameters(machine);
  const head = fileHead(machine);
  const sources = new Map<string, string>(decoderModules());
  for (const [file, text] of cellTemplates) sources.set(file.replace(/\.v$/, ''), text);
  for (const [name, text] of dataflowModules(machine)) sources.set(name, text);
  for (const [name, text] of replacements) sources.set(name, text);
  const files = modulesUnder('systole_core', sources).map((name) => ({
    path: `rtl/${name}.v`,
    text:
      head +
      (name === 'systole_core'
        ? withDefaults(sources.get(name)!, parameters, verilogMasks(machine))
        : sources.get(name)!),
  }));
  return { top: 'systole_core', files, parameters };
}

/** First lines of every emitted file. Deterministic: no date, no place. */
export function fileHead(machine: Machine, comment = '//'): string {
  return [
    `${comment} Machine ${machine.name}, hash ${machineHash(machine)}. Written by systole ${toolVersion}.`,
    `${comment}`,
    '',
  ].join('\n');
}

/** Names of `top` and of all modules it instantiates, leaves first. */
function modulesUnder(top: string, sources: ReadonlyMap<string, string>): readonly string[] {
  const ordered: string[] = [];
  const visit = (name: string): void => {
    if (ordered.includes(name)) return;
    const text = sources.get(name);
    if (text === undefined) throw new InternalError(`no template for the Verilog module ${name}`);
    for (const child of instantiated(text)) visit(child);
    ordered.push(name);
  };
  visit(top);
  return ordered;
}

/** Modules that a Verilog text instantiates: `NAME #(` or `NAME u_INSTANCE (` at the start of a line. */
export function instantiated(text: string): readonly string[] {
  const names = new Set<string>();
  for (const match of text.matchAll(/^\s+([a-z][a-z0-9_]*)\s+(?:#\s*\(|u_[a-z0-9_]+\s*\()/gm))
    names.add(match[1]!);
  return [...names];
}

/** The module text with the defaults of its parameters replaced. */
function withDefaults(
  text: string,
  parameters: Readonly<Record<string, number>>,
  masks: Readonly<Record<string, bigint>>,
): string {
  let result = text;
  for (const [name, value] of Object.entries(parameters)) {
    const pattern = new RegExp(`^(  parameter ${name} = )\\d+`, 'm');
    if (!pattern.test(result)) throw new InternalError(`systole_core has no parameter ${name}`);
    result = result.replace(pattern, `$1${verilogNumber(value)}`);
  }
  for (const [name, mask] of Object.entries(masks)) {
    const pattern = new RegExp(`^(  parameter \\[255:0\\] ${name} = )\\{256\\{1'b1\\}\\}`, 'm');
    if (!pattern.test(result)) throw new InternalError(`systole_core has no parameter ${name}`);
    result = result.replace(pattern, `$1256'h${mask.toString(16)}`);
  }
  return result;
}

/** Unsized decimals are 32-bit signed in Verilog: larger values need a size. */
function verilogNumber(value: number): string {
  return value < 2 ** 31 ? String(value) : `32'h${value.toString(16)}`;
}
