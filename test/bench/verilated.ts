/** Verilog and a C++ main become a native program, with the flags that all comparisons with Verilator use. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InternalError } from '../../base/index.js';
import type { BundleFile } from '../../compiler/verilog/index.js';
import { hasTool } from '../verilog/support.js';

export const verilatorFlags = ['-O3', '--x-assign', 'fast', '--x-initial', 'fast', '--noassert'];
export const optFast = 'OPT_FAST=-O3 -march=native';

export const hasVerilator = (): boolean => hasTool('verilator');

export interface Verilated {
  readonly folder: string;
  readonly top: string;
  readonly sources: readonly BundleFile[];
  readonly main: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** @returns the program's path. */
export function buildVerilated({ folder, top, sources, main, parameters }: Verilated): string {
  for (const { path, text } of sources) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, 'main.cpp'), main);
  const values = Object.entries(parameters).map(([name, value]) => `-G${name}=${value}`);
  const files = sources.map(({ path }) => path);
  const options = ['--cc', '--exe', ...verilatorFlags, ...values, '-Wno-fatal', '-Wno-lint', '-Wno-style'];
  run(folder, 'verilator', [...options, '--Mdir', 'build', '--top-module', top, ...files, 'main.cpp']);
  run(folder, 'make', ['-s', '-C', 'build', '-f', `V${top}.mk`, optFast, `V${top}`]);
  return join(folder, 'build', `V${top}`);
}

function run(cwd: string, program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new InternalError(`${program} failed: ${stdout}${stderr}`);
}
