/** Layers with their activations at rest: which ones, why not the others, and that they are taken only where they are quicker. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import type { Instruction } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { type ScheduleOptions, schedule } from '../../compiler/schedule/index.js';
import { checkMachine, type Machine, machinePresets } from '../../models/machine/index.js';
import { instructionCycles, simulateTiming } from '../../simulator/timing/index.js';
import { check } from './check.js';
import { type MachineNumbers, machineOf, NetworkBuilder } from './networks.js';

const functions: Machine['vector']['functions'] = ['pool', 'depthwise', 'add', 'lookup', 'row-parameters'];
const square: MachineNumbers = { rows: 4, columns: 4, lanes: 2, dataflow: 'input-stationary', functions };

/** Of every layer: what rests, and why not the inputs. */
function rests(build: (b: NetworkBuilder) => string, machine: Machine, options: ScheduleOptions = {}) {
  const b = new NetworkBuilder(1);
  const { dataflow, mappings } = unwrap(schedule(b.build(build(b)), machine, options));
  return dataflow.layers.map(({ name }, i) => {
    const { stationary, notInputs } = mappings[i] ?? {};
    return [name, stationary, notInputs];
  });
}

/** Cycles with weights and with inputs at rest, and what a machine takes that may choose. */
function compare(graph: Graph, base: Machine) {
  const cycles = (dataflow: Machine['array']['dataflow'], has: Machine['vector']['functions']) => {
    const machine = {
      ...base,
      array: { ...base.array, dataflow },
      vector: { ...base.vector, functions: has },
    };
    const { dataflow: made, image, mappings } = unwrap(schedule(graph, machine));
    const program = unwrap(lower(made, machine, image));
    return { cycles: simulateTiming(machine, program).cycles, stationary: mappings[0]!.stationary };
  };
  const none = functions.filter((name) => name !== 'row-parameters');
  return {
    weights: cycles('weight-stationary', none),
    inputs: cycles('input-stationary', functions),
    chosen: cycles('weight-stationary', functions),
  };
}

function dense(m: number, k: number, n: number): Graph {
  const b = new NetworkBuilder(1);
  return b.build(b.dense(b.input('x', [m, k]), n));
}

function pointwise(m: number, k: number, n: number): Graph {
  const b = new NetworkBuilder(1);
  return b.build(b.conv(b.input('x', [1, k, 1, m]), { channels: n, kernel: [1, 1] }));
}

