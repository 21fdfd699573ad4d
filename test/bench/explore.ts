/**
 * The search over machines: whole ResNet-18 evaluations a second with mappings that are known, what an unknown one costs, and whether the
 * hundred-thousandth evaluation costs more than the ten-thousandth.
 */

import { unwrap } from '../../base/index.js';
import { prepare } from '../../compiler/pipeline/index.js';
import {
  Evaluator,
  Front,
  judgeSpace,
  machineAt,
  nsga2,
  parseSpace,
  type Space,
  seededRandom,
} from '../../tools/explore/index.js';
import { openNetwork } from '../../tools/library/index.js';
import { resnet } from './networks.js';
import { amount, measured, median, type Result } from './result.js';

/** 100 on two cores. */
const TARGET_RATE = 50;

export function benchExplore(quick: boolean): Result[] {
  return [...knownMappings(quick ? 500 : 4000), growth(quick ? 30_000 : 100_000)];
}

const spaceOf = (text: string) => unwrap(parseSpace(text, 'bench.yaml', ['net']));

function knownMappings(evaluations: number): Result[] {
  const space = spaceOf(`
name: known
machine: mobile32
parameters:
  buffers.weight.rows: {from: 2048, to: 16384, factor: 2}
  array.columns: [16, 32]
  target.nodeNanometres: [7, 16, 22, 28]
  clockMegahertz: {from: 100, to: 1000, step: 1}
derived: {vector.lanes: 16}
objectives: [latency, energy, area]
`);
  const evaluator = new Evaluator([{ network: resnet(18) }]);
  const judge = judgeSpace(space, ['net']);
  const schedules = 8;
  const each = space.size / schedules;
  const first = Array.from({ length: schedules }, (_, i) => secondsOf(() => judged(i * each)));
  function judged(id: number) {
    const point = machineAt(space, id);
    if (!point.ok) throw new Error(point.message);
    return judge.judge(id, evaluator.evaluate(point.machine));
  }
  const random = seededRandom(1);
  const seconds = secondsOf(() => {
    for (let i = 0; i < evaluations; i++) judged(random.below(space.size));
  });
  const rate = evaluations / seconds;
  const unknown = median(first);
  const reference = `${TARGET_RATE} a second and core (set by hand)`;
  return [
    measured({
      name: 'explore: ResNet-18 machines per second and core, mappings known',
      ratio: rate / TARGET_RATE,
      target: 1,
      measured: `${amount(rate)}evaluations of whole machines a second`,
      reference,
      bound: 'checks of the machine, prices of its memories',
    }),
    measured({
      name: 'explore: the same, every mapping searched anew',
      ratio: 1 / unknown / TARGET_RATE,
      target: 0,
      measured: `${(1000 * unknown).toFixed(0)} ms a machine, median of ${schedules}`,
      reference: `${reference}; not a target: what a search pays where no two machines share a schedule`,
      bound: 'the search for mappings, and the instructions that they become',
    }),
  ];
}

/** One schedule, many machines and a small front: what is left is the search's own work. A large front costs a nanosecond or two a member. */
function growth(evaluations: number): Result {
  const space = spaceOf(`
name: growth
machine: edge16
parameters:
  clockMegahertz: {from: 100, to: 1000, step: 0.01}
  target.nodeNanometres: [7, 16, 22]
objectives: [latency, energy, area]
`);
  const tenth = Math.floor(evaluations / 10);
  const marks = searchMarks(space, evaluations, tenth);
  const early = marks[1]! - marks[0]!;
  const late = marks.at(-1)! - marks.at(-2)!;
  return measured({
    name: `explore: cost of the second tenth of ${evaluations} evaluations / the last`,
    ratio: early / late,
    target: 0.8,
    measured: `${((1e6 * late) / tenth).toFixed(0)} us an evaluation in the last tenth`,
    reference: `${((1e6 * early) / tenth).toFixed(0)} us in the second`,
    bound: 'NSGA-II’s sorting, checks of machines',
  });
}

/** CPU seconds after each tenth of an NSGA-II run. */
function searchMarks(space: Space, evaluations: number, tenth: number): readonly number[] {
  const { graph, calibration } = openNetwork('digits');
  const evaluator = new Evaluator([unwrap(prepare(graph, { calibration }))]);
  const judge = judgeSpace(space, ['net']);
  const strategy = nsga2(space, { seed: 1, budget: evaluations, population: 100 });
  const front = new Front();
  const marks: number[] = [];
  for (let done = 0; ; ) {
    const ids = strategy.next();
    if (typeof ids === 'string') return marks;
    const judged = ids.map((id) => {
      const point = machineAt(space, id);
      return judge.judge(
        id,
        point.ok ? evaluator.evaluate(point.machine) : { ok: false, reason: point.reason },
      );
    });
    strategy.tell(judged);
    for (const { id, costs } of judged) if (costs !== undefined) front.add({ id, costs });
    done += ids.length;
    if (done >= tenth * (marks.length + 1)) marks.push(cpuSeconds());
  }
}

/** Of this process so far: other work on the machine does not count. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function secondsOf(work: () => unknown): number {
  const start = cpuSeconds();
  work();
  return cpuSeconds() - start;
}
