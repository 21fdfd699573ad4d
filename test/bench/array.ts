/**
 * The array engine beside natively compiled Verilator: one matmul of a 3 x 3 convolution (32 channels in, 16 x 32 pixels) on a 16 x 16
 * array, the same operands in the same cycles, both sides ending with accumulators that must be identical. Verilator
 * runs `pe_array` alone, as emitted, with a C++ main that shows it the rows and adds up its sums.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError, unwrap } from '../../base/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { simulateArray } from '../../simulator/array/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { NetworkBuilder } from '../schedule/networks.js';
import { benchParallel } from './array-parallel.js';
import {
  blocks,
  columns,
  kernel,
  machine,
  nx,
  Ours,
  operands,
  pitch,
  plane,
  rows,
  tiles,
  vectors,
} from './bare-array.js';
import { resnet } from './networks.js';
import { amount, measured, median, type Result, skipped } from './result.js';
import { buildVerilated, hasVerilator } from './verilated.js';

/** Of the array without and with toggles, over the same Verilator program, which counts none. */
const TARGETS = { plain: 10, counting: 4 };
/** The emitted cell behind plain ports, and a main that does what the matmul unit does. */
function verilatorMain(): string {
  return `#include "Vpe_array.h"
#include "verilated.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cstdint>
#include <ctime>
static int8_t act[${blocks * plane * rows}], wgt[${tiles * rows * columns}];
static int32_t acc[${vectors * columns}];
static void get(const char* name, void* to, size_t n) { FILE* f = fopen(name, "rb"); if (!f || fread(to, 1, n, f) != n) exit(1); fclose(f); }
static inline int32_t sum(const Vpe_array* top, int c) {
  const int at = c * 20, w = at >> 5, s = at & 31;
  uint64_t v = top->sums_o[w]; if (s > 12) v |= uint64_t(top->sums_o[w + 1]) << 32;
  return int32_t(uint32_t(v >> s) << 12) >> 12;
}
int main(int argc, char** argv) {
  get("act.bin", act, sizeof act); get("wgt.bin", wgt, sizeof wgt);
  Vpe_array* top = new Vpe_array;
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    const int repetitions = atoi(line);
    timespec a, b; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    long cycles = 0;
    for (int i = 0; i < repetitions; i++) {
      const int P = ${vectors}, T = ${tiles}, D = 2 + T * P + ${rows + columns};
      int wt = 0, wp = 0, at = 0, ap = 0, ot = 0, op = 0;
      for (int k = 0; k < D; k++, cycles++) {
        // Step k: weight rows from step 1, act rows from step 2, sums ${rows + columns} steps after their act row.
        const bool w = k >= 1 && wt < T && wp < ${rows};
        top->weight_write_i = w && wp == 0;
        if (w) memcpy(&top->weights_i, wgt + (wt * ${rows} + wp) * ${columns}, ${columns});
        if (k >= 1 && ++wp == P) { wp = 0; wt++; }
        if (k >= 2 && at < T) {
          const int kx = at % ${kernel}, ky = at / ${kernel} % ${kernel}, kb = at / ${kernel * kernel};
          const int row = (ap / ${nx}) * ${pitch} + ap % ${nx} + kb * ${plane} + ky * ${pitch} + kx;
          memcpy(&top->activations_i, act + row * ${rows}, ${rows});
          if (++ap == P) { ap = 0; at++; }
        } else memset(&top->activations_i, 0, ${rows});
        if (k >= ${2 + rows + columns} && ot < T) {
          for (int c = 0; c < ${columns}; c++) { int32_t& x = acc[op * ${columns} + c]; x = (ot ? x : 0) + sum(top, c); }
          if (++op == P) { op = 0; ot++; }
        }
        top->clk_i = 0; top->eval(); top->clk_i = 1; top->eval();
      }
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    FILE* f = fopen("acc.bin", "wb"); fwrite(acc, 1, sizeof acc, f); fclose(f);
    printf("%ld %.9f\\n", cycles, (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) * 1e-9); fflush(stdout);
  }
}
`;
}

const TARGET_SECONDS = 30;

/** A whole network through the whole engine: the other units, the clock and the semaphores included. */
function wholeNetwork(): Result {
  const builder = new NetworkBuilder(1);
  const { dataflow, image } = unwrap(schedule(resnet(18, 32, builder), machine));
  const program = unwrap(lower(dataflow, machine, image));
  const dram = initialDram(program, builder.feed());
  const start = performance.now();
  const run = simulateArray({ machine, program, dram });
  const seconds = (performance.now() - start) / 1000;
  const predicted = simulateTiming(machine, program).cycles;
  if (run.cycles !== predicted) throw new InternalError(`array ${run.cycles}, timing ${predicted} cycles`);
  if (Buffer.compare(run.dram!, interpretProgram(machine, program, dram)) !== 0)
    throw new InternalError('array engine and interpreter leave different bytes');
  const updates = run.units.matmul.busy * rows * columns;
  return measured({
    name: 'array: ResNet-18 32x32 on edge16, all values and all cycles',
    ratio: TARGET_SECONDS / seconds,
    target: 1,
    measured: `${seconds.toFixed(2)} s on one core, once, cold: ${run.cycles} cycles, ${run.units.matmul.busy} of them in matmul (${amount(updates / seconds)}PE updates per second over all); values equal the interpreter's, cycles the timing engine's`,
    reference: `${TARGET_SECONDS} s (set by hand, for two cores)`,
    bound:
      'profiled: the clock of the units, cycle by cycle in JavaScript, takes 36 %, the values of the other units (bias, requantisation, residual adds) 28 %, laying down the edges of the array 21 %, the array itself 12 %',
  });
}

