/** The closed forms that choose tilings: exact for what runs on chip, close for transfers, held to the times of the timing engine. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { type Instruction, type Program, unitOf } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import {
  ADD_FIXED,
  loadCycles,
  matmulCycles,
  storeCycles,
  vectorCycles,
} from '../../models/analytic/index.js';
import { type Machine, machinePresets, vectorFunctionNames } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { NetworkBuilder } from './networks.js';

function closedForm(machine: Machine, instruction: Instruction): number | undefined {
  const f = instruction.fields as Readonly<Record<string, number>>;
  const transfer = { rows: f.rows!, runs: f.runs! * f.planes! };
  switch (instruction.mnemonic) {
    case 'load':
      return loadCycles(machine, (['act', 'wgt', 'par', 'lut'] as const)[f.buffer!]!, transfer);
    case 'store':
      return storeCycles(machine, transfer);
    case 'matmul':
      return matmulCycles(machine, f.nkb! * f.nky! * f.nkx!, f.ny! * f.nx!);
    case 'requant':
    case 'rescale':
      return vectorCycles(f.ny! * f.nx! * f.slices!);
    case 'pool':
    case 'dwconv':
      return vectorCycles(f.ny! * f.nx! * f.slices! * f.nky! * f.nkx!);
    case 'add':
      return vectorCycles(3 * f.ny! * f.nx! * f.slices!, ADD_FIXED);
    default:
      return undefined;
  }
}

/** A network with every instruction but rescale. */
function everyInstruction(machine: Machine): Program {
  const b = new NetworkBuilder(3);
  const x = b.conv(b.input('x', [1, 8, 28, 28]), { channels: 40, kernel: [3, 3], pads: [1, 1, 1, 1] });
  const deep = b.conv(x, { channels: 40, group: 40, kernel: [3, 3], pads: [1, 1, 1, 1] });
  // The 3 x 3 may go to the array; one tap is never worth that.
  const y = b.add(x, b.conv(deep, { channels: 40, group: 40, kernel: [1, 1] }));
  const graph = b.build(b.dense(b.flatten(b.pool(y, 'IntegerMaxPool', [4, 4], [4, 4])), 30));
  const { dataflow, image } = unwrap(schedule(graph, machine));
  return unwrap(lower(dataflow, machine, image));
}

describe('models/analytic', () => {
  for (const [name, preset] of machinePresets) {
    // The network is int8 and needs every function; no duration depends on widths.
    const machine: Machine = {
      ...preset,
      elements: { activationBits: 8, weightBits: 8, accumulatorBits: 32 },
      requantization: { multiplierBits: 32 },
      vector: { ...preset.vector, functions: [...vectorFunctionNames] },
    };
    const program = everyInstruction(machine);
    const times = simulateTiming(machine, program).trace.map(({ index, accept, end }) => {
      const instruction = program.instructions[index]!;
      return { instruction, exact: end - accept, closed: closedForm(machine, instruction) };
    });
    const of = (...units: readonly string[]) =>
      times.filter(({ instruction, closed }) => closed !== undefined && units.includes(unitOf(instruction)!));

    it(`states the exact duration of every matmul and vector instruction on ${name}`, () => {
      const onChip = of('matmul', 'vector');
      expect(new Set(onChip.map(({ instruction }) => instruction.mnemonic)).size).toBeGreaterThanOrEqual(5);
      for (const { instruction, exact, closed } of onChip) expect(closed, instruction.mnemonic).toBe(exact);
    });

    it(`is within 20 % of the exact time of a network's loads and stores together on ${name}`, () => {
      const sum = (part: 'exact' | 'closed') => of('load', 'store').reduce((n, t) => n + t[part]!, 0);
      expect(sum('closed') / sum('exact')).toBeGreaterThan(0.8);
      expect(sum('closed') / sum('exact')).toBeLessThan(1.25);
    });
  }
});
