/** The Verilog compute side against the instructions' meaning (the interpreter) and durations (the closed forms). */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import { matmulCycles, vectorCycles } from '../../simulator/timing/durations.js';
import { type ComputeCase, randomCase, randomMachine, seeded } from './random-case.js';
import { type ComputeRun, describeInstruction, installed, runIcarus } from './run-icarus.js';

const runs = (standard: number): number => Number(process.env.SYSTOLE_RUNS ?? standard);
const icarus = installed('iverilog');
if (!icarus) console.warn('iverilog is not installed: the Verilog compute tests are skipped');

function duration(machine: Machine, instruction: Instruction): number {
  switch (instruction.mnemonic) {
    case 'matmul':
      return matmulCycles(machine, instruction.fields);
    case 'requant':
    case 'pool':
    case 'dwconv':
    case 'rescale':
    case 'add':
      return vectorCycles(instruction.mnemonic, instruction.fields);
    default:
      throw new Error(`${instruction.mnemonic} does not belong here`);
  }
}

function expectAgreement(test: ComputeCase, run: ComputeRun): void {
  test.instructions.forEach((instruction, index) => {
    const what = `${index}: ${describeInstruction(instruction)}`;
    expect(run.cycles[index], `D of ${what}`).toBe(duration(test.machine, instruction));
    const act = run.act.get(index);
    if (act !== undefined) expect([...act], `act after ${what}`).toEqual([...test.expected[index]!]);
  });
  expect(run.act.has(test.instructions.length - 1)).toBe(true);
}

const shapes = [
  { rows: 1, columns: 1 },
  { rows: 3, columns: 5 },
  { rows: 5, columns: 3 },
  { rows: 8, columns: 8 },
  { rows: 1, columns: 6 },
  // More than eight lanes have copies of their own of what an instruction does.
  { rows: 12, columns: 12, lanes: 12 },
];

describe.skipIf(!icarus)('compute_core in Icarus', () => {
  it.each(shapes)('agrees with the interpreter after every instruction, $rows x $columns', (shape) => {
    const random = seeded(shape.rows * 100 + shape.columns);
    const test = randomCase(random, randomMachine(random, shape), 16);
    expect(test.instructions.length).toBe(16);
    expectAgreement(test, runIcarus(test));
  });

  it('LAW: on every machine every instruction has the interpreter meaning and exactly D cycles', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = seeded(seed);
        const test = randomCase(random, randomMachine(random), 16);
        expectAgreement(test, runIcarus(test));
      }),
      { numRuns: runs(6), endOnFailure: true },
    );
  });

  it('LAW: a unit takes the next instruction in the cycle after done, with the same results', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = seeded(seed);
        const test = randomCase(random, randomMachine(random), 24);
        expectAgreement(test, runIcarus(test, true));
      }),
      { numRuns: runs(4), endOnFailure: true },
    );
  });
});
