/**
 * The mapper: complete mappings weighed a CPU second, and the time of a whole network. Peers (ZigZag about 100, Timeloop about 200 valid
 * mapping evaluations a CPU second on a machine of this class) are recorded figures, not measured in the same run.
 */

import { blockedLayout } from '../../compiler/isa/index.js';
import type { convSizes } from '../../compiler/schedule/conv-cost.js';
import { planConv } from '../../compiler/schedule/conv-plan.js';
import { schedule } from '../../compiler/schedule/index.js';
import { viewOf } from '../../compiler/schedule/tensors.js';
import { machinePresets } from '../../models/machine/index.js';
import { resnet } from './networks.js';
import { amount, measured, median, type Result } from './result.js';

const TARGET_EVALUATIONS = 200_000;
const TARGET_SECONDS = 2;
const PEER_EVALUATIONS = 200;

export function benchMapping(quick: boolean): Result[] {
  const machine = machinePresets.get('mobile32')!;
  const rate = evaluationRate(machine, quick ? 60_000 : 300_000);
  const graph = resnet(18);
  const seconds = median(
    Array.from({ length: quick ? 3 : 7 }, () => {
      const start = performance.now();
      const scheduled = schedule(graph, machine);
      if (!scheduled.ok) throw new Error(scheduled.diagnostics[0]!.message);
      // Weights are packed when somebody reads them.
      for (const bytes of scheduled.value.image.values()) if (bytes.length === 0) throw new Error('no bytes');
      return (performance.now() - start) / 1000;
    }),
  );
  return [
    measured({
      name: 'mapping: evaluations per CPU second, one core',
      ratio: rate / TARGET_EVALUATIONS,
      target: 1,
      measured: `${amount(rate)}complete mappings of a 3x3 convolution (64 to 128 channels, 28x28) weighed per CPU second`,
      reference: `${amount(TARGET_EVALUATIONS)}(set by hand)`,
      bound: 'closed forms of seven steps, and the garbage of their objects',
    }),
    measured({
      name: 'mapping: evaluations per CPU second / Timeloop',
      ratio: rate / PEER_EVALUATIONS,
      target: 100,
      measured: `${amount(rate)}per CPU second`,
      reference: `${PEER_EVALUATIONS} valid mappings per CPU second, recorded on a machine of this class, NOT measured in this run`,
      bound: 'as above',
    }),
    measured({
      name: 'mapping: ResNet-18 224x224 on mobile32, whole network',
      ratio: TARGET_SECONDS / seconds,
      target: 1,
      measured: `${seconds.toFixed(2)} s from integer graph to dataflow, weights packed, median`,
      reference: `${TARGET_SECONDS} s (set by hand)`,
      bound: 'packing of weights, and the proof that no sum wraps',
    }),
  ];
}

/** Mappings a CPU second over whole spaces, until so many are weighed. */
function evaluationRate(machine: Parameters<typeof convSizes>[0], wanted: number): number {
  const view = (shape: readonly number[]) => viewOf('t', blockedLayout(machine, shape));
  const window = {
    ...{ height: 3, width: 3, strideY: 1, strideX: 1 },
    ...{ dilationY: 1, dilationX: 1, padTop: 1, padLeft: 1 },
  };
  const geometry = { input: view([1, 64, 28, 28]), output: view([1, 128, 28, 28]), window };
  const where = { kind: 'option', option: 'bench' } as const;
  const once = () =>
    planConv(machine, geometry, where, { exhaustive: Number.POSITIVE_INFINITY }).ranking.count;
  once();
  let weighed = 0;
  const start = process.cpuUsage();
  while (weighed < wanted) weighed += once();
  const { user, system } = process.cpuUsage(start);
  return weighed / ((user + system) / 1e6);
}
