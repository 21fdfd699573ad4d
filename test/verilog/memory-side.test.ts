import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitTestBench } from '../../compiler/verilog/index.js';
import { predict } from './predict.js';
import { computeStub, hasTool, programOf, runScript, traceOf, withFiles } from './support.js';
import { type TransferCase, transferCases } from './transfers.js';

const runs = Number(process.env['SYSTOLE_RUNS'] ?? 12);

function bundleOf(transfer: TransferCase) {
  const { machine, instructions, expected, programAddress } = transfer;
  const program = programOf(machine, instructions, programAddress, expected.length);
  const dram = transfer.dram.slice();
  dram.set(program.words, programAddress);
  const golden = [{ address: 32768, bytes: expected.slice(32768) }];
  return {
    files: emitTestBench({ machine, program, dram, golden, replacements: computeStub() }).files,
    predicted: predict(instructions, machine),
  };
}

describe.skipIf(!hasTool('iverilog'))('the memory side in Icarus Verilog', () => {
  it('moves the right bytes in exactly the cycles that section 4 of the micro-architecture states', () => {
    fc.assert(
      fc.property(transferCases, (transfer) => {
        const { files, predicted } = bundleOf(transfer);
        const result = withFiles(files, (folder) =>
          runScript(folder, 'run_icarus.sh', '+trace', '+limit=200000'),
        );
        expect(result.output).toMatch(/^PASS/m);
        const events = traceOf(result.output);
        for (let unit = 0; unit < 4; unit++) {
          const own = predicted.times.filter((t) => t.unit === unit);
          const cycles = (kind: string) =>
            events.filter((e) => e.kind === kind && e.unit === unit).map((e) => e.cycle);
          expect(cycles('accept')).toEqual(own.map((t) => t.accept));
          expect(cycles('end')).toEqual(own.map((t) => t.end));
        }
        const dispatched = events.filter((e) => e.kind === 'dispatch').map((e) => e.cycle);
        expect(dispatched.slice(0, -1)).toEqual(predicted.times.map((t) => t.dispatch));
        expect(result.cycles).toBe(predicted.done);
      }),
      { numRuns: runs },
    );
  }, 120_000);

  it('moves the right bytes whatever stalls the bus makes', () => {
    fc.assert(
      fc.property(transferCases, fc.integer({ min: 1, max: 1_000_000 }), (transfer, seed) => {
        const result = withFiles(bundleOf(transfer).files, (folder) =>
          runScript(folder, 'run_icarus.sh', `+stalls=${seed}`, '+limit=200000'),
        );
        expect(result.output).toMatch(/^PASS/m);
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  }, 120_000);
});
