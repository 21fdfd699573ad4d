/**
 * The laws of the system as checks of one compiled case. In: a LawCase. Each throws where its law is broken. The property tests
 * draw cases for them, the regression tests replay the cases that once broke one.
 */

import { expect } from 'vitest';
import { graphMacs } from '../../compiler/graph/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateArray } from '../../simulator/array/index.js';
import { interpretProgram, type Run } from '../../simulator/engine/index.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { runBench } from './bench-run.js';
import { executedMacs } from './executed-macs.js';
import { expectSameTimes, expectStored, type LawCase } from './law-case.js';

const array = (c: LawCase): Run => simulateArray({ machine: c.machine, program: c.program, dram: c.dram });
const interpreted = (c: LawCase): Uint8Array => interpretProgram(c.machine, c.program, c.dram);

/** Law 1. */
export function sameValues(c: LawCase): void {
  const dram = interpreted(c);
  expectStored(c, dram, 'interpreter');
  const run = array(c);
  expectStored(c, run.dram!, 'array');
  const difference = run.dram!.findIndex((byte, i) => byte !== dram[i]);
  expect(difference, 'byte in which DRAM differs from the interpreter').toBe(-1);
}

/** Law 2. */
export function sameCycles(c: LawCase): void {
  const timing = simulateTiming(c.machine, c.program);
  const run = array(c);
  expectSameTimes(c, timing, run);
  expect(run.units).toEqual(timing.units);
}

const rtl = createRtlEngine(emitVerilog);

/** Laws 1, 2 and 4 for the emitted Verilog on the RTL engine: all of DRAM, every instruction, bytes counted on the bus. */
export async function sameInVerilog(c: LawCase): Promise<void> {
  const dram = interpreted(c);
  expectStored(c, dram, 'interpreter');
  const run = await rtl.run({ machine: c.machine, program: c.program, dram: c.dram });
  expectStored(c, run.dram!, 'rtl');
  const difference = run.dram!.findIndex((byte, i) => byte !== dram[i]);
  expect(difference, 'byte in which DRAM differs from the interpreter').toBe(-1);
  const timing = simulateTiming(c.machine, c.program);
  expectSameTimes(c, timing, run);
  expect(run.units).toEqual(timing.units);
  expect(run.activity).toEqual(timing.activity);
}

/** Law 3: the Verilog in another simulator. All of DRAM is compared, not only the layers' tensors. */
export function sameInIcarus(c: LawCase): void {
  const golden = interpreted(c);
  expectStored(c, golden, 'interpreter');
  const bench = runBench(c, golden);
  if (!bench.pass) throw new Error(bench.output.replace(/^trace.*\n/gm, ''));
  const timing = simulateTiming(c.machine, c.program);
  expectSameTimes(c, timing, bench);
  expect(bench.bytesRead, 'bytes read').toBe(timing.activity.bytesRead.dram);
  expect(bench.bytesWritten, 'bytes written').toBe(timing.activity.bytesWritten.dram);
}

/**
 * Law 4, as far as engines without a bus can tell; law 3 counts the bytes on the bus. What the layers declare is held to the graph, and to
 * the products that their instructions execute.
 */
export function sameActivity(c: LawCase): void {
  const { activity } = simulateTiming(c.machine, c.program);
  expect(activity.usefulMacs).toBe(graphMacs(c.graph));
  expect(array(c).activity).toEqual(activity);
  const layers = executedMacs(c.machine, c.graph).filter(({ declared }) => declared > 0);
  for (const { name, operator, declared, executed } of layers)
    expect(executed, `products of layer ${name} (${operator})`).toBe(declared);
}

/** Law 5. */
export function fasterIsNeverSlower(c: LawCase): void {
  const { cycles } = simulateTiming(c.machine, c.program);
  for (const faster of fasterMachines(c.machine)) {
    const quick = simulateTiming(faster.machine, c.program).cycles;
    if (quick > cycles) throw new Error(`${faster.change}: ${quick} cycles instead of ${cycles}`);
  }
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
