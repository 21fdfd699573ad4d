/** Cases that once broke a law, shrunk; every law must hold for them. Add what a campaign finds, with the reason in its name. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { checkMachine, type MachineInput } from '../../models/machine/index.js';
import type { NetworkPlan, NodePlan } from '../support/arbitrary-network.js';
import { type LawCase, prepareCase } from '../support/law-case.js';
import {
  fasterIsNeverSlower,
  sameActivity,
  sameCycles,
  sameInIcarus,
  sameInVerilog,
  sameValues,
} from '../support/laws.js';
import { hasTool } from '../verilog/support.js';

/** The smallest machine. */
function machine(change: Partial<MachineInput>): MachineInput {
  return {
    name: 'small',
    array: { rows: 1, columns: 1 },
    buffers: {
      activation: { banks: 3, rowsPerBank: 32 },
      weight: { rows: 32 },
      accumulator: { rowsPerBank: 4 },
      parameter: { rows: 16 },
    },
    vector: { lanes: 1 },
    requantization: { multiplierBits: 8 },
    bus: { bytes: 4, maximumBurstBeats: 1 },
    queueDepth: 2,
    memory: { readLatency: 1, writeLatency: 1, cyclesPerBeat: 1, outstanding: 1 },
    clockMegahertz: 100,
    target: { kind: 'asic', nodeNanometres: 28 },
    ...change,
  };
}

const plain: NodePlan = {
  operator: 'rescale',
  operands: [0, 0],
  channels: 1,
  kernel: [1, 1],
  stride: [1, 1],
  dilation: [1, 1],
  pads: [0, 0, 0, 0],
  groups: 1,
  table: false,
  wild: false,
  output: false,
};

interface Regression {
  readonly why: string;
  readonly machine: MachineInput;
  readonly network: NetworkPlan;
}

/** Four banks, two of which results may stay in. */
const fourBanks = machine({
  buffers: {
    activation: { banks: 4, rowsPerBank: 32 },
    weight: { rows: 32 },
    accumulator: { rowsPerBank: 4 },
    parameter: { rows: 16 },
  },
});

const kept = (
  input: NetworkPlan['input'],
  ...nodes: Partial<NodePlan>[]
): Pick<Regression, 'machine' | 'network'> => ({
  machine: fourBanks,
  network: {
    input,
    second: false,
    nodes: nodes.map((node) => ({ ...plain, ...node })),
    seed: 0,
    keepOnChip: true,
  },
});

const regressions: readonly Regression[] = [
  {
    why: 'values: both operands of an addition stay in act, and its result went where one of them lay',
    ...kept([1, 1, 1, 1], {}, {}, { operator: 'add' }, {}),
  },
  {
    why: 'values: a picture of a joined batch stays in act, and the other was read behind it',
    ...kept([1, 1, 1, 1], {}, {}, { operator: 'join' }, {}),
  },
  {
    why: 'values: a copy under another shape, kept with the padding of the convolution behind it',
    ...kept([1, 1, 2, 1], { operator: 'reshape', output: true }, { operator: 'grouped', pads: [0, 0, 0, 1] }),
  },
  {
    why: 'law 5: an address accepted before the last burst was complete brought its beat later than one accepted after it',
    machine: machine({ memory: { readLatency: 1, writeLatency: 1, cyclesPerBeat: 3, outstanding: 1 } }),
    network: { input: [1, 1, 1, 1], second: false, nodes: [plain], seed: 0 },
  },
  {
    why: 'law 2: beats of one load keep their distance from those of the load before',
    machine: machine({ memory: { readLatency: 1, writeLatency: 1, cyclesPerBeat: 40, outstanding: 2 } }),
    network: {
      input: [1, 3, 2, 2],
      second: false,
      nodes: [{ ...plain, operator: 'conv', channels: 2 }],
      seed: 1,
    },
  },
];

describe('regressions', () => {
  for (const { why, machine: input, network } of regressions) {
    it(why, async () => {
      const prepared = prepareCase(unwrap(checkMachine(input)), network);
      expect(prepared).toBeDefined();
      for (const law of [sameValues, sameCycles, sameActivity, fasterIsNeverSlower]) law(prepared as LawCase);
      await sameInVerilog(prepared as LawCase);
      if (hasTool('iverilog')) sameInIcarus(prepared as LawCase);
    });
  }
});
