/** Depthwise convolutions shared between the array and the vector unit: the values, and that it is worth it. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { mobilenetV2 } from '../bench/mobile-networks.js';
import { check } from './check.js';
import { machineOf, NetworkBuilder } from './networks.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 25);

function programOf(graph: Graph, machine: Machine) {
  const { dataflow, image } = unwrap(schedule(graph, machine));
  return unwrap(lower(dataflow, machine, image));
}

function withBanks(machine: Machine, banks: 1 | 2): Machine {
  return { ...machine, buffers: { ...machine.buffers, weight: { ...machine.buffers.weight, banks } } };
}

const machines = fc
  .record({
    side: fc.constantFrom(2, 4, 6, 8),
    lane: fc.nat(3),
    banks: fc.integer({ min: 3, max: 5 }),
    actRows: fc.constantFrom(64, 256, 1024),
    accRows: fc.constantFrom(8, 64, 256),
    wgtBanks: fc.constantFrom<1 | 2>(1, 2),
    dataflow: fc.constantFrom('weight-stationary' as const, 'output-stationary' as const),
  })
  .map(({ side, lane, wgtBanks, ...m }) => {
    const divisors = [1, 2, 3, 4, 6, 8].filter((n) => side % n === 0);
    const lanes = divisors[lane % divisors.length]!;
    const machine = machineOf({ rows: side, columns: side, lanes, wgtRows: 512, ...m });
    return withBanks(machine, wgtBanks);
  });

const layers = fc.record({
  channels: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 5, max: 24 }),
  width: fc.integer({ min: 5, max: 24 }),
  kernel: fc.constantFrom([3, 3] as const, [5, 3] as const, [1, 4] as const),
  stride: fc.constantFrom([1, 1] as const, [2, 2] as const, [2, 1] as const),
  pads: fc.constantFrom([0, 0, 0, 0] as const, [1, 1, 1, 1] as const, [0, 0, 1, 1] as const),
  table: fc.boolean(),
});

describe('depthwise convolutions on the array and the vector unit', () => {
  it('the shared layer computes what the layer means, in every order that the semaphores allow', () => {
    let shared = 0;
    fc.assert(
      fc.property(machines, layers, fc.nat(99), (machine, { channels, height, width, ...layer }, seed) => {
        const build = (b: NetworkBuilder) => {
          const x = b.input('x', [1, channels, height, width]);
          return b.build(b.conv(x, { channels, group: channels, ...layer, kernel: layer.kernel }));
        };
        const refused = check(build, machine, seed);
        fc.pre(refused.length === 0);
        const used = programOf(build(new NetworkBuilder(seed)), machine).instructions;
        if (used.some(({ mnemonic }) => mnemonic === 'matmul')) shared++;
      }),
      { numRuns },
    );
    expect(shared).toBeGreaterThan(numRuns / 10);
  });

  it('MobileNetV2 on edge16 runs 1.15 times as fast as on the vector unit alone, and its MACs stay', () => {
    const edge16 = machinePresets.get('edge16')!;
    const graph = mobilenetV2();
    const shared = simulateTiming(edge16, programOf(graph, edge16));
    // With one bank the array is no quicker than the 16 lanes, so all goes to the vector unit.
    const alone = simulateTiming(withBanks(edge16, 1), programOf(graph, withBanks(edge16, 1)));
    expect(alone.cycles / shared.cycles).toBeGreaterThan(1.15);
    expect(shared.activity.usefulMacs).toBe(300_774_272);
    expect(alone.activity.usefulMacs).toBe(300_774_272);
  });
});
