/**
 * What an engineer gets beside the Verilog: file list, constraints, tool scripts, FuseSoC core, register map, C driver, block
 * diagram. In: a Machine, its Verilog, the test bench's files if there are any. Out: files as text, no date, no place.
 */

import type { Machine } from '../../models/machine/index.js';
import { blockDiagram } from './diagram.js';
import { driverHeader } from './driver.js';
import type { BundleFile, VerilogBundle } from './emit.js';
import { flowFiles } from './flows.js';
import { fusesocCore } from './fusesoc.js';
import { registerJson, registerMarkdown } from './registers.js';
import { makefile } from './scripts.js';

export interface BenchPaths {
  /** Verilog of the test bench. */
  readonly bench: readonly string[];
  /** Memory images that it reads. */
  readonly images: readonly string[];
}

/** Files of the project around `rtl/`; `files.f` lists the Verilog in compilation order. */
export function projectFiles(
  machine: Machine,
  verilog: VerilogBundle,
  paths: BenchPaths = { bench: [], images: [] },
): readonly BundleFile[] {
  const rtl = verilog.files.map(({ path }) => path);
  return [
    { path: 'files.f', text: `${[...rtl, ...paths.bench].join('\n')}\n` },
    { path: 'Makefile', text: makefile(machine, paths.bench.length > 0) },
    ...flowFiles(machine, verilog),
    { path: 'systole.core', text: fusesocCore(machine, { rtl, ...paths }) },
    { path: 'registers/registers.json', text: registerJson(machine) },
    { path: 'registers/registers.md', text: registerMarkdown(machine) },
    { path: 'driver/systole.h', text: driverHeader(machine) },
    { path: 'diagram.svg', text: blockDiagram(machine) },
  ];
}
