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
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine, RunRequest } from '../../simulator/engine/index.js';
import { startArrayHelpers } from '../../tools/library/array-helpers.js';
import { NetworkBuilder } from '../schedule/networks.js';
import { convolution, resnet } from './networks.js';
import { measured, median, type Result, skipped } from './result.js';

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

export async function benchParallel(quick: boolean): Promise<Result[]> {
  if (!existsSync(TASKS)) return subjects.map(({ name }) => skipped(name, 'no CPU seconds of threads here'));
  const results: Result[] = [];
  // Threads take seconds to start from sources.
  for (const subject of quick ? subjects.slice(1) : subjects) results.push(await compare(subject, quick));
  return results;
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

async function busiestSeconds(engine: Engine, request: RunRequest): Promise<number> {
  const before = threadSeconds();
  await engine.run(request);
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
