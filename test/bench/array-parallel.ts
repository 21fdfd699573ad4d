/**
 * The array engine on two threads over one: a long layer on a large array and a whole ResNet-18. CPU seconds of the busiest thread,
 * as the kernel counts them: on a machine that others use too, two threads get more of it than one, so wall-clock time would flatter.
 * Time in which a thread sleeps until the other is done is not in it. Both sides in turn, medians.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { InternalError, unwrap } from '../../base/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { arrayEngine, TilePoster } from '../../simulator/array/index.js';
import type { Engine, RunRequest } from '../../simulator/engine/index.js';
import { startArrayHelpers } from '../../tools/library/array-helpers.js';
import { NetworkBuilder } from '../schedule/networks.js';
import { columns, fields, machine, Ours, operands, rows, tiles, vectors } from './bare-array.js';
import { convolution, resnet } from './networks.js';
import { amount, measured, median, type Result, skipped } from './result.js';

const TARGET = 1.8;
const TASKS = '/proc/self/task';

interface Subject {
  readonly name: string;
  readonly what: string;
  readonly machine: string;
  readonly request: (machine: Machine) => RunRequest;
  readonly repetitions: number;
  readonly bound: string;
}

/** Programs whose time is mostly the array's, and one whose time is not. */
const subjects: readonly Subject[] = [
  {
    name: 'array: two threads / one, 3x3 convolution on cloud128',
    what: 'a 3x3 convolution, 256 channels in and out, 28x28 pixels, on 128x128 PEs',
    machine: 'cloud128',
    request: (machine) => {
      const { graph, builder } = convolution(256, 28);
      return prepare(machine, graph, builder);
    },
    repetitions: 5,
    bound:
      'what the array does not share: clock, other units, copies of rows; each piece of a matmul crosses the array once more',
  },
  {
    name: 'array: two threads / one, ResNet-18 32x32 on edge16',
    what: 'a whole ResNet-18 at 32x32 on 16x16 PEs',
    machine: 'edge16',
    request: (machine) => {
      const builder = new NetworkBuilder(1);
      return prepare(machine, resnet(18, 32, builder), builder);
    },
    repetitions: 7,
    bound:
      'the array is about a third of this run: the clock of the units, cycle by cycle in JavaScript, and the vector unit stay on one thread',
  },
];

function prepare(machine: Machine, graph: ReturnType<typeof resnet>, builder: NetworkBuilder): RunRequest {
  const { dataflow, image } = unwrap(schedule(graph, machine));
  const program = unwrap(lower(dataflow, machine, image));
  return { machine, program, dram: initialDram(program, builder.feed()) };
}

const BARE = 'array: PE updates per second, 16x16, two threads / one';

export async function benchParallel(quick: boolean): Promise<Result[]> {
  const names = [BARE, ...subjects.map(({ name }) => name)];
  if (!existsSync(TASKS)) return names.map((name) => skipped(name, 'no CPU seconds of threads here'));
  const results = [await compareBare(quick)];
  // Threads take seconds to start from sources.
  for (const subject of quick ? subjects.slice(1) : subjects) results.push(await compare(subject, quick));
  return results;
}

/** The array alone, its edges laid down and its sums added up, as in the comparison with Verilator. */
async function compareBare(quick: boolean): Promise<Result> {
  const data = operands();
  const alone = new Ours(data, false);
  const { shared, stop } = await startArrayHelpers(machine);
  if (!shared) throw new InternalError('no helpers for the 16x16 array');
  const poster = new TilePoster(shared);
  const { places, offsets, period } = alone.work();
  const job = { places, offsets: Int32Array.from(offsets), weightRow: fields.wgt, period };
  const together = (repetitions: number): Int32Array => {
    let sums: Int32Array = new Int32Array();
    for (let i = 0; i < repetitions; i++) {
      poster.post(job, alone.act(), alone.wgt());
      sums = poster.collect();
    }
    return sums;
  };
  const rates: Record<'one' | 'two', number[]> = { one: [], two: [] };
  const repetitions = quick ? 60 : 200;
  try {
    alone.run(100);
    const sums = together(100);
    if (sums.some((sum, i) => sum !== alone.sums()[i])) throw new InternalError('two threads change sums');
    const updates = repetitions * alone.run(1) * rows * columns;
    for (let i = 0; i < (quick ? 3 : 9); i++) {
      rates.one.push(updates / (await busiestOf(() => alone.run(repetitions))));
      rates.two.push(updates / (await busiestOf(() => together(repetitions))));
    }
  } finally {
    await stop();
  }
  const [one, two] = [median(rates.one), median(rates.two)];
  return measured({
    name: BARE,
    ratio: two / one,
    target: TARGET,
    measured: `${amount(two)}PE updates per CPU second of the busier of two threads (3x3 convolution, ${tiles} tiles of ${vectors} vectors); all sums equal`,
    reference: `${amount(one)}PE updates per CPU second on one thread, same operands, same run, in turn`,
    bound:
      'a piece of the work crosses the array once more than the whole, its operands and sums are copied, and the last to finish is waited for',
  });
}

async function compare(subject: Subject, quick: boolean): Promise<Result> {
  const machine = machinePresets.get(subject.machine)!;
  const request = subject.request(machine);
  const { engine, stop } = await startArrayHelpers(machine);
  const times: Record<'one' | 'two', number[]> = { one: [], two: [] };
  try {
    await holdEqual(request, engine);
    for (let i = 0; i < (quick ? 3 : subject.repetitions); i++) {
      times.one.push(await busiestSeconds(arrayEngine, request));
      times.two.push(await busiestSeconds(engine, request));
    }
  } finally {
    await stop();
  }
  const [one, two] = [median(times.one), median(times.two)];
  return measured({
    name: subject.name,
    ratio: one / two,
    target: TARGET,
    measured: `${subject.what}: ${two.toFixed(3)} CPU s of the busier of two threads, medians; values, cycles and every instruction's times equal`,
    reference: `${one.toFixed(3)} CPU s on one thread, same run, in turn`,
    bound: subject.bound,
  });
}

const busiestSeconds = (engine: Engine, request: RunRequest): Promise<number> =>
  busiestOf(() => engine.run(request));

async function busiestOf(work: () => unknown): Promise<number> {
  const before = threadSeconds();
  await work();
  const spent = [...threadSeconds()].map(([task, seconds]) => seconds - (before.get(task) ?? 0));
  return Math.max(...spent);
}

/** CPU seconds of every thread of this process. */
function threadSeconds(): ReadonlyMap<string, number> {
  const seconds = (task: string) =>
    Number(readFileSync(`${TASKS}/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  return new Map(readdirSync(TASKS).map((task) => [task, seconds(task)]));
}

async function holdEqual(request: RunRequest, engine: Engine): Promise<void> {
  const [one, two] = [await arrayEngine.run(request), await engine.run(request)];
  if (Buffer.compare(one.dram!, two.dram!) !== 0) throw new InternalError('helpers change values');
  if (JSON.stringify(one.trace) !== JSON.stringify(two.trace))
    throw new InternalError('helpers change times');
}
