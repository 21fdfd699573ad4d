/** The array engine against the interpreter (values) and the timing engine (times) on scheduled networks. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { type Instruction, initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateArray } from '../../simulator/array/index.js';
import { EngineStop, interpretProgram } from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { machineOf, NetworkBuilder } from '../schedule/networks.js';
import { programOf } from '../support/random-program.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 12);

/** Whether the network fits the machine; holds laws 1 and 2 where it does. */
function holdLaws(build: (b: NetworkBuilder) => Graph, machine: Machine, seed: number): boolean {
  const builder = new NetworkBuilder(seed);
  const graph = build(builder);
  const scheduled = schedule(graph, machine);
  if (!scheduled.ok) return false;
  const program = unwrap(lower(scheduled.value.dataflow, machine, scheduled.value.image));
  const dram = initialDram(program, builder.feed());
  const run = simulateArray({ machine, program, dram });
  const predicted = simulateTiming(machine, program);
  expect({ ...run, engine: 'timing', dram: undefined }).toEqual({ ...predicted, dram: undefined });
  expect(run.dram).toEqual(interpretProgram(machine, program, dram));
  return true;
}

const machines = fc
  .record({
    lanes: fc.integer({ min: 1, max: 4 }),
    down: fc.integer({ min: 1, max: 5 }),
    across: fc.integer({ min: 1, max: 5 }),
    busBytes: fc.constantFrom(4, 8, 16, 32, 64),
    queueDepth: fc.constantFrom(2, 4),
    memory: fc.record({
      readLatency: fc.integer({ min: 1, max: 60 }),
      writeLatency: fc.integer({ min: 1, max: 30 }),
      cyclesPerBeat: fc.constantFrom(1, 1, 2, 5, 40),
      outstanding: fc.integer({ min: 1, max: 8 }),
    }),
    accumulatorBits: fc.constantFrom(24, 32),
  })
  .map(({ lanes, down, across, busBytes, queueDepth, memory, accumulatorBits }): Machine => {
    const base = machineOf({ lanes, rows: lanes * down, columns: lanes * across, busBytes, queueDepth });
    return {
      ...base,
      elements: { ...base.elements, accumulatorBits },
      memory: { ...base.memory, ...memory },
    };
  });

const layers = fc.record({
  inputs: fc.integer({ min: 1, max: 24 }),
  channels: fc.integer({ min: 1, max: 24 }),
  size: fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
});

const seeds = fc.nat(9999);

describe('array engine', () => {
  it('laws 1 and 2: a branching network gives the same values, times and activity on every engine', () => {
    let held = 0;
    const law = fc.property(machines, layers, seeds, (machine, o, seed) => {
      const fits = holdLaws(
        (b) => {
          const x = b.input('x', [1, o.inputs, ...o.size]);
          const deep = b.conv(x, { channels: o.channels, kernel: [3, 3], pads: [1, 1, 1, 1], table: true });
          const sum = b.add(deep, b.conv(x, { channels: o.channels, kernel: [1, 1] }));
          const pooled = b.pool(sum, 'IntegerMaxPool', o.kernel, o.stride);
          return b.build(b.dense(b.flatten(pooled), 5));
        },
        machine,
        seed,
      );
      if (fits) held++;
    });
    fc.assert(law, { numRuns });
    expect(held).toBeGreaterThan(numRuns / 2);
  });

  it('laws 1 and 2: depthwise, average pooling, rescaling and concatenation too', () => {
    let held = 0;
    const law = fc.property(machines, layers, seeds, (machine, o, seed) => {
      const fits = holdLaws(
        (b) => {
          const x = b.input('x', [1, o.inputs, ...o.size]);
          const depthwise = b.conv(x, {
            channels: o.inputs,
            group: o.inputs,
            kernel: o.kernel,
            stride: o.stride,
          });
          const average = b.pool(x, 'IntegerAveragePool', o.kernel, o.stride);
          return b.build(b.concat([b.rescale(depthwise), average]));
        },
        machine,
        seed,
      );
      if (fits) held++;
    });
    fc.assert(law, { numRuns });
    expect(held).toBeGreaterThan(numRuns / 2);
  });

  it('laws 1 and 2: an array whose registers fill more than one WebAssembly page', () => {
    const build = (b: NetworkBuilder) =>
      b.build(b.conv(b.input('x', [1, 70, 3, 4]), { channels: 130, kernel: [2, 2] }));
    for (const shape of [
      { rows: 64, columns: 64, lanes: 32 },
      { rows: 7, columns: 250, lanes: 1 },
      { rows: 128, columns: 128, lanes: 128 },
    ]) {
      expect(holdLaws(build, machineOf({ ...shape, parRows: 256, wgtRows: 4096 }), 7)).toBe(true);
    }
  });

  it('stops where the timing engine stops: deadlock, cycle limit, no end', () => {
    const machine = machineOf({ rows: 2, columns: 2, lanes: 1 });
    const sync = (unit: number, wait: number, signal: number): Instruction => ({
      mnemonic: 'sync',
      wait,
      signal,
      fields: { unit },
    });
    const end: Instruction = { mnemonic: 'end', wait: 0, signal: 0, fields: {} };
    const reason = (instructions: readonly Instruction[], cycleLimit?: number) => {
      const request = { machine, program: programOf(instructions), dram: new Uint8Array(0) };
      const stops = [() => simulateArray({ ...request, ...(cycleLimit && { cycleLimit }) })];
      if (!cycleLimit) stops.push(() => simulateTiming(machine, request.program));
      return stops.map((run) => {
        try {
          return run().cycles;
        } catch (error) {
          if (error instanceof EngineStop) return `${error.reason} ${error.unit}`;
          throw error;
        }
      });
    };
    expect(reason([sync(0, 2, 2), sync(1, 1, 1), end])).toEqual(['deadlock load', 'deadlock load']);
    expect(reason([sync(1, 0, 1)])).toEqual(['illegal fetch', 'illegal fetch']);
    expect(reason([sync(1, 0, 1), end], 10)).toEqual(['cycle-limit fetch']);
  });
});

describe('array engine, progress', () => {
  it('is told every 65,536 cycles', () => {
    const machine = machineOf({ rows: 1, columns: 1, lanes: 1, busBytes: 4 });
    const wait: Instruction = {
      mnemonic: 'fill',
      wait: 0,
      signal: 0,
      fields: { address: 0, value: 0, rows: 16, runs: 4095, runStride: 0, planes: 2, planeStride: 0 },
    };
    const end: Instruction = { mnemonic: 'end', wait: 0, signal: 0, fields: {} };
    const program = programOf([wait, end]);
    const told: number[] = [];
    const { cycles } = simulateArray({
      machine,
      program,
      dram: new Uint8Array(0),
      onProgress: (n) => told.push(n),
    });
    expect(cycles).toBeGreaterThan(65536);
    expect(told).toEqual(Array.from({ length: Math.floor(cycles / 65536) }, (_, k) => 65536 * (k + 1)));
  });
});
