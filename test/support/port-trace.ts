/**
 * Every port of the emitted core in every cycle, as another simulator shows them, and the same inputs replayed on ours. In: a
 * LawCase. The core runs in the emitted test bench, with its bus held back at random, so that most inputs move.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InternalError, unwrap } from '../../base/index.js';
import { emitTestBench, emitVerilog } from '../../compiler/verilog/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { compileNetlist, elaborate, type Port, type RtlModule } from '../../simulator/rtl/index.js';
import { withFiles } from '../verilog/support.js';
import type { LawCase } from './law-case.js';

export type OtherSimulator = 'icarus' | 'verilator';

const BENCH = 'systole_tb';
const DUMP = 'port_dump';
const DUMP_FILE = 'ports.txt';
/** Enough for reset, start, and the busiest part of a small program. */
const MOST_CYCLES = 6000;

/** @throws when an output differs in any bit that the other simulator knows. @returns cycles and bits compared. */
export async function samePorts(c: LawCase, other: OtherSimulator, stalls: number) {
  const { files, top } = emitVerilog(c.machine);
  const module = unwrap(await compileNetlist(unwrap(await elaborate(files, top))));
  const rows = tracePorts(c, module, other, stalls);
  return replay(module, rows);
}

/** By cycle: binary digits of the inputs, then of the outputs, just before the rising edge that ends the cycle. */
function tracePorts(c: LawCase, module: RtlModule, other: OtherSimulator, stalls: number): string[][] {
  const golden = interpretProgram(c.machine, c.program, c.dram);
  const { files } = emitTestBench({ ...c, golden: [{ address: 0, bytes: golden }] });
  const dump = { path: 'tb/port_dump.v', text: dumpModule(module) };
  return withFiles([...files, dump], (folder) => {
    const sources = readFileSync(join(folder, 'files.f'), 'utf8').trim().split(/\s+/);
    const run = (command: string, ...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
      if (status !== 0) throw new InternalError(`${command} failed: ${stdout}${stderr}`);
    };
    if (other === 'icarus') {
      run('iverilog', '-g2005', '-o', 'bench', '-s', BENCH, '-s', DUMP, ...sources, dump.path);
      run('vvp', '-n', 'bench', `+stalls=${stalls}`);
    } else {
      const quick = ['-O1', '--x-initial', '0', '--x-assign', '0', '-Wno-fatal', '-Wno-lint', '-Wno-style'];
      run(
        'verilator',
        '--binary',
        '--timing',
        ...quick,
        '-MAKEFLAGS',
        'OPT_FAST=-O1 OPT_SLOW=-O0',
        '--Mdir',
        'build',
        '-o',
        'bench',
        ...sources,
        dump.path,
      );
      run(join(folder, 'build', 'bench'), `+stalls=${stalls}`);
    }
    const lines = readFileSync(join(folder, DUMP_FILE), 'utf8').trim().split('\n');
    return lines.map((line) => line.split(' '));
  });
}

/** A second top that writes all ports of the core in every cycle. Inputs move at either edge: it looks just before the rising one. */
function dumpModule({ inputs, outputs }: RtlModule): string {
  const ports = [...inputs, ...outputs].map(({ name }) => `${BENCH}.u_core.${name}`);
  return `\`timescale 1ns/1ps
module ${DUMP};
  integer file, cycles = 0;
  initial file = $fopen("${DUMP_FILE}", "w");
  always @(negedge ${BENCH}.clk) begin
    #4;
    if (cycles < ${MOST_CYCLES}) $fwrite(file, "${ports.map(() => '%b').join(' ')}\\n", ${ports.join(', ')});
    if (cycles == ${MOST_CYCLES}) $fclose(file);
    cycles = cycles + 1;
  end
endmodule
`;
}

function replay(module: RtlModule, rows: readonly (readonly string[])[]) {
  const simulator = module.instantiate();
  const { inputs, outputs } = module;
  const total = { cycles: rows.length, bits: 0, known: 0, outputsThatMoved: 0 };
  const last = new Map<string, string>();
  const moved = new Set<string>();
  rows.forEach((row, cycle) => {
    inputs.forEach(({ name }, i) => {
      simulator.poke(name, BigInt(`0b${row[i]!.replace(/[^01]/g, '0')}`));
    });
    simulator.cycle();
    outputs.forEach((port, i) => {
      const theirs = row[inputs.length + i]!;
      const ours = shown(simulator, port);
      const known = [...theirs].filter((digit) => digit === '0' || digit === '1').length;
      total.bits += port.width;
      total.known += known;
      const same = [...theirs].every((digit, k) => (digit !== '0' && digit !== '1') || digit === ours[k]);
      if (!same) throw new Error(`cycle ${cycle}, ${port.name}: ${theirs} elsewhere, ${ours} here`);
      if (last.has(port.name) && last.get(port.name) !== ours) moved.add(port.name);
      last.set(port.name, ours);
    });
  });
  return { ...total, outputsThatMoved: moved.size };
}

/** An output as `cycle` left it: before the edge. */
function shown(simulator: ReturnType<RtlModule['instantiate']>, { name, width }: Port): string {
  const words = simulator.portWords(name);
  const value = words.reduce((sum, at, i) => sum | (BigInt(simulator.memory[at]!) << BigInt(32 * i)), 0n);
  return value.toString(2).padStart(width, '0');
}
