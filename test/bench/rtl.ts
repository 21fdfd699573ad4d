/**
 * The RTL engine beside natively compiled Verilator: the complete core of edge16 runs a 3 x 3 convolution (64 channels in and out, 28 x 28
 * pixels) from the same emitted Verilog, with the same memory model and the same DRAM. Verilator compiles the emitted test
 * bench (`--binary`), which also checks every output byte.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InternalError, unwrap } from '../../base/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { emitTestBench, emitVerilog } from '../../compiler/verilog/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { compileNetlist, createRtlEngine, elaborate } from '../../simulator/rtl/index.js';
import { convolution } from './networks.js';
import { amount, measured, median, type Result, skipped } from './result.js';
import { hasVerilator, optFast, verilatorFlags } from './verilated.js';

const SPEED = 'rtl: cycles per second of the edge16 core / Verilator';
const BUILD = 'rtl: Verilog text to first cycle / Verilator';
const WARM_UP_RUNS = 4;
const machine = machinePresets.get('edge16')!;
const flags = `${verilatorFlags.join(' ')}, ${optFast}`;

export async function benchRtl(quick: boolean): Promise<Result[]> {
  const refuse = (why: string) => [skipped(SPEED, why), skipped(BUILD, why)];
  if (!hasVerilator()) return refuse('verilator is not on the path');
  const folder = mkdtempSync(join(tmpdir(), 'systole-bench-'));
  try {
    return await compare(folder, quick ? 3 : 5);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function layer() {
  const { graph, builder } = convolution(64, 28);
  const { dataflow, image } = unwrap(schedule(graph, machine));
  const program = unwrap(lower(dataflow, machine, image));
  return { machine, program, dram: initialDram(program, builder.feed()) };
}

async function compare(folder: string, runs: number): Promise<Result[]> {
  const request = layer();
  const golden = interpretProgram(machine, request.program, request.dram);
  const { files } = emitTestBench({ ...request, golden: [{ address: 0, bytes: golden }] });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  // Yosys itself, a WebAssembly module of tens of megabytes, is loaded once a process: a small design first.
  await elaborate(
    [{ path: 'a.v', text: 'module a(input wire x, output wire y); assign y = x; endmodule' }],
    'a',
  );
  const { seconds: ourBuild, elaboration } = await ourBuildSeconds();
  const bound = `elaboration by Yosys in WebAssembly takes ${Math.round((100 * elaboration) / ourBuild)} %, the rest is ours and binaryen's`;
  const theirBuild = cpuSeconds(folder, buildCommand).seconds;
  const engine = createRtlEngine(emitVerilog);
  const run = await engine.run(request);
  // The WebAssembly compiler of the JavaScript engine works in the background at first.
  for (let i = 0; i < WARM_UP_RUNS; i++) await engine.run(request);
  if (Buffer.compare(run.dram!, golden) !== 0) throw new InternalError('the RTL engine left other bytes');
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < runs; i++) {
    const { output, seconds } = cpuSeconds(folder, 'build/Vsystole_tb');
    const cycles = Number(/^cycles (\d+)/m.exec(output)?.[1]);
    if (!/^PASS /m.test(output) || cycles !== run.cycles)
      throw new InternalError(`Verilator: ${cycles} cycles, the RTL engine ${run.cycles}: ${output}`);
    theirs.push(cycles / seconds);
    const start = process.cpuUsage();
    await engine.run(request);
    ours.push(run.cycles / sinceSeconds(start));
  }
  return results(run.cycles, [median(ours), median(theirs)], [ourBuild, theirBuild], bound);
}

const buildCommand = [
  'verilator --binary -j 2 --timing -Wno-fatal -Wno-lint -Wno-style',
  ...verilatorFlags,
  `-MAKEFLAGS "OPT_FAST='-O3 -march=native'" --Mdir build --top-module systole_tb -f files.f > build.log 2>&1`,
].join(' ');

function results(
  cycles: number,
  [us, them]: readonly [number, number],
  [ourBuild, theirBuild]: readonly [number, number],
  bound: string,
): Result[] {
  const profile =
    'no single thing: the PE array in vectors of 16 lanes (about 14 % in a profile), the memory model and host in JavaScript (9 %), copies of outputs (6 %), flags of segments that may be skipped (5 %), the rest in small pieces';
  return [
    measured({
      name: SPEED,
      ratio: us / them,
      target: 2,
      measured: `${amount(us)}cycles per CPU second on ${cycles} cycles of a 3x3 convolution, warm, memory model included; every byte of DRAM and the cycle count equal on both sides`,
      reference: `${amount(them)}cycles per CPU second of the emitted test bench compiled by Verilator (--binary --timing, ${flags}), start-up included, same run`,
      bound: profile,
    }),
    measured({
      name: BUILD,
      ratio: theirBuild / ourBuild,
      target: 2,
      measured: `${ourBuild.toFixed(2)} CPU seconds: elaboration by Yosys (already loaded), compilation, instantiation`,
      reference: `${theirBuild.toFixed(2)} CPU seconds: verilator and its C++ compiler, same flags, same run`,
      bound: bound,
    }),
  ];
}

async function ourBuildSeconds(): Promise<{ readonly seconds: number; readonly elaboration: number }> {
  const start = process.cpuUsage();
  const { files, top } = emitVerilog(machine);
  const netlist = unwrap(await elaborate(files, top));
  const elaboration = sinceSeconds(start);
  unwrap(await compileNetlist(netlist))
    .instantiate()
    .step(1);
  return { seconds: sinceSeconds(start), elaboration };
}

function sinceSeconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Runs a command; the shell's `times` says what its children took. */
function cpuSeconds(cwd: string, command: string): { readonly output: string; readonly seconds: number } {
  const script = `${command} || exit 1\ntimes`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new InternalError(`${command} failed: ${stdout}${stderr}`);
  const children = stdout.trimEnd().split('\n').at(-1)!;
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  );
  return { output: stdout, seconds };
}
