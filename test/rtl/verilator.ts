/** Several designs in one program of Verilator's: the modules of each get its name in front. In: designs and stimuli. Out: their outputs. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { InternalError } from '../../base/index.js';
import type { RtlModule } from '../../simulator/rtl/index.js';
import { withFiles } from '../verilog/support.js';
import { benchText, stimuliText } from './icarus.js';

export interface VerilatorCase {
  readonly name: string;
  readonly text: string;
  readonly module: RtlModule;
  readonly stimuli: readonly (readonly bigint[])[];
}

/** By name, by cycle, by output: binary digits before the rising edge that ends the cycle. */
export function runVerilator(cases: readonly VerilatorCase[]): Map<string, string[][]> {
  const files = cases.flatMap(({ name, text, module, stimuli }) => {
    const bench = {
      name: `bench_${name}`,
      label: `OUT_${name}`,
      stimuli: `${name}.bin`,
      top: `${name}_top`,
      ends: false,
    };
    return [
      {
        path: `${name}.v`,
        text: `${prefixed(name, text)}\n${benchText(text, module, stimuli.length, bench)}`,
      },
      { path: bench.stimuli, text: stimuliText(module, stimuli) },
    ];
  });
  const tops = cases.map(({ name }) => `  bench_${name} u_${name}();`).join('\n');
  const cycles = Math.max(...cases.map(({ stimuli }) => stimuli.length));
  const all = `module all;\n${tops}\n  initial begin #${20 * cycles}; $finish; end\nendmodule\n`;
  return withFiles([...files, { path: 'all.v', text: all }], (folder) => {
    const run = (command: string, ...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(command, args, {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
      if (status !== 0) throw new InternalError(`${command} failed: ${stdout}${stderr}`);
      return stdout;
    };
    const quick = ['-O1', '--x-initial', '0', '--x-assign', '0', '-Wno-fatal', '-Wno-lint', '-Wno-style'];
    const sources = [...cases.map(({ name }) => `${name}.v`), 'all.v'];
    run(
      'verilator',
      '--binary',
      '--timing',
      ...quick,
      '-MAKEFLAGS',
      'OPT_FAST=-O0 OPT_SLOW=-O0',
      '--Mdir',
      'build',
      '--top-module',
      'all',
      '-o',
      'bench',
      ...sources,
    );
    const lines = run(join(folder, 'build', 'bench')).split('\n');
    return new Map(
      cases.map(({ name }) => {
        const label = `OUT_${name} `;
        const own = lines
          .filter((line) => line.startsWith(label))
          .map((line) => line.slice(label.length).split(' '));
        return [name, own];
      }),
    );
  });
}

/** The design with its modules renamed, where they are defined and where they are used. */
function prefixed(name: string, text: string): string {
  const modules = [...text.matchAll(/\bmodule\s+(\w+)/g)].map((match) => match[1]!);
  return modules.reduce(
    (all, module) =>
      all.replace(
        new RegExp(`\\b${module}\\b(?=\\s*(#|\\(|\\w+\\s*\\(|\\w+\\s*\\[|;))`, 'g'),
        `${name}_${module}`,
      ),
    text,
  );
}
