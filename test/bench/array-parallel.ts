/**
 * The array engine on two threads over one: the bare array (one long matmul) and a whole ResNet-18. Wall-clock time, for that is what
 * a second core buys; both sides in turn, the best of each, so that other work on the machine is left out as far as can be.
 */

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
import { measured, type Result } from './result.js';

const TARGET = 1.8;

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
  const results: Result[] = [];
  // Threads take seconds to start from sources.
  for (const subject of quick ? subjects.slice(1) : subjects) results.push(await compare(subject, quick));
  return results;
}

async function compare(subject: Subject, quick: boolean): Promise<Result> {
  const machine = machinePresets.get(subject.machine)!;
  const request = subject.request(machine);
  const { engine, stop } = await startArrayHelpers(machine);
  const best = { one: Number.POSITIVE_INFINITY, two: Number.POSITIVE_INFINITY };
  try {
    await holdEqual(request, engine);
    for (let i = 0; i < (quick ? 3 : subject.repetitions); i++) {
      best.one = Math.min(best.one, await seconds(arrayEngine, request));
      best.two = Math.min(best.two, await seconds(engine, request));
    }
  } finally {
    await stop();
  }
  return measured({
    name: subject.name,
    ratio: best.one / best.two,
    target: TARGET,
    measured: `${subject.what}: ${best.two.toFixed(3)} s on two threads, best of several; values, cycles and every instruction's times equal`,
    reference: `${best.one.toFixed(3)} s on one thread, same run, in turn`,
    bound: subject.bound,
  });
}

async function seconds(engine: Engine, request: RunRequest): Promise<number> {
  const start = performance.now();
  await engine.run(request);
  return (performance.now() - start) / 1000;
}

async function holdEqual(request: RunRequest, engine: Engine): Promise<void> {
  const [one, two] = [await arrayEngine.run(request), await engine.run(request)];
  if (Buffer.compare(one.dram!, two.dram!) !== 0) throw new InternalError('helpers change values');
  if (JSON.stringify(one.trace) !== JSON.stringify(two.trace))
    throw new InternalError('helpers change times');
}
