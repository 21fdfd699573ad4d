/** Grouped convolutions on the array: which weight tiles exist, what they compute, what they cost. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph } from '../../compiler/graph/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { sameInVerilog } from '../support/laws.js';
import { check } from './check.js';
import { layersAlone } from './layers-alone.js';
import { machineOf, NetworkBuilder } from './networks.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 60);

interface GroupedConv {
  readonly group: number;
  /** Channels of one group. */
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride?: number;
}

/** @param dense the same channels in one group. */
function graphOf(c: GroupedConv, seed = 1, dense = false): Graph {
  const b = new NetworkBuilder(seed);
  return b.build(convOf(b, c, dense));
}

function convOf(b: NetworkBuilder, c: GroupedConv, dense = false): string {
  const pad = (c.kernel - 1) >> 1;
  const stride = c.stride ?? 1;
  return b.conv(b.input('x', [1, c.group * c.inputs, c.size, c.size]), {
    channels: c.group * c.outputs,
    kernel: [c.kernel, c.kernel],
    stride: [stride, stride],
    pads: [pad, pad, pad, pad],
    group: dense ? 1 : c.group,
  });
}

/** Weight tiles times vectors of a program's matmuls: what the array's time follows from. */
function tileVectors(machine: Machine, graph: Graph): number {
  const { dataflow, image } = unwrap(schedule(graph, machine));
  return unwrap(lower(dataflow, machine, image)).instructions.reduce((sum, instruction) => {
    if (instruction.mnemonic !== 'matmul') return sum;
    const { nkb, nky, nkx, ny, nx } = instruction.fields;
    return sum + nkb * nky * nkx * ny * nx;
  }, 0);
}

/** Pairs of an output and an input block that share a group, found channel by channel. */
function touchingBlocks(
  { array: { rows, columns } }: Machine,
  { group, inputs, outputs }: GroupedConv,
): number {
  const pairs = new Set<string>();
  for (let o = 0; o < group * outputs; o++)
    for (let i = 0; i < group * inputs; i++)
      if (Math.floor(o / outputs) === Math.floor(i / inputs))
        pairs.add(`${Math.floor(o / columns)} ${Math.floor(i / rows)}`);
  return pairs.size;
}

const machine = machineOf({ rows: 4, columns: 4, lanes: 2 });

describe('weight tiles of grouped convolutions', () => {
  it.each([
    ['groups of one tile each', { group: 4, inputs: 4, outputs: 4, size: 5, kernel: 3 }],
    ['groups of several tiles', { group: 3, inputs: 8, outputs: 12, size: 4, kernel: 1 }],
    ['two groups a tile', { group: 8, inputs: 2, outputs: 2, size: 5, kernel: 3 }],
    ['more outputs than inputs', { group: 8, inputs: 1, outputs: 2, size: 5, kernel: 3 }],
  ])('%s: exactly those in which channels of one group meet', (_, c) => {
    const tiles = touchingBlocks(machine, c) * c.kernel ** 2;
    expect(tileVectors(machine, graphOf(c))).toBe(tiles * c.size ** 2);
  });

  it('groups of whole tiles multiply no zeros: R x C products a tile and vector are the network’s', () => {
    const c = { group: 4, inputs: 8, outputs: 4, size: 5, kernel: 3 };
    const { dataflow } = unwrap(schedule(graphOf(c), machine));
    expect(tileVectors(machine, graphOf(c)) * 16).toBe(dataflow.layers[0]!.macs);
  });

  it('a depthwise convolution on a machine without the function takes the diagonal', () => {
    const functions = ['pool', 'add', 'lookup'] as const;
    const plain = machineOf({ rows: 4, columns: 4, lanes: 2, functions: [...functions] });
    const c = { group: 12, inputs: 1, outputs: 1, size: 5, kernel: 3 };
    expect(tileVectors(plain, graphOf(c))).toBe(3 * 9 * 25);
  });
});

