/**
 * Signals of the RTL engine: its waveforms equal what Icarus Verilog dumps of the same Verilog, tools read them, nothing is read outside
 * the window, and two engines are compared down to the register.
 */

import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { emitVerilog } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Probe, Signal } from '../../simulator/engine/index.js';
import { createRtlEngine, RtlSimulator } from '../../simulator/rtl/index.js';
import { diffEngines, formatDivergence, lockStep, VcdRecorder } from '../../simulator/trace/index.js';
import { hasTool, withFiles } from '../verilog/support.js';
import { traceCase } from './case.js';
import { icarusWaves } from './icarus-waves.js';
import { readVcd } from './read-vcd.js';

const subject = traceCase();
const { machine, program } = subject;
const rtlEngine = createRtlEngine(emitVerilog);
const PES = 'u_compute.u_matmul.u_array.';

async function record(from: number, to: number, signals: readonly string[] = []): Promise<string> {
  const pieces: string[] = [];
  const { clockMegahertz } = machine;
  const write = (text: string) => pieces.push(text);
  const probe = new VcdRecorder({ from, to, signals, clockMegahertz, write });
  await rtlEngine.run({ ...subject, probe });
  probe.finish();
  return pieces.join('');
}

/** Where DRAM lies is the host's choice, and so is when it writes control registers: the test bench and the engine differ. */
const dependsOnHost = (path: string) => /addr|base_q|program_q|s_axil/.test(path);

/** What a memory shows beside data without `rvalid` is its own affair. */
const valid = (path: string, values: ReadonlyMap<string, string>) => {
  const port = /^(m_axi(?:_i)?)_r(?:data|last|resp)_i$/.exec(path)?.[1];
  return port === undefined || values.get(`${port}_rvalid_i`) === '1';
};

