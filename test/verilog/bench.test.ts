import { describe, expect, it } from 'vitest';
import { emitTestBench } from '../../compiler/verilog/index.js';
import { computeStub, hasTool, programOf, runScript, smallMachine, withFiles } from './support.js';

/** 20 rows of 4 bytes from 8192 over act to 12288; beat size 16. */
const text = `
load buffer=act address=0 dram=8192 rows=20 runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0 signal(store)
store address=0:0 dram=12288 rows=20 runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0 wait(load)
end`;

function bundle(change: { readonly dram?: (dram: Uint8Array) => void; readonly cycles?: number } = {}) {
  const machine = smallMachine({ rows: 4, columns: 4, lanes: 4, busBytes: 16 });
  const program = programOf(machine, text, 4096, 16384);
  const dram = new Uint8Array(16384);
  dram.set(program.words, 4096);
  for (let i = 0; i < 80; i++) dram[8192 + i] = (i * 37 + 11) & 255;
  change.dram?.(dram);
  const golden = [{ address: 12288, bytes: dram.slice(8192, 8272) }];
  const cycles = change.cycles === undefined ? {} : { cycles: change.cycles };
  return emitTestBench({ machine, program, dram, golden, replacements: computeStub(), ...cycles }).files;
}

const icarus = (files: ReturnType<typeof bundle>, ...args: readonly string[]) =>
  withFiles(files, (folder) => runScript(folder, 'run_icarus.sh', ...args));

describe.skipIf(!hasTool('iverilog'))('the test bench', () => {
  it('passes, fails when an expected byte is corrupted, and says so in its exit status', () => {
    const good = icarus(bundle());
    expect(good.output).toMatch(/^PASS 80 bytes compared$/m);
    expect(good.status).toBe(0);
    const bad = icarus(bundle(), '+corrupt');
    expect(bad.output).toMatch(/^FAIL 1 of 80 bytes differ, 0 faults$/m);
    expect(bad.status).not.toBe(0);
  });

  it('fails when the cycles are not the predicted ones', () => {
    const { cycles } = icarus(bundle());
    expect(icarus(bundle({ cycles })).pass).toBe(true);
    expect(icarus(bundle({ cycles: cycles + 1 })).output).toMatch(/^FAIL 0 of 80 bytes differ, 1 faults$/m);
  });

  it('can start the program again, with the same cycles', () => {
    const { output, status } = icarus(bundle(), '+runs=3');
    expect(output.match(/^PASS/gm)).toHaveLength(3);
    expect(new Set(output.match(/^cycles \d+$/gm)).size).toBe(1);
    expect(status).toBe(0);
  });

  it('reports what stopped a run: illegal opcode, read, write and instruction read responses', () => {
    const illegal = bundle({ dram: (dram) => dram.fill(0x0f, 4096 + 64, 4096 + 65) });
    expect(icarus(illegal).output).toMatch(/^FAIL stopped with error 1 of unit 4$/m);
    expect(icarus(bundle(), `+bus_error=${8192 / 16 + 2}`).output).toMatch(
      /^FAIL stopped with error 2 of unit 0$/m,
    );
    expect(icarus(bundle(), `+bus_error=${12288 / 16}`).output).toMatch(
      /^FAIL stopped with error 3 of unit 3$/m,
    );
    expect(icarus(bundle(), `+bus_error=${4096 / 16 + 1}`).output).toMatch(
      /^FAIL stopped with error 4 of unit 4$/m,
    );
  });

  it('does not mind an error response past the end of the program', () => {
    expect(icarus(bundle(), `+bus_error=${4096 / 16 + 6}`).pass).toBe(true);
  });

  it('gives up on a program that never ends', () => {
    const stuck = bundle({ dram: (dram) => dram.fill(0, 4096, 4096 + 32).set([0x41, 0], 4096) });
    expect(icarus(stuck, '+limit=2000').output).toMatch(/^FAIL no end after 2000 cycles$/m);
  });
});

describe.skipIf(!hasTool('iverilog') || !hasTool('verilator'))('Icarus Verilog and Verilator', () => {
  it('print the same events in the same cycles', () => {
    withFiles(bundle(), (folder) => {
      const lines = (script: string) =>
        runScript(folder, script, '+trace').output.match(/^(trace|cycles|PASS).*$/gm);
      const expected = lines('run_icarus.sh');
      expect(expected?.at(-1)).toMatch(/^PASS/);
      expect(lines('run_verilator.sh')).toEqual(expected);
    });
  }, 60_000);
});