const drawn = fc.record({
  group: fc.integer({ min: 2, max: 9 }),
  inputs: fc.integer({ min: 1, max: 9 }),
  outputs: fc.integer({ min: 1, max: 9 }),
  size: fc.integer({ min: 1, max: 7 }),
  kernel: fc.constantFrom(1, 3),
  stride: fc.constantFrom(1, 2),
});

const machines = fc
  .record({
    rows: fc.constantFrom(4, 6, 8),
    columns: fc.constantFrom(4, 6, 8),
    actRows: fc.constantFrom(32, 64, 512),
    accRows: fc.constantFrom(8, 64),
    wgtRows: fc.constantFrom(32, 128, 1024),
    banks: fc.integer({ min: 3, max: 5 }),
    dataflow: fc.constantFrom('weight-stationary' as const, 'output-stationary' as const),
  })
  .map((m) => machineOf({ ...m, lanes: 2 }));

describe('values of grouped convolutions', () => {
  it('LAW: any groups on any machine give what the definition says, in every interleaving', () => {
    let done = 0;
    fc.assert(
      fc.property(machines, drawn, fc.nat(999), (m, c, seed) => {
        const refused = check((b) => b.build(convOf(b, c)), m, seed);
        for (const text of refused) expect(text).toContain('schedule/buffer-too-small');
        if (refused.length === 0) done++;
      }),
      { numRuns },
    );
    expect(done).toBeGreaterThan(numRuns / 2);
  });
});

describe('the emitted Verilog', () => {
  it('gives the values and cycles of groups of whole tiles and of two groups a tile', async () => {
    for (const inputs of [2, 4]) {
      const b = new NetworkBuilder(5);
      const graph = b.build(convOf(b, { group: 4, inputs, outputs: inputs, size: 4, kernel: 3 }));
      const { dataflow, image } = unwrap(schedule(graph, machine));
      const program = unwrap(lower(dataflow, machine, image));
      const feed = b.feed();
      const reference = evaluateGraph(graph, feed, { keep: 'all' });
      await sameInVerilog({ machine, graph, program, dram: initialDram(program, feed), reference });
    }
  });
});

/** The grouped convolutions of ResNeXt-50 32x4d, at the picture sizes of a 224 x 224 input. */
const resnext: readonly GroupedConv[] = [
  { group: 32, inputs: 4, outputs: 4, size: 56, kernel: 3 },
  { group: 32, inputs: 8, outputs: 8, size: 56, kernel: 3, stride: 2 },
  { group: 32, inputs: 8, outputs: 8, size: 28, kernel: 3 },
  { group: 32, inputs: 16, outputs: 16, size: 28, kernel: 3, stride: 2 },
  { group: 32, inputs: 16, outputs: 16, size: 14, kernel: 3 },
  { group: 32, inputs: 32, outputs: 32, size: 14, kernel: 3, stride: 2 },
  { group: 32, inputs: 32, outputs: 32, size: 7, kernel: 3 },
];

describe('cost of grouped convolutions', () => {
  it.each(['edge16', 'mobile32', 'cloud128'])(
    'on %s is believed within 5 percent of the exact cycles',
    (name) => {
      const target = machinePresets.get(name)!;
      const errors = resnext.map((c) => {
        const [layer] = layersAlone(graphOf(c), target);
        return Math.abs(layer!.schedule.mappings[0]!.cost.cycles / layer!.cycles - 1);
      });
      expect(errors.filter((error) => error > 0.05)).toEqual([]);
    },
  );

  it('ResNeXt-50’s take less than an eighth of the array’s time of dense ones on edge16', () => {
    const target = machinePresets.get('edge16')!;
    const vectors = (dense: boolean) =>
      resnext.reduce((sum, c) => sum + tileVectors(target, graphOf(c, 1, dense)), 0);
    expect(vectors(false) / vectors(true)).toBeLessThan(1 / 8);
  });
});
