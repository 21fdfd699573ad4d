/**
 * The timing engine: milliseconds from Program to Run, and simulated cycles per CPU second beside those recorded of SCALE-Sim v3
 * (`shared/data/peers/scalesim`) and of ONNXim (`shared/data/peers/onnxim_measured.csv`): recorded on a machine of this class, not
 * measured in the same run.
 */

import { existsSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'csv-parse/sync';
import { unwrap } from '../../base/index.js';
import type { Program } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { resnet } from './networks.js';
import { amount, measured, median, type Result, skipped } from './result.js';

const TARGET_MILLISECONDS = 100;
const TARGET_MEGABYTES = 200;
const TARGET_SCALESIM = 1000;
const TARGET_ONNXIM = 100;
const peers = new URL('../../../shared/data/peers/', import.meta.url);

/** The rows of a table of recorded runs; none where the table is absent. */
function recordedRuns(path: string): readonly Readonly<Record<string, string>>[] {
  const url = new URL(path, peers);
  return existsSync(url) ? parse(readFileSync(url, 'utf8'), { columns: true }) : [];
}

/** What a CPU second of SCALE-Sim v3 simulates at 128 x 128, weight-stationary: the largest of its recorded runs. */
function scalesimRate(): number | undefined {
  const fitting = recordedRuns('scalesim/results/run_summary.csv').filter(
    (run) => run.array === '128x128' && run.dataflow === 'ws',
  );
  if (fitting.length === 0) return undefined;
  return Math.max(...fitting.map((run) => Number(run.sim_cycles_per_cpu_s)));
}

/** ONNXim's run of the same network on one 128 x 128 core. */
function onnximRun(depth: number): Readonly<Record<string, string>> | undefined {
  return recordedRuns('onnxim_measured.csv').find(
    ({ config, workload }) => config!.startsWith('1core 128x128') && workload!.startsWith(`ResNet-${depth} `),
  );
}

interface Timed {
  readonly cycles: number;
  readonly milliseconds: number;
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

function time(machine: Machine, program: Program, repetitions: number): Timed {
  for (let i = 0; i < 3; i++) simulateTiming(machine, program);
  const megabytes = heapGrowth(() => simulateTiming(machine, program));
  const milliseconds: number[] = [];
  const cpu: number[] = [];
  let cycles = 0;
  for (let i = 0; i < repetitions; i++) {
    const [start, startCpu] = [performance.now(), process.cpuUsage()];
    cycles = simulateTiming(machine, program).cycles;
    milliseconds.push(performance.now() - start);
    const { user, system } = process.cpuUsage(startCpu);
    cpu.push((user + system) / 1e6);
  }
  return {
    cycles,
    milliseconds: median(milliseconds),
    cpuSeconds: median(cpu),
    megabytes,
  };
}

/** Megabytes of heap at the end of a call more than after the collection before it. */
function heapGrowth(call: () => unknown): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const before = used();
  const held = call();
  const after = used();
  return held === undefined ? 0 : (after - before) / 2 ** 20;
}

export function benchTiming(quick: boolean): Result[] {
  const cases = [
    { depth: 18, name: 'edge16' },
    { depth: 18, name: 'cloud128' },
    { depth: 50, name: 'cloud128' },
    ...(quick ? [] : [{ depth: 50, name: 'edge16' } as const]),
  ] as const;
  return cases.flatMap(({ depth, name }) => benchOne(depth, machinePresets.get(name)!, quick ? 5 : 15));
}

function benchOne(depth: 18 | 50, machine: Machine, repetitions: number): Result[] {
  const title = `timing: ResNet-${depth} 224x224 on ${machine.name}`;
  const scheduled = schedule(resnet(depth), machine);
  if (!scheduled.ok) return [skipped(title, scheduled.diagnostics[0]!.message)];
  const { dataflow, image } = scheduled.value;
  const program = unwrap(lower(dataflow, machine, image));
  const timed = time(machine, program, repetitions);
  const results = [...absolute(title, timed, program), ...besideScalesim(title, timed)];
  if (machine.array.rows !== 128) return results;
  return [...results, ...besideOnnxim(title, depth, timed)];
}

function absolute(title: string, t: Timed, program: Program): Result[] {
  const size = `${program.instructions.length} instructions, ${t.cycles} cycles`;
  return [
    measured({
      name: `${title}: time`,
      ratio: TARGET_MILLISECONDS / t.milliseconds,
      target: 1,
      measured: `${t.milliseconds.toFixed(1)} ms from Program to Run, warm, median; ${size}`,
      reference: `${TARGET_MILLISECONDS} ms (set by hand for ResNet-50 on 128x128)`,
      bound:
        'one pass over instructions and the bursts of their transfers, in JavaScript; about half of it the bursts of stores and loads',
    }),
    measured({
      name: `${title}: memory`,
      ratio: TARGET_MEGABYTES / Math.max(t.megabytes, 1),
      target: 1,
      measured: `${t.megabytes.toFixed(0)} MB more heap at the end of one run than before it (what was collected meanwhile not counted)`,
      reference: `${TARGET_MEGABYTES} MB (set by hand)`,
      bound: 'the trace and the garbage of one run',
    }),
  ];
}

function besideScalesim(title: string, t: Timed): Result[] {
  const name = `${title}: cycles per CPU second / SCALE-Sim v3`;
  const recorded = scalesimRate();
  if (recorded === undefined) return [skipped(name, 'the recorded SCALE-Sim results are absent')];
  const rate = t.cycles / t.cpuSeconds;
  return [
    measured({
      name,
      ratio: rate / recorded,
      target: TARGET_SCALESIM,
      measured: `${amount(rate)}simulated cycles per CPU second`,
      reference: `${amount(recorded)}simulated cycles per CPU second: the quickest recorded weight-stationary 128x128 run; recorded on a machine of this class, NOT measured in this run`,
      bound: 'as for time',
    }),
  ];
}

function besideOnnxim(title: string, depth: number, t: Timed): Result[] {
  const name = `${title}: cycles per CPU second / ONNXim`;
  const recorded = onnximRun(depth);
  if (recorded === undefined) return [skipped(name, 'the recorded ONNXim results are absent')];
  const [rate, theirs] = [t.cycles / t.cpuSeconds, Number(recorded.sim_cycles_per_cpu_s)];
  return [
    measured({
      name,
      ratio: rate / theirs,
      target: TARGET_ONNXIM,
      measured: `${amount(rate)}simulated cycles per CPU second; the network in ${(1000 * t.cpuSeconds).toFixed(1)} ms of CPU time`,
      reference: `${amount(theirs)}simulated cycles per CPU second; ${recorded.workload} in ${recorded.cpu_user_s} s of CPU time; recorded on a machine of this class, NOT measured in this run`,
      bound: 'as for time',
    }),
  ];
}