describe('input-stationary layers', () => {
  it.each([
    ['a dense layer', (b) => b.dense(b.input('x', [3, 10]), 9)],
    ['a single pixel', (b) => b.dense(b.input('x', [1, 5]), 2)],
    ['many pixels', (b) => b.conv(b.input('x', [2, 6, 5, 3]), { channels: 7, kernel: [1, 1] })],
    ['a table', (b) => b.conv(b.input('x', [1, 6, 3, 3]), { channels: 5, kernel: [1, 1], table: true })],
    ['two layers', (b) => b.dense(b.dense(b.input('x', [6, 9]), 11), 3)],
    [
      'a sum of two',
      (b) => {
        const x = b.input('x', [1, 9, 2, 3]);
        const one = b.conv(x, { channels: 6, kernel: [1, 1] });
        return b.add(one, b.conv(x, { channels: 6, kernel: [1, 1] }));
      },
    ],
    ['a flattened picture of one pixel', (b) => b.dense(b.flatten(b.input('x', [2, 9, 1, 1])), 5)],
  ] satisfies [string, (b: NetworkBuilder) => string][])('%s gives its values', (_, build) => {
    for (const machine of [
      square,
      { ...square, rows: 8, lanes: 4 },
      { ...square, parRows: 4, accRows: 16 },
    ]) {
      for (const seed of [1, 2, 3])
        expect(check((b) => b.build(build(b)), machineOf(machine), seed)).toEqual([]);
      const layers = rests(build, machineOf(machine)).filter(([, stationary]) => stationary !== undefined);
      expect(layers.every(([, stationary]) => stationary === 'inputs')).toBe(true);
      expect(layers.length).toBeGreaterThan(0);
    }
  });

  it('one layer that cannot keeps those that it meets from it, and every layer says why', () => {
    const found = rests((b) => {
      const x = b.conv(b.input('x', [1, 4, 6, 6]), { channels: 4, kernel: [1, 1] });
      return b.conv(x, { channels: 8, kernel: [3, 3] });
    }, machineOf(square));
    expect(found).toEqual([
      [
        'IntegerConv_0',
        'weights',
        'its activations meet those of IntegerConv_1, where a kernel of 3 x 3 takes pixels of several lanes',
      ],
      ['IntegerConv_1', 'weights', 'a kernel of 3 x 3 takes pixels of several lanes'],
    ]);
  });

  it.each([
    ['channels are in groups', { channels: 8, kernel: [1, 1], group: 2 }],
    ['a stride leaves pixels out', { channels: 4, kernel: [1, 1], stride: [2, 2] }],
    ['padding moves pixels to other lanes', { channels: 4, kernel: [1, 1], pads: [1, 1, 1, 1] }],
  ] as const)('refused: %s', (reason, shape) => {
    // Groups of the array's size, so that they stay groups.
    const found = rests((b) => b.conv(b.input('x', [1, 8, 4, 4]), shape), machineOf(square));
    expect(found.map(([, stationary, why]) => [stationary, why])).toContainEqual(['weights', reason]);
  });

  it('refused: a pool, and an array on which activations are no rows of weights', () => {
    const pooled = rests((b) => {
      const x = b.conv(b.input('x', [1, 4, 6, 6]), { channels: 4, kernel: [1, 1] });
      return b.pool(x, 'IntegerMaxPool', [2, 2], [2, 2]);
    }, machineOf(square));
    expect(pooled[0]![2]).toContain('IntegerMaxPool takes channels by lanes');
    const flat = machineOf({ ...square, columns: 8 });
    expect(rests((b) => b.dense(b.input('x', [3, 8]), 8), flat)[0]).toEqual([
      expect.any(String),
      'weights',
      'rows of 4 activations are no rows of 8 weights',
    ]);
  });

  it('is taken where it is believed quicker: few vectors on an array with more rows than columns', () => {
    const tall = machineOf({ rows: 16, columns: 4, lanes: 4, wgtRows: 4096 });
    const few = compare(dense(2, 256, 300), tall);
    expect(few.inputs.cycles).toBeLessThan(few.weights.cycles / 2);
    expect(few.chosen).toEqual(few.inputs);
    const many = compare(dense(200, 64, 20), tall);
    expect(many.chosen.stationary).toBe('weights');
    expect(many.chosen.cycles).toBe(many.weights.cycles);
    expect(many.inputs.cycles).toBeGreaterThan(many.weights.cycles);
  });

  it('docs/mapping.md has the cycles of these layers', () => {
    const page = readFileSync(new URL('../../docs/mapping.md', import.meta.url), 'utf8');
    const row = /^\| (\d+) x (\d+) \| (\d+) \| (\d+) \| (\d+) \| ([\d,]+) \| ([\d,]+) \| (\w+) \|$/gm;
    const rows = [...page.matchAll(row)];
    expect(rows.length).toBeGreaterThanOrEqual(10);
    for (const [line, ...cells] of rows) {
      const [R, C, m, k, n, weights, inputs] = cells
        .slice(0, 7)
        .map((text) => Number(text.replaceAll(',', ''))) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const preset = machinePresets.get(R === 16 ? 'edge16' : 'mobile32')!;
      const array = { ...preset.array, rows: R, columns: C };
      const machine = unwrap(checkMachine({ ...preset, array, vector: { ...preset.vector, lanes: C } }));
      const found = compare(pointwise(m, k, n), machine);
      const own = [found.weights.cycles, found.inputs.cycles, found.chosen.stationary];
      expect(own, line).toEqual([weights, inputs, cells[7]]);
    }
  });

  it('with measurement is never slower than weights at rest', () => {
    const numbers = { rows: 8, columns: 4, lanes: 4, wgtRows: 1024 };
    const shapes = [
      [1, 64, 64],
      [4, 64, 30],
      [4, 100, 9],
      [9, 32, 40],
      [16, 64, 17],
    ] as const;
    for (const [m, k, n] of shapes) {
      const cycles = (has: Machine['vector']['functions']) => {
        const machine = machineOf({ ...numbers, functions: has });
        const measure = (list: readonly Instruction[]) => instructionCycles(machine, list);
        const { dataflow, image } = unwrap(schedule(dense(m, k, n), machine, { measure }));
        return simulateTiming(machine, unwrap(lower(dataflow, machine, image))).cycles;
      };
      const without = functions.filter((name) => name !== 'row-parameters');
      expect(cycles(functions), `${m} x ${k} x ${n}`).toBeLessThanOrEqual(cycles(without));
    }
  });
});
