/** The timing engine on programs without values: laws that need only times. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instruction, type Program, unitOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { simulateArray } from '../../simulator/array/index.js';
import { EngineStop, type Run } from '../../simulator/engine/index.js';
import {
  type CycleCause,
  cycleCauses,
  layerBreakdown,
  simulateTiming,
  stallCauses,
} from '../../simulator/timing/index.js';
import { makeProgram, programDraws, programOf, timingMachines } from '../support/random-program.js';

const options = { numRuns: Number(process.env.SYSTOLE_RUNS ?? 200) };

type Improve = (machine: Machine) => Machine;
const improvements: Readonly<Record<string, Improve>> = {
  'lower read latency': (m) => withMemory(m, { readLatency: Math.ceil(m.memory.readLatency / 2) }),
  'lower write latency': (m) => withMemory(m, { writeLatency: Math.ceil(m.memory.writeLatency / 2) }),
  'more bandwidth': (m) => withMemory(m, { cyclesPerBeat: Math.ceil(m.memory.cyclesPerBeat / 2) }),
  'more bursts outstanding': (m) => withMemory(m, { outstanding: m.memory.outstanding + 1 }),
  'deeper queues': (m) => ({ ...m, queueDepth: 2 * m.queueDepth }),
};

function withMemory(machine: Machine, memory: Partial<Machine['memory']>): Machine {
  return { ...machine, memory: { ...machine.memory, ...memory } };
}

const sync = (unit: number, wait: number, signal: number): Instruction => ({
  mnemonic: 'sync',
  wait,
  signal,
  fields: { unit },
});
const end: Instruction = { mnemonic: 'end', wait: 0, signal: 0, fields: {} };

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0);

/** The naive twin of `causeIntervals`: cycle by cycle, the first cause that some running instruction has. */
function causeOfEachCycle(program: Program, run: Run): readonly CycleCause[] {
  const causes = new Array<CycleCause>(run.cycles).fill('control');
  const rank = (cause: CycleCause) => cycleCauses.indexOf(cause);
  for (const { index, accept, end } of run.trace) {
    const instruction = program.instructions[index]!;
    const unit = unitOf(instruction)!;
    const loads: readonly CycleCause[] = [
      'loadActivations',
      'loadWeights',
      'loadParameters',
      'loadParameters',
    ];
    const target = instruction.mnemonic === 'load' ? instruction.fields.buffer : 0;
    const cause = unit === 'matmul' ? 'array' : unit === 'load' ? loads[target]! : unit;
    for (let cycle = accept + 1; cycle <= end && cycle < run.cycles; cycle++)
      if (rank(cause) < rank(causes[cycle]!)) causes[cycle] = cause;
  }
  return causes;
}

