/** Programs that the verifier refuses, forced through: every engine stops and says where and when, or (where it cannot see the fault) ends. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { verifyProgram } from '../../compiler/dataflow/index.js';
import { assemble } from '../../compiler/isa/index.js';
import { emitTestBench, emitVerilog } from '../../compiler/verilog/index.js';
import { arrayEngine, simulateArray } from '../../simulator/array/index.js';
import { EngineStop, interpretProgram } from '../../simulator/engine/index.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { simulateTiming, timingEngine } from '../../simulator/timing/index.js';
import { registerBench } from '../mutation/register-bench.js';
import { hasTool, programOf, runScript, withFiles } from '../verilog/support.js';
import { describeStop, type Stop, type StopCase, stopCases, stopMachine } from './stops.js';

const LIMIT = 5000;
const rtl = createRtlEngine(emitVerilog);

async function outcome(run: () => unknown): Promise<Stop | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineStop)) throw error;
    return describeStop(error);
  }
}

const engines: Readonly<Record<keyof StopCase['stops'], (c: StopCase) => unknown>> = {
  timing: ({ machine, program }) => simulateTiming(machine, program),
  array: ({ machine, program, dram }) => simulateArray({ machine, program, dram, cycleLimit: LIMIT }),
  rtl: ({ machine, program, dram }) => rtl.run({ machine, program, dram, cycleLimit: LIMIT }),
  interpreter: ({ machine, program, dram }) => interpretProgram(machine, program, dram),
};

describe.each(stopCases)('$name', (c) => {
  it('is refused by the verifier, at its place', () => {
    const errors = verifyProgram(c.program, c.machine).filter((d) => d.severity === 'error');
    expect(
      errors.map(({ code, where }) => [code, where?.kind === 'instruction' ? where.index : -1]),
    ).toContainEqual([c.code, c.at]);
  });

  it.each(Object.keys(engines) as (keyof typeof engines)[])(
    'stops the %s engine as stated, and hangs none',
    async (name) => {
      expect(await outcome(() => engines[name](c))).toEqual(c.stops[name]);
    },
  );

  it.skipIf(!hasTool('iverilog'))('ends in the test bench, by its limit where nothing else ends it', () => {
    const { machine, program, dram } = c;
    const { files } = emitTestBench({
      machine,
      program,
      dram,
      golden: [{ address: 4096, bytes: dram.slice(4096, 4128) }],
    });
    expect(
      withFiles(files, (folder) => runScript(folder, 'run_icarus.sh', `+limit=${LIMIT}`)).output,
    ).toMatch(c.bench);
  });
});

describe('engines', () => {
  const list = unwrap(assemble(`${'sync unit=load\n'.repeat(8)}sync unit=store\nend`));
  const program = programOf(stopMachine, list, 4096, 8192);
  const dram = new Uint8Array(8192);
  dram.set(program.words, 4096);
  const request = { machine: stopMachine, program, dram };

  it('stop at the cycle limit', async () => {
    const stop = { reason: 'cycle-limit', unit: 'fetch', cycle: 20 };
    expect(await outcome(() => timingEngine.run({ ...request, cycleLimit: 20 }))).toMatchObject(stop);
    expect(await outcome(() => simulateArray({ ...request, cycleLimit: 20 }))).toMatchObject(stop);
    expect(await outcome(() => rtl.run({ ...request, cycleLimit: 20 }))).toMatchObject(stop);
  });

  it('run to the end when the cycle limit is the run', async () => {
    const { cycles } = simulateTiming(stopMachine, program);
    for (const engine of [timingEngine, arrayEngine, rtl]) {
      expect((await engine.run({ ...request, cycleLimit: cycles })).cycles, engine.name).toBe(cycles);
      expect(
        await outcome(() => engine.run({ ...request, cycleLimit: cycles - 1 })),
        engine.name,
      ).toMatchObject({
        reason: 'cycle-limit',
        cycle: cycles - 1,
      });
    }
  });

  it('do not take an instruction that is still on its way for a deadlock', async () => {
    const late = unwrap(assemble('sync unit=store wait(load)\nsync unit=load signal(store)\nend'));
    const waiting = programOf(stopMachine, late, 4096, 8192);
    const memory = new Uint8Array(8192);
    memory.set(waiting.words, 4096);
    const { cycles, trace } = simulateTiming(stopMachine, waiting);
    for (const run of [
      simulateArray({ machine: stopMachine, program: waiting, dram: memory }),
      await rtl.run({ machine: stopMachine, program: waiting, dram: memory }),
    ]) {
      expect(run.cycles).toBe(cycles);
      expect(run.trace).toEqual(trace);
    }
  });

  it('name an opcode that is none, in the RTL', async () => {
    const broken = dram.slice();
    broken[4096 + 64] = 0x0f;
    expect(await outcome(() => rtl.run({ ...request, dram: broken }))).toMatchObject({
      reason: 'illegal',
      unit: 'fetch',
    });
  });

  it('name the unit of a bus error, in the RTL', async () => {
    const once = 'runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0';
    for (const [unit, text] of [
      ['load', `load buffer=act address=0:0 dram=1048576 rows=1 ${once}`],
      [
        'store',
        `fill address=0:0 value=1 rows=1 runs=1 runStride=0 planes=1 planeStride=0 signal(store)\nstore address=0:0 dram=1048576 rows=1 ${once} wait(load)`,
      ],
    ] as const) {
      const far = programOf(stopMachine, unwrap(assemble(`${text}\nend`)), 4096, 8192);
      const memory = new Uint8Array(8192);
      memory.set(far.words, 4096);
      const run = () => rtl.run({ machine: stopMachine, program: far, dram: memory, cycleLimit: LIMIT });
      expect(await outcome(run)).toMatchObject({ reason: 'bus-error', unit });
    }
  });

  it('refuse a program without end', async () => {
    const endless = { ...request, program: { ...program, instructions: program.instructions.slice(0, -1) } };
    for (const run of [
      () => simulateTiming(stopMachine, endless.program),
      () => simulateArray(endless),
      () => rtl.run(endless),
    ])
      expect(await outcome(run)).toMatchObject({ reason: 'illegal', unit: 'fetch' });
  });
});

describe.skipIf(!hasTool('iverilog'))('control registers in Icarus Verilog', () => {
  it('answer any host: either order, late answers, partial words, errors, restarts', () => {
    const { files, sources, top } = registerBench();
    const script = `iverilog -g2005 -o bench.vvp -s ${top} ${sources.join(' ')} && vvp -n bench.vvp`;
    const run = withFiles([...files, { path: 'run.sh', text: script }], (folder) =>
      runScript(folder, 'run.sh'),
    );
    expect(run.output).toMatch(/^PASS/m);
  });
});
