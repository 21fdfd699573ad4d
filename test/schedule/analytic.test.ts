/** The closed forms that choose tilings stay close to the exact times of the timing engine. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import type { Instruction } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { loadCycles, matmulCycles, storeCycles, vectorCycles } from '../../models/analytic/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { NetworkBuilder } from './networks.js';

function estimate(machine: Machine, instruction: Instruction): number | undefined {
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
      return vectorCycles(3 * f.ny! * f.nx! * f.slices!);
    default:
      return undefined;
  }
}

describe('models/analytic', () => {
  for (const [name, preset] of machinePresets) {
    it(`is within 20 % of the exact time of a network's instructions on ${name}`, () => {
      const machine = { ...preset, requantization: { multiplierBits: 32 } };
      const b = new NetworkBuilder(3);
      const x = b.conv(b.input('x', [1, 8, 28, 28]), { channels: 40, kernel: [3, 3], pads: [1, 1, 1, 1] });
      const y = b.add(x, b.conv(x, { channels: 40, group: 40, kernel: [3, 3], pads: [1, 1, 1, 1] }));
      const graph = b.build(b.dense(b.flatten(b.pool(y, 'IntegerMaxPool', [4, 4], [4, 4])), 30));
      const { dataflow, image } = unwrap(schedule(graph, machine));
      const program = unwrap(lower(dataflow, machine, image));
      const { trace } = simulateTiming(machine, program);
      const sums = { exact: 0, estimated: 0 };
      for (const { index, accept, end } of trace) {
        const estimated = estimate(machine, program.instructions[index]!);
        if (estimated === undefined) continue;
        sums.exact += end - accept;
        sums.estimated += estimated;
      }
      expect(sums.estimated / sums.exact).toBeGreaterThan(0.8);
      expect(sums.estimated / sums.exact).toBeLessThan(1.25);
    });
  }
});
