import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runYosys } from '@yowasp/yosys';
import { describe, expect, it } from 'vitest';
import { instructionSet, placeFields } from '../../compiler/isa/index.js';
import {
  cellTemplates,
  decoderModules,
  emitTestBench,
  emitVerilog,
  type VerilogBundle,
  verilogParameters,
} from '../../compiler/verilog/index.js';
import { machineHash, machinePresets } from '../../models/machine/index.js';
import { hasTool, programOf, type Shape, smallMachine, withFiles } from './support.js';

const shapes: readonly Shape[] = [
  { rows: 1, columns: 1, lanes: 1, busBytes: 4 },
  { rows: 3, columns: 5, lanes: 1, busBytes: 8, queueDepth: 2 },
  { rows: 2, columns: 6, lanes: 2, busBytes: 64, burst: 1 },
  { rows: 4, columns: 4, lanes: 4, busBytes: 16 },
  { rows: 8, columns: 8, lanes: 4, busBytes: 32, burst: 256 },
  { rows: 16, columns: 16, lanes: 16, busBytes: 4, queueDepth: 16 },
];
const title = (s: Shape) => `${s.rows}x${s.columns}, ${s.lanes} lanes, ${s.busBytes}-byte bus`;
const machines = [
  ...shapes.map((shape) => ({ name: title(shape), machine: smallMachine(shape) })),
  ...[...machinePresets]
    .filter(([name]) => name.startsWith('edge'))
    .map(([name, machine]) => ({ name, machine })),
  {
    name: '4x4 without optional functions',
    machine: { ...smallMachine(shapes[3]!), vector: { lanes: 4, functions: [] } },
  },
];

describe('embedded templates', () => {
  it('are those of hdl-templates (if not: node scripts/embed-templates.mjs)', () => {
    const script = fileURLToPath(new URL('../../scripts/embed-templates.mjs', import.meta.url));
    expect(spawnSync(process.execPath, [script, '--check']).status).toBe(0);
  });
});

describe('emitVerilog', () => {
  it('gives the same bytes for the same machine, headed by its name and hash', () => {
    for (const { machine } of machines) {
      const { files } = emitVerilog(machine);
      expect(emitVerilog(structuredClone(machine)).files).toEqual(files);
      for (const { path, text } of files) {
        expect(text.split('\n')[0], path).toContain(`Machine ${machine.name}, hash ${machineHash(machine)}`);
        expect(text, path).toMatch(/^`default_nettype none$/m);
      }
    }
  });

  it('writes one module a file, named as the file', () => {
    for (const { path, text } of emitVerilog(machines[0]!.machine).files) {
      expect([...text.matchAll(/^module (\w+)/gm)].map((m) => `rtl/${m[1]}.v`)).toEqual([path]);
    }
  });

  it('makes the parameters the defaults of the top', () => {
    for (const { machine } of machines) {
      const top = emitVerilog(machine).files.at(-1)!.text;
      for (const [name, value] of Object.entries(verilogParameters(machine))) {
        const found = new RegExp(`^ {2}parameter ${name} = (\\S+?),?(?: |$)`, 'm').exec(top)![1]!;
        expect(Number(found.replace("32'h", '0x')), name).toBe(value);
      }
    }
  });

  it('takes every bit position from the instruction table', () => {
    const modules = decoderModules();
    for (const spec of instructionSet) {
      const text = modules.get(`fields_${spec.mnemonic}`)!;
      for (const { offset, bits } of placeFields(spec)) {
        expect(text).toContain(
          bits === 1 ? `= instruction_i[${offset}];` : `= instruction_i[${offset + bits - 1}:${offset}];`,
        );
      }
    }
  });
});

describe.skipIf(!hasTool('verilator'))('verilator --lint-only -Wall', () => {
  it.each(machines)('has nothing to say about $name', ({ machine }) => {
    const { files, top } = emitVerilog(machine);
    for (const { text } of files) expect(text).not.toMatch(/lint_off/);
    const result = withFiles(files, (cwd) =>
      spawnSync('verilator', ['--lint-only', '-Wall', '--top-module', top, ...files.map((f) => f.path)], {
        cwd,
        encoding: 'utf8',
      }),
    );
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
  });
});

/** Runs Yosys commands on a bundle; the log, and whether they came to their end. */
async function yosys(
  { files, top }: VerilogBundle,
  commands: string,
): Promise<{ log: string; done: boolean }> {
  const names = files.map((file) => file.path.replace('rtl/', ''));
  const tree = Object.fromEntries(files.map((file, i) => [names[i]!, file.text]));
  let log = '';
  const keep = (bytes: Uint8Array | null) => {
    if (bytes) log += new TextDecoder().decode(bytes);
  };
  const script = `read_verilog ${names.join(' ')}; hierarchy -check -top ${top}; proc; ${commands}`;
  try {
    await runYosys(['-p', script], tree, { stdout: keep, stderr: keep });
    return { log, done: true };
  } catch (error) {
    return { log: `${log}\n${String(error)}`, done: false };
  }
}

/** Fails if an output of the top can be reached from an AXI input without passing a register. */
const noCombinationalPath =
  'flatten; opt_clean; select -assert-min 1 i:*axi* %co; ' +
  'select -assert-none i:*axi* %co*:-$dff,$sdff,$dffe,$sdffe,$memwr_v2 o:* %i';

describe('Yosys', () => {
  it.each([machines[0]!, machines[1]!, machines[3]!])(
    'elaborates $name without a complaint',
    async ({ machine }) => {
      const { log, done } = await yosys(emitVerilog(machine), 'check -assert');
      expect(done, log.slice(-2000)).toBe(true);
      expect(log.match(/^Warning:.*$/gm) ?? []).toEqual([]);
    },
    120_000,
  );

  it('finds no combinational path from an AXI input to an output', async () => {
    const { machine } = machines[3]!;
    const { log, done } = await yosys(emitVerilog(machine), noCombinationalPath);
    expect(done, log.slice(-2000)).toBe(true);
    const text = cellTemplates.get('load_unit.v')!;
    const worse = text.replace(/(assign rready_o\s*=) (.*);/, '$1 rvalid_i && ($2);');
    expect(worse).not.toBe(text);
    const found = await yosys(emitVerilog(machine, new Map([['load_unit', worse]])), noCombinationalPath);
    expect(found.done).toBe(false);
    expect(found.log).toMatch(/assertion failed|Assertion failed/i);
  }, 120_000);
});

describe('emitTestBench', () => {
  it('gives the same bytes for the same inputs and lists its sources in order', () => {
    const machine = smallMachine(shapes[3]!);
    const program = programOf(machine, 'end', 0, 4096);
    const dram = new Uint8Array(4096).map((_, i) => i & 255);
    const golden = [{ address: 16, bytes: dram.slice(16, 20), mask: Uint8Array.of(1, 0, 1, 1) }];
    const bundle = emitTestBench({ machine, program, dram, golden });
    expect(emitTestBench({ machine, program, dram, golden }).files).toEqual(bundle.files);
    const text = (path: string) => bundle.files.find((file) => file.path === path)!.text;
    expect(text('files.f')).toBe(`${bundle.sources.join('\n')}\n`);
    expect(text('golden.hex')).toBe('110\n011\n112\n113\n');
    expect(text('regions.hex')).toBe('00000010\n00000004\n');
    expect(text('dram.hex').split('\n').slice(0, 2)).toEqual([
      '0f0e0d0c0b0a09080706050403020100',
      '1f1e1d1c1b1a19181716151413121110',
    ]);
  });
});
