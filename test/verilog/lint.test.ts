/** Any machine's Verilog is clean under the strictest settings of two tools: drawn machines (SYSTOLE_RUNS of them) and every preset. */

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { arbitraryMachine } from '../support/arbitrary-machine.js';
import { hasTool, withFiles } from './support.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 200);
const minutes = (count: number) => count * 60_000;

/** A linter's command line for the files of a bundle; parameters are those of the top module. */
type Linter = (
  top: string,
  paths: readonly string[],
  parameters: Readonly<Record<string, number>>,
) => readonly string[];

const linters: Readonly<Record<string, Linter>> = {
  verilator: (top, paths, parameters) => [
    ...['--lint-only', '-Wall', '--top-module', top],
    ...Object.entries(parameters).map(([name, value]) => `-G${name}=${value}`),
    ...paths,
  ],
  iverilog: (top, paths, parameters) => [
    ...['-Wall', '-g2005', '-s', top, '-o', '/dev/null'],
    ...Object.entries(parameters).map(([name, value]) => `-P${top}.${name}=${value}`),
    ...paths,
  ],
};

interface Subject {
  readonly machine: Machine;
  readonly top?: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly replacements?: ReadonlyMap<string, string>;
}

function messages(tool: string, { machine, top, parameters = {}, replacements }: Subject): string {
  const { files, top: core } = emitVerilog(machine, replacements);
  const paths = files.map((f) => f.path);
  return withFiles(files, (cwd) => {
    const result = spawnSync(tool, linters[tool]!(top ?? core, paths, parameters), { cwd, encoding: 'utf8' });
    return result.status === 0 ? result.stderr : `exit ${result.status}\n${result.stderr}`;
  });
}

/** Elaborating more PEs takes these tools minutes to hours. */
const WHOLE = 1024;
const all = [...machinePresets.values()];
const pes = ({ array }: Machine) => array.rows * array.columns;

/** The array with its ports and nothing behind them but one register. */
function emptyArray(machine: Machine): string {
  const text = emitVerilog(machine).files.find(({ path }) => path === 'rtl/pe_array.v')!.text;
  const header = text.slice(text.indexOf('`default_nettype none'), text.indexOf('\n);\n') + 4);
  return [
    header,
    'wire [31:0] unused_stages;',
    'assign unused_stages = MULTIPLIER_STAGES;',
    'reg seen_q;',
    'always @(posedge clk_i) seen_q <= ^{activations_i, weight_write_i, weights_i};',
    'assign sums_o = {SUM_BITS*COLUMNS{seen_q}};',
    'endmodule',
    '`default_nettype wire',
    '',
  ].join('\n');
}

/** A large machine in parts: all but its array, and arrays as high and as wide as its own. */
function partsOf(machine: Machine): readonly Subject[] {
  const { rows, columns } = machine.array;
  const { parameters } = emitVerilog(machine);
  const elements = {
    ACT_BITS: parameters.ACT_BITS!,
    WGT_BITS: parameters.WGT_BITS!,
    MULTIPLIER_STAGES: parameters.MULTIPLIER_STAGES!,
  };
  return [
    { machine, replacements: new Map([['pe_array', emptyArray(machine)]]) },
    { machine, top: 'pe_array', parameters: { ...elements, ROWS: rows, COLUMNS: 2 } },
    { machine, top: 'pe_array', parameters: { ...elements, ROWS: 2, COLUMNS: columns } },
  ];
}

describe.each(Object.keys(linters))('%s -Wall', (tool) => {
  it.skipIf(!hasTool(tool)).each(all.filter((machine) => pes(machine) <= WHOLE))(
    'has nothing to say about $name',
    (machine) => {
      expect(messages(tool, { machine })).toBe('');
    },
    minutes(2),
  );

  it.skipIf(!hasTool(tool)).each(all.filter((machine) => pes(machine) > WHOLE))(
    'has nothing to say about $name, its array apart',
    (machine) => {
      for (const part of partsOf(machine)) expect(messages(tool, part)).toBe('');
    },
    minutes(5),
  );

  it.skipIf(!hasTool(tool))(
    'has nothing to say about drawn machines',
    () => {
      const property = fc.property(arbitraryMachine(), (machine) => {
        expect(messages(tool, { machine })).toBe('');
      });
      const found = fc.check(property, { numRuns });
      console.log(`${tool} -Wall: seed ${found.seed}, ${found.numRuns} machines`);
      if (found.failed) throw new Error(`${found.errorInstance}\n${JSON.stringify(found.counterexample)}`);
    },
    minutes(30),
  );
});
