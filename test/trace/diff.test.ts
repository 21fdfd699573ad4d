/** Engines broken on purpose: the report must name the fault that was put in. */

import { describe, expect, it } from 'vitest';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine, Run } from '../../simulator/engine/index.js';
import { timingEngine } from '../../simulator/timing/index.js';
import { diffEngines, diffRuns, formatDivergence, lockStep } from '../../simulator/trace/index.js';
import { checkLaw } from '../support/check-law.js';
import { traceCase } from './case.js';

const subject = traceCase();
const { machine, program } = subject;

/** The array engine with its result changed. */
const tampered = (change: (run: Run) => Run): Engine => ({
  name: 'array',
  run: async (request) => change(await arrayEngine.run(request)),
});

function flip(dram: Uint8Array | undefined, address: number): Uint8Array {
  const copy = Uint8Array.from(dram!);
  copy[address]! ^= 0x10;
  return copy;
}

describe('diff', () => {
  it('diff law: engines that agree have no divergence, whatever the machine and the network', async () => {
    await checkLaw({ law: 'diff law', runs: 8 }, async ({ machine, program, dram }) => {
      const request = { machine, program, dram };
      expect(await diffEngines(request, [arrayEngine, timingEngine])).toBeUndefined();
    });
  });

  it('one stored byte flipped: address, element, both values, and the store that wrote it', async () => {
    const output = program.segments.find((s) => s.kind === 'output')!;
    const { lanes, width, pitch } = output.layout!;
    // Element (0, 1, 2, 3): lane 1 of row 2 * width + 3 of channel block 0.
    expect(lanes).toBeGreaterThan(1);
    const address = output.address + (2 * width + 3) * pitch + 1;
    const broken = tampered((run) => ({ ...run, dram: flip(run.dram, address) }));
    const found = (await diffEngines(subject, [arrayEngine, broken]))!;
    expect(found.time).toBeUndefined();
    expect(found.value).toMatchObject({ address, element: [0, 1, 2, 3], differing: 1 });
    expect(found.value!.segment!.name).toBe(output.name);
    const [a, b] = found.value!.values;
    expect((a ^ b) & 0xff).toBe(0x10);
    expect(found.value!.place).toMatchObject({ mnemonic: 'store', layer: program.layers.at(-1)!.name });
    expect(found.value!.place!.line).toBe(program.lineOf[found.value!.place!.index]);
    expect(formatDivergence(found, ['array', 'broken'])).toMatch(
      new RegExp(`DRAM address ${address}, .* element \\(0, 1, 2, 3\\): array ${a}, broken ${b} \\(1 bytes`),
    );
  });

  it('one time shifted: cycle, event signal, both values, instruction and node', async () => {
    const index = program.instructions.findIndex((i) => i.mnemonic === 'requant');
    const late = tampered((run) => ({
      ...run,
      trace: run.trace.map((t) => (t.index === index ? { ...t, end: t.end + 1 } : t)),
    }));
    const end = (await arrayEngine.run(subject)).trace[index]!.end;
    const found = (await diffEngines(subject, [arrayEngine, late]))!;
    expect(found.value).toBeUndefined();
    expect(found.time).toMatchObject({
      cycle: end,
      signal: 'event_end_o[2]',
      values: [1, 0],
      cycles: [end, end + 1],
      place: { index, mnemonic: 'requant', node: program.layers[program.layerOf[index]!]!.node },
    });
  });

  it('the earliest of several shifted times is the one reported', async () => {
    const run = await arrayEngine.run(subject);
    const shifted = {
      ...run,
      cycles: run.cycles + 5,
      trace: run.trace.map((t) => (t.index < 9 ? t : { ...t, accept: t.accept + 2, end: t.end + 2 })),
    };
    const { time } = diffRuns(machine, program, run, shifted)!;
    expect(time!.cycle).toBe(Math.min(...run.trace.filter((t) => t.index >= 9).map((t) => t.accept)));
  });

  it('a wrong weight: the first signal is the weight register of its PE, in the matmul that loads it', async () => {
    const weights = program.segments.find((s) => s.kind === 'weights')!;
    // Row 2 of the first weight tile, column 1.
    const address = weights.address + 2 * machine.array.columns + 1;
    const broken: Engine = {
      name: 'array',
      run: (request) => arrayEngine.run({ ...request, dram: flip(request.dram, address) }),
    };
    const found = (await diffEngines(subject, [arrayEngine, broken]))!;
    expect(found.value!.place!.mnemonic).toBe('store');
    expect(found.signal!.signal).toBe('u_compute.u_matmul.u_array.g_row[2].g_col[1].u_pe.weight_q');
    const [a, b] = found.signal!.values;
    expect(Number(a) ^ Number(b)).toBe(0x10);
    const matmul = program.instructions.findIndex((i) => i.mnemonic === 'matmul');
    expect(found.signal!.place).toMatchObject({
      index: matmul,
      layer: program.layers[program.layerOf[matmul]!]!.name,
    });
    // Weight row r reaches PE(r,c) in S_0 - 1 + r + c, S_0 = accept + 3; the register shows it a cycle later.
    const { accept } = (await arrayEngine.run(subject)).trace[matmul]!;
    expect(found.signal!.cycle).toBe(accept + 3 + 2 + 1);
  });

  it('an engine that stops is a divergence with cycle and unit', async () => {
    const limited: Engine = {
      name: 'array',
      run: (request) => arrayEngine.run({ ...request, cycleLimit: 50 }),
    };
    const found = (await diffEngines(subject, [arrayEngine, limited]))!;
    expect(found.stops[1]).toMatchObject({ reason: 'cycle-limit' });
    expect(formatDivergence(found, ['array', 'limited'])).toContain('limited stopped in cycle 50');
  });

  it('says when two engines have no signals in common', async () => {
    expect(await lockStep(subject, [arrayEngine, timingEngine], { from: 0, to: 10 })).toEqual({
      compared: 0,
    });
  });
});