describe('timing engine', () => {
  for (const [name, improve] of Object.entries(improvements)) {
    it(`law 5: ${name} never makes any instruction of any program end later`, () => {
      const law = fc.property(timingMachines, programDraws, (machine, draws) => {
        const better = improve(machine);
        const program = makeProgram(machine, draws);
        const before = simulateTiming(machine, program);
        const after = simulateTiming(better, program);
        expect(after.cycles).toBeLessThanOrEqual(before.cycles);
        after.trace.forEach(({ end: then }, i) => {
          expect(then).toBeLessThanOrEqual(before.trace[i]!.end);
        });
      });
      fc.assert(law, options);
    });
  }

  it('a semaphore takes 255 signals, not 256, whatever else its consumer runs', () => {
    const machine = machinePresets.get('edge16')!;
    // Store runs one sync that waits for nothing after each signal, and waits for all of them at the end.
    const flood = (count: number) =>
      programOf([
        ...Array.from({ length: count }, () => [sync(2, 0, 8), sync(3, 0, 0)]).flat(),
        ...Array.from({ length: count }, () => sync(3, 4, 0)),
        end,
      ]);
    expect(simulateTiming(machine, flood(255)).cycles).toBeGreaterThan(255);
    expect(simulateArray({ machine, program: flood(255), dram: new Uint8Array(0) }).cycles).toBe(
      simulateTiming(machine, flood(255)).cycles,
    );
    const stops = [
      () => simulateTiming(machine, flood(256)),
      () => simulateArray({ machine, program: flood(256), dram: new Uint8Array(0) }),
    ].map((run) => {
      try {
        run();
      } catch (error) {
        if (error instanceof EngineStop) return [error.reason, error.cycle, error.unit];
        throw error;
      }
      return 'no stop';
    });
    expect(stops[0]).toEqual(['illegal', expect.any(Number), 'vector']);
    expect(stops[1]).toEqual(stops[0]);
  });

  it('busy, waiting and idle cycles of every unit add up to the run', () => {
    const law = fc.property(timingMachines, programDraws, (machine, draws) => {
      const { cycles, units } = simulateTiming(machine, makeProgram(machine, draws));
      for (const { busy, waiting, idle } of Object.values(units)) {
        const waited = Object.values(waiting).reduce((sum, n) => sum + n, 0);
        expect(busy + waited + idle).toBe(cycles);
        expect(idle).toBeGreaterThanOrEqual(0);
      }
    });
    fc.assert(law, options);
  });

  it('cycles of the layers add up to the run', () => {
    const law = fc.property(
      timingMachines,
      programDraws,
      fc.integer({ min: 1, max: 5 }),
      (machine, draws, count) => {
        const bare = makeProgram(machine, draws);
        const layer = { name: 'l', node: 'n', operator: 'o', macs: 1, output: 'y' };
        const layerOf = bare.layerOf.map((_, i) => Math.floor((i * count) / bare.layerOf.length));
        const program = { ...bare, layers: Array(count).fill(layer), layerOf };
        const run = simulateTiming(machine, program);
        const shares = layerBreakdown(machine, program, run);
        expect(shares.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(run.cycles);
        expect(shares.every(({ stallCycles, cycles }) => stallCycles >= 0 && stallCycles <= cycles)).toBe(
          true,
        );
        for (const { causes, cycles, stallCycles } of shares) {
          expect(sumOf(cycleCauses.map((cause) => causes[cause]))).toBe(cycles);
          expect(sumOf(stallCauses.map((cause) => causes[cause]))).toBe(stallCycles);
        }
        const naive = causeOfEachCycle(program, run);
        for (const cause of cycleCauses)
          expect(sumOf(shares.map(({ causes }) => causes[cause]))).toBe(
            naive.filter((c) => c === cause).length,
          );
        const read = sumOf(shares.map(({ activity }) => activity.bytesRead.dram));
        const loaded = shares.flatMap(({ loadedBytes }) => Object.values(loadedBytes));
        expect(sumOf(loaded)).toBe(read);
        const busy = shares.reduce((sum, { busyCycles }) => sum + busyCycles.load, 0);
        expect(busy).toBe(run.units.load.busy);
      },
    );
    fc.assert(law, options);
  });

  it('two units that wait for each other are a deadlock, not a hang', () => {
    const machine = machinePresets.get('edge4')!;
    const program = programOf([sync(0, 2, 2), sync(1, 1, 1), end]);
    expect(() => simulateTiming(machine, program)).toThrow(EngineStop);
  });

  it('a sync runs one cycle, and what it signals can start in the next but one', () => {
    const machine = machinePresets.get('edge4')!;
    const { trace, units } = simulateTiming(machine, programOf([sync(0, 0, 2), sync(1, 1, 0), end]));
    const [first, second] = trace;
    expect(first!.accept).toBe(first!.dispatch + 1);
    expect(first!.end).toBe(first!.accept + 1);
    expect(second!.accept).toBe(Math.max(first!.end + 1, second!.dispatch + 1));
    expect(units.load.busy).toBe(1);
  });

  it('a program without end is refused', () => {
    const machine = machinePresets.get('edge4')!;
    expect(() => simulateTiming(machine, programOf([sync(0, 0, 0)]))).toThrow(/no `end`/);
  });
});
