/** Any machine's Verilog is clean under the strictest settings of two tools: drawn machines (SYSTOLE_RUNS of them) and every preset. */

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { arbitraryMachine } from '../support/arbitrary-machine.js';
import { hasTool, withFiles } from './support.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 6);
const minutes = (count: number) => count * 60_000;

/** A linter's command line for the files of a bundle. */
const linters: Readonly<Record<string, (top: string, paths: readonly string[]) => readonly string[]>> = {
  verilator: (top, paths) => ['--lint-only', '-Wall', '--top-module', top, ...paths],
  iverilog: (top, paths) => ['-Wall', '-g2005', '-s', top, '-o', '/dev/null', ...paths],
};

function messages(tool: string, machine: Machine): string {
  const { files, top } = emitVerilog(machine);
  const paths = files.map((f) => f.path);
  return withFiles(files, (cwd) => {
    const result = spawnSync(tool, linters[tool]!(top, paths), { cwd, encoding: 'utf8' });
    return result.status === 0 ? result.stderr : `exit ${result.status}\n${result.stderr}`;
  });
}

// The whole of a preset of more PEs takes minutes to elaborate; its module texts are the same, and drawn machines have its parameters.
const presets = [...machinePresets.values()].filter(({ array }) => array.rows * array.columns <= 256);

describe.each(Object.keys(linters))('%s -Wall', (tool) => {
  it.skipIf(!hasTool(tool)).each(presets)(
    'has nothing to say about $name',
    (machine) => {
      expect(messages(tool, machine)).toBe('');
    },
    minutes(2),
  );

  it.skipIf(!hasTool(tool))(
    'has nothing to say about drawn machines',
    () => {
      const property = fc.property(arbitraryMachine(), (machine) => {
        expect(messages(tool, machine)).toBe('');
      });
      const found = fc.check(property, { numRuns });
      console.log(`${tool} -Wall: seed ${found.seed}, ${found.numRuns} machines`);
      if (found.failed) throw new Error(`${found.errorInstance}\n${JSON.stringify(found.counterexample)}`);
    },
    minutes(30),
  );
});
