/**
 * The laws of the system, on random machines and random networks. Whatever compiles must give the integer graph's values
 * and the predicted cycles on every engine, and count what it really moved.
 */

import { describe, expect, it } from 'vitest';
import { graphMacs } from '../../compiler/graph/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateArray } from '../../simulator/array/index.js';
import { interpretProgram, type Run } from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { runBench } from '../support/bench-run.js';
import { checkLaw } from '../support/check-law.js';
import { expectSameTimes, expectStored, type LawCase } from '../support/law-case.js';
import { hasTool } from '../verilog/support.js';

const array = (c: LawCase): Run => simulateArray({ machine: c.machine, program: c.program, dram: c.dram });
const interpreted = (c: LawCase): Uint8Array => interpretProgram(c.machine, c.program, c.dram);

describe('laws', () => {
  it('law 1: every layer stores what the integer graph evaluates to, on the interpreter and the array engine', () =>
    checkLaw({ law: 'law 1', runs: 60 }, (c) => {
      const dram = interpreted(c);
      expectStored(c, dram, 'interpreter');
      const run = array(c);
      expectStored(c, run.dram!, 'array');
      expect(firstDifference(run.dram!, dram), 'byte in which DRAM differs from the interpreter').toBe(-1);
    }));

  it('law 2: cycles, and dispatch, accept and end of every instruction, are equal on the timing and the array engine', () =>
    checkLaw({ law: 'law 2', runs: 60 }, (c) => {
      const timing = simulateTiming(c.machine, c.program);
      const run = array(c);
      expectSameTimes(c, timing, run);
      expect(run.units).toEqual(timing.units);
    }));

  it('law 4: useful MACs are the network’s, and both engines count the same activity', () =>
    checkLaw({ law: 'law 4', runs: 60 }, (c) => {
      const { activity } = simulateTiming(c.machine, c.program);
      expect(activity.usefulMacs).toBe(graphMacs(c.graph));
      expect(array(c).activity).toEqual(activity);
    }));

  it('law 5: quicker memory, deeper queues and more outstanding bursts never take more cycles', () =>
    checkLaw({ law: 'law 5', runs: 150 }, (c) => {
      const { cycles } = simulateTiming(c.machine, c.program);
      for (const faster of fasterMachines(c.machine)) {
        const quick = simulateTiming(faster.machine, c.program).cycles;
        if (quick > cycles) throw new Error(`${faster.change}: ${quick} cycles instead of ${cycles}`);
      }
    }));
});

describe.skipIf(!hasTool('iverilog'))(
  'laws in Icarus Verilog (skipped where iverilog is not installed)',
  () => {
    it('law 3: the emitted Verilog stores the same bytes in the same cycles and moves the counted bytes', () =>
      checkLaw({ law: 'law 3', runs: 8, share: 0.2 }, (c) => {
        const golden = interpreted(c);
        expectStored(c, golden, 'interpreter');
        const bench = runBench(c, golden);
        if (!bench.pass) throw new Error(bench.output.replace(/^trace.*\n/gm, ''));
        const timing = simulateTiming(c.machine, c.program);
        expectSameTimes(c, timing, bench);
        expect(bench.bytesRead, 'bytes read').toBe(timing.activity.bytesRead.dram);
        expect(bench.bytesWritten, 'bytes written').toBe(timing.activity.bytesWritten.dram);
      }));
  },
);

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return a.findIndex((byte, i) => byte !== b[i]);
}

/** The machine with one number changed for the better, one step and many steps. */
function fasterMachines(machine: Machine): { readonly change: string; readonly machine: Machine }[] {
  const { memory, queueDepth } = machine;
  const changes: Partial<Pick<Machine, 'queueDepth'> & Machine['memory']>[] = [
    { readLatency: Math.max(1, memory.readLatency - 1) },
    { readLatency: 1 },
    { writeLatency: Math.max(1, memory.writeLatency - 1) },
    { writeLatency: 1 },
    { cyclesPerBeat: Math.max(1, memory.cyclesPerBeat - 1) },
    { outstanding: memory.outstanding + 1 },
    { outstanding: 64 },
    { queueDepth: Math.min(16, queueDepth * 2) },
  ];
  return changes.map((change) => {
    const { queueDepth: depth = queueDepth, ...rest } = change;
    return {
      change: JSON.stringify(change),
      machine: { ...machine, queueDepth: depth, memory: { ...memory, ...rest } },
    };
  });
}