export async function benchArray(quick: boolean): Promise<Result[]> {
  return [...besideVerilator(quick), wholeNetwork(), ...(await benchParallel(quick))];
}

const NAMES = {
  plain: 'array: PE updates per second, 16x16, without toggles / Verilator',
  counting: 'array: PE updates per second, 16x16, with toggles / Verilator',
};

function besideVerilator(quick: boolean): Result[] {
  if (!hasVerilator())
    return Object.values(NAMES).map((name) => skipped(name, 'verilator is not on the path'));
  const folder = mkdtempSync(join(tmpdir(), 'systole-bench-'));
  try {
    return compare(folder, quick);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(folder: string, quick: boolean): Result[] {
  const data = operands();
  writeFileSync(join(folder, 'act.bin'), data.act);
  writeFileSync(join(folder, 'wgt.bin'), data.wgt);
  const wanted = ['delay_line', 'pe', 'pe_array'];
  const sources = emitVerilog(machine).files.filter(({ path }) =>
    wanted.includes(path.replace(/^.*\/|\.v$/g, '')),
  );
  const parameters = { ROWS: rows, COLUMNS: columns };
  const program = buildVerilated({ folder, top: 'pe_array', sources, main: verilatorMain(), parameters });
  const sides = { plain: new Ours(data, false), counting: new Ours(data, true) };
  // The first runs are compiled in haste; the better code comes later.
  for (const side of [sides.plain, sides.counting]) side.run(150);
  const rates: Record<'plain' | 'counting' | 'theirs', number[]> = { plain: [], counting: [], theirs: [] };
  for (let i = 0; i < (quick ? 3 : 7); i++) {
    rates.theirs.push(verilatorRate(program, folder, quick ? 20 : 60));
    rates.plain.push(ourRate(sides.plain, quick ? 100 : 300));
    rates.counting.push(ourRate(sides.counting, quick ? 40 : 120));
  }
  for (const side of [sides.plain, sides.counting]) checkSums(side.sums(), join(folder, 'acc.bin'));
  const them = median(rates.theirs);
  const reference = `${amount(them)}PE updates per CPU second: pe_array compiled by Verilator with -O3 --x-assign fast --x-initial fast --noassert, OPT_FAST="-O3 -march=native", C++ main, same operands, same run; it counts no toggles`;
  const same = `PE updates per CPU second, one core, in the matmul datapath (3x3 convolution, 18 tiles of 512 vectors); all ${vectors * columns} accumulators identical on both sides`;
  const [plain, counting] = [median(rates.plain), median(rates.counting)];
  return [
    measured({
      name: NAMES.plain,
      ratio: plain / them,
      target: TARGETS.plain,
      measured: `${amount(plain)}${same}`,
      reference,
      bound:
        'vector instructions of the cycle loop: about 27 a row of 16 PEs, of which 16 are loads and stores; laying down edge rows in JavaScript takes about a fifth',
    }),
    measured({
      name: NAMES.counting,
      ratio: counting / them,
      target: TARGETS.counting,
      measured: `${amount(counting)}${same}; ${amount(togglesPerUpdate(sides.counting))}bits changed per PE update`,
      reference,
      bound:
        'comparing products and partial sums: for 16 PEs six vectors are loaded, combined by exclusive or, taken apart into twelve words and their bits counted one word at a time',
    }),
  ];
}

/** Bits that change in a run of the whole array, over its PEs and cycles. */
function togglesPerUpdate(side: Ours): number {
  side.toggles();
  const cycles = side.run(1);
  const total = Object.values(side.toggles()!).reduce((sum, count) => sum + count, 0);
  return total / (cycles * rows * columns);
}

function ourRate(ours: Ours, repetitions: number): number {
  const start = process.cpuUsage();
  const cycles = ours.run(repetitions);
  const { user, system } = process.cpuUsage(start);
  return (cycles * rows * columns) / ((user + system) / 1e6);
}

function verilatorRate(program: string, folder: string, repetitions: number): number {
  const { stdout } = spawnSync(program, [], { cwd: folder, encoding: 'utf8', input: `${repetitions}\n` });
  const [cycles, seconds] = stdout.trim().split(' ').map(Number);
  if (!cycles || !seconds) throw new InternalError(`the Verilator program printed "${stdout}"`);
  return (cycles * rows * columns) / seconds;
}

function checkSums(ours: Int32Array, path: string): void {
  if (!existsSync(path)) throw new InternalError('the Verilator program left no sums');
  const bytes = readFileSync(path);
  const theirs = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const at = ours.findIndex((value, i) => value !== theirs[i]);
  if (at >= 0 || theirs.length !== ours.length)
    throw new InternalError(`array engine and Verilator differ at sum ${at}: ${ours[at]} and ${theirs[at]}`);
}
