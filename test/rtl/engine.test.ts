/**
 * Laws 1 and 2 for the RTL engine: the emitted Verilog, simulated, ends with the DRAM of the interpreter and takes the cycles, instruction by
 * instruction, of the timing engine. Programs are compiled from drawn networks.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { assemble, encodeProgram, formatInstructions } from '../../compiler/isa/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { machinePresets, machineSchema } from '../../models/machine/index.js';
import { type EngineStop, interpretProgram, type RunRequest } from '../../simulator/engine/index.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { arbitraryNetwork } from '../support/arbitrary-network.js';
import { type LawCase, prepareCase } from '../support/law-case.js';

const engine = createRtlEngine(emitVerilog);
const runs = Number(process.env['SYSTOLE_RUNS'] ?? 3);

const edge4 = machinePresets.get('edge4')!;
const machines = [
  edge4,
  machineSchema.parse({ ...edge4, name: 'wide-bus', bus: { ...edge4.bus, bytes: 32 } }),
  machineSchema.parse({
    ...edge4,
    name: 'slow-memory',
    memory: { readLatency: 7, writeLatency: 3, cyclesPerBeat: 3, outstanding: 2 },
  }),
];

async function sameAsTwins({ machine, program, dram }: LawCase): Promise<void> {
  const run = await engine.run({ machine, program, dram, cycleLimit: 2_000_000 });
  const timing = simulateTiming(machine, program);
  expect(run.trace).toEqual(timing.trace);
  expect(run.cycles).toBe(timing.cycles);
  expect(run.units).toEqual(timing.units);
  expect(run.activity).toEqual(timing.activity);
  expect(Buffer.from(run.dram!).equals(Buffer.from(interpretProgram(machine, program, dram)))).toBe(true);
}

describe('laws 1 and 2 on the Verilog itself', () => {
  it.each(machines)('values, cycles, units and activity agree on $name', async (machine) => {
    const property = fc.asyncProperty(arbitraryNetwork({ nodes: 3 }), async (plan) => {
      const prepared = prepareCase(machine, plan);
      fc.pre(prepared !== undefined);
      await sameAsTwins(prepared);
    });
    await fc.assert(property, { numRuns: runs });
  });
});

describe('a run that cannot finish', () => {
  const drawn = fc.sample(arbitraryNetwork({ nodes: 2 }), { numRuns: 20, seed: 1 });
  const prepared = drawn.map((plan) => prepareCase(edge4, plan)).find((one) => one !== undefined)!;
  const request: RunRequest = prepared;
  const stopOf = (changed: Partial<RunRequest>) =>
    engine.run({ ...request, ...changed }).then(
      () => undefined,
      (error: EngineStop) => error,
    );

  it('stops at the cycle limit', async () => {
    expect(await stopOf({ cycleLimit: 50 })).toMatchObject({
      name: 'EngineStop',
      reason: 'cycle-limit',
      cycle: 50,
    });
  });

  it('names an illegal opcode', async () => {
    const dram = Uint8Array.from(prepared.dram);
    dram[prepared.program.programAddress] = 0x0f;
    expect(await stopOf({ dram })).toMatchObject({ name: 'EngineStop', reason: 'illegal', unit: 'fetch' });
  });

  /** The first instructions of a hand-made program in place of the compiled one's. */
  const written = (text: string): Partial<RunRequest> => {
    const instructions = unwrap(assemble(text));
    const program = { ...prepared.program, instructions, layers: [] };
    const dram = Uint8Array.from(prepared.dram);
    dram.set(encodeProgram(instructions), program.programAddress);
    return { program, dram };
  };

  it('names the unit of a read outside DRAM', async () => {
    const first = prepared.program.instructions.find(({ mnemonic }) => mnemonic === 'load')!;
    if (first.mnemonic !== 'load') throw new Error('the program loads nothing');
    const far = { ...first, wait: 0, fields: { ...first.fields, dram: 0x0fff_0000 } };
    const end = prepared.program.instructions.at(-1)!;
    const stop = await stopOf(written(formatInstructions([far, end])));
    expect(stop).toMatchObject({ name: 'EngineStop', reason: 'bus-error', unit: 'load' });
  });

  it('names the unit that waits for ever', async () => {
    // Every drawn program stores something; the first store waits for the array, which has nothing to do.
    const store = prepared.program.instructions.find(({ mnemonic }) => mnemonic === 'store')!;
    const stuck = { ...store, wait: 2, signal: 0 };
    const stop = await stopOf(written(formatInstructions([stuck, prepared.program.instructions.at(-1)!])));
    expect(stop).toMatchObject({ name: 'EngineStop', reason: 'deadlock', unit: 'store' });
  });
});
