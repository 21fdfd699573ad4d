/** Memories and clock gate as macros: the wrapper behaves as the inferred memory, the list of shapes is what the Verilog asks for, no latch anywhere. */

import { spawnSync } from 'node:child_process';
import { Exit, runYosys } from '@yowasp/yosys';
import { describe, expect, it } from 'vitest';
import { asicModules, emitTestBench, emitVerilog } from '../../compiler/verilog/index.js';
import { machinePresets, macroShapes } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { networkCases } from '../mutation/cases.js';
import { hasTool, runScript, smallMachine, withFiles } from './support.js';

const modules = asicModules();

describe.skipIf(!hasTool('iverilog'))('memories as macros', () => {
  it('are listed as the Verilog instantiates them', () => {
    const says = 'initial $display("SRAM %0d %0d %0d", WIDTH, GROUPS, DEPTH);\nendmodule';
    const telling = new Map(modules);
    telling.set('systole_sram', modules.get('systole_sram')!.replace('endmodule', says));
    for (const machine of [...machinePresets.values()].filter((m) => m.array.rows <= 16)) {
      const { files } = emitVerilog(machine, telling);
      const output = withFiles(files, (cwd) => {
        const sources = files.map(({ path }) => path);
        const built = spawnSync('iverilog', ['-g2005', '-s', 'systole_core', '-o', 'core', ...sources], {
          cwd,
        });
        expect(built.status).toBe(0);
        return spawnSync('vvp', ['-n', 'core'], { cwd, encoding: 'utf8' }).stdout;
      });
      const found = output.match(/^SRAM .*$/gm)!.sort();
      const listed = macroShapes(machine).flatMap(({ count, width, groups, depth }) =>
        Array.from({ length: count }, () => `SRAM ${width} ${groups} ${depth}`),
      );
      expect(found, machine.name).toEqual(listed.sort());
    }
  });

  it('and the gated clock give the values and cycles of the plain machine, on whole networks, though collisions read unknowns', () => {
    for (const { machine, program, dram, golden } of networkCases(3)) {
      const cycles = simulateTiming(machine, program).cycles;
      const { files } = emitTestBench({
        machine,
        program,
        dram,
        golden: [{ address: 0, bytes: golden }],
        cycles,
        replacements: modules,
      });
      const { output, status } = withFiles(files, (folder) => runScript(folder, 'run_icarus.sh'));
      expect(output).toMatch(/^PASS/m);
      expect(status).toBe(0);
    }
  });
});

describe.skipIf(!hasTool('iverilog'))('the clock gate', () => {
  it('is seen to matter: an array that gets no clock while it works fails', () => {
    const { machine, program, dram, golden } = networkCases(1)[0]!;
    const stuck = new Map(modules);
    stuck.set(
      'systole_icg',
      modules.get('systole_icg')!.replace('clk_i & enable_q', "clk_i & enable_q & 1'b0"),
    );
    const request = { machine, program, dram, golden: [{ address: 0, bytes: golden }] };
    const { files } = emitTestBench({ ...request, replacements: stuck });
    const { output } = withFiles(files, (folder) => runScript(folder, 'run_icarus.sh'));
    expect(output).toMatch(/^FAIL/m);
  });
});

/** Yosys on a machine with macros: its complaint, if any. */
async function latches(
  machine: Parameters<typeof emitVerilog>[0],
  replacements: ReadonlyMap<string, string>,
) {
  const { files } = emitVerilog(machine, replacements);
  const names = files.map(({ path }) => path.replace('rtl/', ''));
  // The model of the gating cell is a latch: the one that a library brings.
  const gated = names.includes('systole_icg.v');
  const tree = Object.fromEntries(files.map(({ text }, i) => [names[i]!, text]));
  const script = `read_verilog ${names.join(' ')}; hierarchy -check -top systole_core; proc; ${gated ? 'blackbox systole_icg; ' : ''}select -assert-none t:$dlatch t:$adlatch t:$sr t:$dlatchsr`;
  let log = '';
  const keep = (bytes: Uint8Array | null) => {
    if (bytes) log += new TextDecoder().decode(bytes);
  };
  try {
    await runYosys(['-p', script], tree, { stdout: keep, stderr: keep });
    return '';
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return log.split('\n').find((line) => line.includes('ERROR')) ?? 'failed';
  }
}

describe('latches', () => {
  it('are inferred in no preset up to 16 x 16, with inferred memories or macros', async () => {
    for (const machine of [...machinePresets.values()].filter((m) => m.array.rows <= 16)) {
      expect(await latches(machine, machine.target.kind === 'asic' ? modules : new Map()), machine.name).toBe(
        '',
      );
    }
  }, 240_000);

  it('would be found', async () => {
    const text = modules.get('ram_1r1w')!;
    const latch =
      'reg held;\n  always @* if (read_i) held = write_i[0];\n  assign unused_o = held;\nendmodule';
    const worse = text
      .replace(
        'output wire [WIDTH*GROUPS-1:0] read_data_o',
        'output wire [WIDTH*GROUPS-1:0] read_data_o,\n  output wire unused_o',
      )
      .replace('endmodule', latch);
    const machine = smallMachine({ rows: 2, columns: 2, lanes: 1, busBytes: 4 });
    expect(await latches(machine, new Map([...modules, ['ram_1r1w', worse]]))).toMatch(/ssertion failed/);
  }, 120_000);
});
