/** Waveforms of the array engine: they parse, and equal what Icarus Verilog dumps of the emitted Verilog, cycle by cycle. */

import { describe, expect, it } from 'vitest';
import { simulateArray } from '../../simulator/array/index.js';
import { type VcdOptions, VcdRecorder } from '../../simulator/trace/index.js';
import { checkLaw } from '../support/check-law.js';
import { hasTool } from '../verilog/support.js';
import { type TraceCase, traceCase } from './case.js';
import { icarusWaves } from './icarus-waves.js';
import { readVcd } from './read-vcd.js';

function record(c: TraceCase, options: Partial<VcdOptions> = {}) {
  const pieces: string[] = [];
  const probe = new VcdRecorder({
    from: 0,
    to: Number.POSITIVE_INFINITY,
    signals: [],
    clockMegahertz: c.machine.clockMegahertz,
    write: (text) => pieces.push(text),
    ...options,
  });
  const run = simulateArray({ ...c, probe });
  probe.finish();
  return { run, text: pieces.join('') };
}

/** @throws Error at the first known value that differs. */
function holdAgainstIcarus(c: TraceCase) {
  const { run, text } = record(c);
  const ours = readVcd(text);
  const theirs = icarusWaves(c, new Set(ours.bits.keys()));
  expect(ours.cycles.length).toBe(run.cycles + 1);
  for (const [path, bits] of ours.bits) expect(theirs.bits.get(path), path).toBe(bits);
  let compared = 0;
  const known = new Set<string>();
  for (const [cycle, values] of ours.cycles.entries()) {
    for (const [path, value] of values) {
      if (path === 'clk_i' || value.includes('x')) continue;
      const found = theirs.cycles[cycle]!.get(path);
      if (found !== value) throw new Error(`${path}, cycle ${cycle}: ${value}, Icarus ${found}`);
      compared++;
      known.add(path);
    }
  }
  const signals = ours.bits.size - 1;
  return { compared, known, signals, all: signals * ours.cycles.length };
}

describe('VCD', () => {
  const small = traceCase();

  it.skipIf(!hasTool('iverilog'))('equals what Icarus dumps, every known bit in every cycle', () => {
    const { compared, all, known, signals } = holdAgainstIcarus(small);
    console.log(`VCD: ${compared} of ${all} values known and equal`);
    expect(compared / all).toBeGreaterThan(0.5);
    expect(known.size, 'every signal is known in some cycle').toBe(signals);
  });

  it.skipIf(!hasTool('iverilog'))('wave law: it does so on every machine and network', async () => {
    await checkLaw({ law: 'wave law', runs: 3, share: 0.02, machines: { extent: 4 }, nodes: 1 }, (c) => {
      holdAgainstIcarus(c);
    });
  });

  it('keeps to the window: the same values as in the whole run, and no signal is read outside', () => {
    const whole = readVcd(record(small).text);
    const part = readVcd(record(small, { from: 100, to: 140 }).text);
    expect(part.cycles.length).toBe(41);
    for (const [i, values] of part.cycles.entries())
      for (const [path, value] of values) expect(value, path).toBe(whole.cycles[100 + i]!.get(path));
    const reads: number[] = [];
    const probe = new VcdRecorder({ from: 7, to: 9, signals: [], clockMegahertz: 1, write: () => undefined });
    const { sample } = probe;
    probe.sample = (cycle, phase) => {
      reads.push(cycle);
      sample.call(probe, cycle, phase);
    };
    simulateArray({ ...small, probe });
    expect(reads).toEqual([7, 7, 8, 8, 9, 9]);
  });

  it('selects signals by pattern and by scope', () => {
    const { text } = record(small, {
      signals: ['event_*', 'u_matmul_shell', '*g_row[1].g_col[?].u_pe.sum_q'],
    });
    expect([...readVcd(text).bits.keys()].filter((path) => !path.startsWith('event_')).sort()).toEqual(
      [
        'clk_i',
        ...[0, 1, 2, 3].map((c) => `u_compute.u_matmul.u_array.g_row[1].g_col[${c}].u_pe.sum_q`),
        'u_matmul_shell.running_q',
        'u_matmul_shell.u_queue.count_q',
      ].sort(),
    );
  });

  it('refuses a pattern that names nothing', () => {
    expect(() => record(small, { signals: ['u_pe'] })).toThrow(/trace\/no-such-signal.*"u_pe"/);
  });

  it('a run with a probe is the run without', () => {
    expect(record(small).run).toEqual(simulateArray(small));
  });
});