describe('VCD of the RTL engine', () => {
  it.skipIf(!hasTool('iverilog'))(
    'equals what Icarus dumps, every register and port in every cycle',
    async () => {
      const ours = readVcd(await record(0, Number.POSITIVE_INFINITY));
      expect(ours.cycles.length).toBe((await rtlEngine.run(subject)).cycles + 1);
      const theirs = icarusWaves(subject, new Set(ours.bits.keys()));
      const differing = new Map<string, string>();
      let [compared, unknown] = [0, 0];
      const known = new Set<string>();
      for (const [cycle, values] of ours.cycles.entries()) {
        for (const [path, value] of values) {
          if (path === 'clk_i' || dependsOnHost(path) || !valid(path, values)) continue;
          const found = theirs.cycles[cycle]!.get(path);
          if (found === undefined) differing.set(path, 'not in the dump of Icarus');
          else if (/[xz]/.test(found)) unknown++;
          else if (found === value) {
            compared++;
            known.add(path);
          } else if (!differing.has(path)) differing.set(path, `cycle ${cycle}: ${value}, Icarus ${found}`);
        }
      }
      expect([...differing]).toEqual([]);
      const skipped = [...ours.bits.keys()].filter(dependsOnHost);
      console.log(
        `VCD: ${ours.bits.size} signals, ${skipped.length} of them the host's choice, ${compared} values equal, ${unknown} unknown to Icarus`,
      );
      // A register is unknown before its first value; only what this program has no use for stays so (no look-up, no act operand).
      const never = [...ours.bits.keys()].filter((p) => !known.has(p) && p !== 'clk_i' && !dependsOnHost(p));
      const unused = /lut|u_lane\.(act|g_sum)|u_act\.vec_bank_q$/;
      expect(never.filter((path) => !unused.test(path))).toEqual([]);
      expect(compared).toBeGreaterThan(1000 * 100);
    },
  );

  const window = [100, 109] as const;
  const weights = '*g_row[1].g_col[?].u_pe.weight_q';

  it('reads the selected registers in the cycles of the window, and no other register in no other cycle', async () => {
    const whole = readVcd(await record(95, 115, [weights]));
    const peek = vi.spyOn(RtlSimulator.prototype, 'peekSignal');
    const part = readVcd(await record(...window, [weights]));
    const columns = machine.array.columns;
    expect(peek).toHaveBeenCalledTimes(columns * 10);
    peek.mockRestore();
    expect([...part.bits.keys()].sort()).toEqual(
      [
        'clk_i',
        ...Array.from({ length: columns }, (_, c) => weights.replace('*', PES).replace('?', `${c}`)),
      ].sort(),
    );
    for (const [i, values] of part.cycles.entries())
      for (const [path, value] of values) expect(value, path).toBe(whole.cycles[i + 5]!.get(path));
  });

  it.skipIf(!hasTool('vcd2fst'))("opens in GTKWave's reader", async () => {
    const text = await record(...window);
    withFiles([{ path: 'waves.vcd', text }], (folder) => {
      const { status, stdout, stderr } = spawnSync('vcd2fst', ['waves.vcd', 'waves.fst'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(status, stdout + stderr).toBe(0);
      const back = spawnSync('fst2vcd', ['waves.fst'], { cwd: folder, encoding: 'utf8' });
      expect(readVcd(back.stdout).cycles).toEqual(readVcd(text).cycles);
    });
  });

  it('a run with a probe is the run without', async () => {
    const probe: Probe = { from: 0, to: 50, attach: () => undefined, sample: () => undefined };
    expect(await rtlEngine.run({ ...subject, probe })).toEqual(await rtlEngine.run(subject));
  });
});

/** The Verilog with one text replaced in one file. */
function mutated(file: string, from: string, to: string) {
  return createRtlEngine((m: Machine) => {
    const { top, files } = emitVerilog(m);
    const found = files.filter(({ path, text }) => path.endsWith(file) && text.includes(from));
    expect(found.length).toBe(1);
    return { top, files: files.map((f) => (f === found[0] ? { ...f, text: f.text.replace(from, to) } : f)) };
  });
}

describe('array and RTL engine, register by register', () => {
  it('every signal of the array engine is one of the RTL engine, and they agree', async () => {
    let signals: readonly Signal[] = [];
    const probe: Probe = {
      from: 1,
      to: 0,
      attach: (all) => {
        signals = all;
      },
      sample: () => undefined,
    };
    await arrayEngine.run({ ...subject, probe });
    const found = await lockStep(subject, [arrayEngine, rtlEngine], { from: 0, to: 200 });
    expect(found).toEqual({ compared: signals.length });
  });

  it('a PE that multiplies wrongly: first register, cycle, values, instruction and dataflow line', async () => {
    const broken = mutated(
      'pe.v',
      'product_q <= activation_i * weight_q;',
      'product_q <= activation_i * weight_q + 1;',
    );
    const found = (await diffEngines(subject, [arrayEngine, broken]))!;
    const matmul = program.instructions.findIndex((i) => i.mnemonic === 'matmul');
    const { accept } = (await arrayEngine.run(subject)).trace[matmul]!;
    expect(found.time).toBeUndefined();
    expect(found.signalsCompared).toBeGreaterThan(machine.array.rows * machine.array.columns * 5);
    expect(found.signal).toMatchObject({
      // Vector 0 is at PE(0,0) in S_0 = accept + 3; the product register shows it a cycle later.
      cycle: accept + 3 + 1,
      signal: `${PES}g_row[0].g_col[0].u_pe.g_product.product_q`,
      place: { index: matmul, mnemonic: 'matmul', line: program.lineOf[matmul] },
    });
    const [right, wrong] = found.signal!.values.map(Number);
    expect(wrong).toBe((right! + 1) & 0xffff);
    const text = formatDivergence(found, ['array', 'rtl']);
    expect(text).toContain(`first signal:  cycle ${accept + 4}, ${found.signal!.signal}`);
    expect(text).toContain(`node ${program.layers[program.layerOf[matmul]!]!.node}`);
  });
});

describe('counters of the core', () => {
  it.each([
    ['BUSY', 'busy_count_q'],
    ['WAIT', 'wait_count_q'],
  ])('a %s register that counts wrongly is named with both figures', async (name, counter) => {
    const broken = mutated('control_registers.v', `${counter} + 32'd1`, `${counter} + 32'd2`);
    const message = new RegExp(`^${name} of (\\w+) reads (\\d+) cycles, its events say (\\d+)$`);
    const error = await broken.run(subject).then(
      () => new Error('the run passed'),
      (thrown: Error) => thrown,
    );
    const [, , read, derived] = message.exec(error.message) ?? [];
    expect(Number(read), error.message).toBe(2 * Number(derived));
  });
});
