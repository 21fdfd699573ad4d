/**
 * The AXI ports against the specification: random programs with random back-pressure and error responses under the protocol
 * assertions of the bench (hdl-templates/bench/axi_*_checker.v), and the assertions against broken designs.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { assemble } from '../../compiler/isa/index.js';
import { cellTemplates, emitTestBench } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { proofs } from '../formal/proofs.js';
import { computeStub, hasTool, programOf, runScript, smallMachine, withFiles } from './support.js';
import { type TransferCase, transferCases } from './transfers.js';

const runs = Number(process.env['SYSTOLE_RUNS'] ?? 10);

function filesOf(transfer: TransferCase, replacements: ReadonlyMap<string, string> = new Map()) {
  const { machine, instructions, expected, programAddress } = transfer;
  const program = programOf(machine, instructions, programAddress, expected.length);
  const dram = transfer.dram.slice();
  dram.set(program.words, programAddress);
  const golden = [{ address: 32768, bytes: expected.slice(32768) }];
  const modules = new Map([...computeStub(), ...replacements]);
  return emitTestBench({ machine, program, dram, golden, replacements: modules }).files;
}

const simulate = (files: ReturnType<typeof filesOf>, ...args: readonly string[]) =>
  withFiles(files, (folder) => runScript(folder, 'run_icarus.sh', '+limit=20000', ...args)).output;

/** 64 rows of 4 bytes from 40 bytes before a page's end to 24 bytes before another's. */
const acrossPages: TransferCase = (() => {
  const machine = smallMachine({ rows: 4, columns: 4, lanes: 4, busBytes: 8 });
  const instructions = unwrap(
    assemble(`
load buffer=act address=0 dram=8152 rows=64 runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0 signal(store)
store address=0:0 dram=36840 rows=64 runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0 wait(load)
end`),
  );
  const dram = new Uint8Array(65536).map((_, i) => (i * 37 + 11) & 255);
  const expected = dram.slice();
  expected.set(dram.slice(8152, 8152 + 256), 36840);
  return { machine, instructions, dram, expected, programAddress: 0, [fc.toStringMethod]: () => 'pages' };
})();

/** A byte loaded and stored four times, each store waiting for its load; one instruction a bus beat. */
const pairs: TransferCase = (() => {
  const base = smallMachine({ rows: 1, columns: 1, lanes: 1, busBytes: 32 });
  const machine: Machine = {
    ...base,
    bus: { ...base.bus, bytes: 32, maximumBurstBeats: 1 },
    queueDepth: 2,
    memory: { ...base.memory, readLatency: 1, writeLatency: 1, cyclesPerBeat: 1, outstanding: 1 },
  };
  const shape = 'rows=1 runs=1 runDramStride=1 runStride=1 planes=1 planeDramStride=1 planeStride=1';
  const targets = [0x8000, 0x9000, 0xa000, 0xb000];
  const lines = targets.flatMap((target, i) => [
    `load buffer=act address=${i}:0 dram=4096 ${shape} ${i === 1 ? 'wait(store) ' : ''}signal(store)`,
    `store address=${i}:0 dram=${target} ${shape} wait(load)${i === 0 ? ' signal(load)' : ''}`,
  ]);
  const instructions = unwrap(assemble([...lines, 'end'].join('\n')));
  const dram = new Uint8Array(98304).map((_, i) => (i * 53 + 7) & 255);
  const expected = dram.slice();
  for (const target of targets) expected[target] = dram[4096]!;
  return { machine, instructions, dram, expected, programAddress: 0, [fc.toStringMethod]: () => 'pairs' };
})();

const faults = (output: string) => output.match(/^FAULT.*$/gm) ?? [];

describe.skipIf(!hasTool('iverilog'))('the AXI ports', () => {
  it('keep every rule whatever back-pressure the bus makes', () => {
    fc.assert(
      fc.property(transferCases, fc.integer({ min: 1, max: 1_000_000 }), (transfer, seed) => {
        const output = simulate(filesOf(transfer), `+stalls=${seed}`);
        expect(faults(output)).toEqual([]);
        expect(output).toMatch(/^PASS/m);
      }),
      { numRuns: runs },
    );
  }, 120_000);

  it('report an error response wherever it comes, keep every rule, and run again without it', () => {
    let stops = 0;
    fc.assert(
      fc.property(
        transferCases,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.nat(),
        (transfer, seed, where) => {
          const { machine, expected } = transfer;
          const beats = expected.length / machine.bus.bytes;
          // Half of the errors hit the first 16 KiB, where programs and sources lie, half the targets.
          const beat =
            where % 2 === 0 ? (where >> 1) % (beats / 8) : beats / 4 + ((where >> 1) % (beats / 8));
          const output = simulate(
            filesOf(transfer),
            `+stalls=${seed}`,
            `+bus_error=${beat}`,
            '+recover',
            '+runs=2',
          );
          expect(faults(output)).toEqual([]);
          expect(output.match(/^(PASS|FAIL)/gm)?.every((word) => word === 'PASS')).toBe(true);
          const stopped = /^STOPPED with error (\d) of unit (\d)$/m.exec(output);
          if (stopped) {
            stops++;
            // cause 2 load, 3 store, 4 fetch
            expect(['2 0', '3 3', '4 4']).toContain(`${stopped[1]} ${stopped[2]}`);
          }
        },
      ),
      { numRuns: 2 * runs },
    );
    expect(stops).toBeGreaterThan(0);
  }, 120_000);

  // An instruction that the error had left in a queue once ran between the write that asks for the next run and its start.
  it('run again after an error among queued instructions', () => {
    const options = ['+stalls=1', '+bus_error=6', '+recover', '+runs=2'];
    const output = simulate(filesOf(pairs), ...options);
    expect(output).toMatch(/^STOPPED with error 4 of unit 4$/m);
    expect(faults(output)).toEqual([]);
    expect(output).toMatch(/^PASS/m);
    expect(output).not.toMatch(/^FAIL/m);
  });

  it('split a transfer at page boundaries', () => {
    const output = simulate(filesOf(acrossPages), '+stalls=3');
    expect(faults(output)).toEqual([]);
    expect(output).toMatch(/^PASS/m);
    expect(output).toMatch(/^bursts read \d+ fetched \d+ written \d+/m);
  });

  /** Legal on the bus: what is wrong is that something is not waited for, or not asked for. */
  const unseen: ReadonlySet<string> = new Set([
    ...['done without the responses', 'a pitch of four counts for none'],
  ]);
  const mutants = proofs
    .filter(({ name }) => name === 'axi-address' || name === 'axi-write')
    .flatMap((proof) => proof.mutants)
    .filter(({ what }) => !unseen.has(what));
  it.each(mutants)('broken so that $what, are found out by the assertions', ({ module, from, to }) => {
    const text = cellTemplates.get(`${module}.v`)!;
    expect(text).toContain(from);
    const broken = new Map([[module, text.replace(from, to)]]);
    const cases = [acrossPages, ...fc.sample(transferCases, { numRuns: 12, seed: 5 })];
    const found = cases.some((transfer, i) => {
      const output = simulate(filesOf(transfer, broken), `+stalls=${i + 1}`, '+limit=2000');
      return faults(output).some((line) => /_checker\S*: master:/.test(line));
    });
    expect(found).toBe(true);
  });
});
