/** OpenSTA's report of cells, the netlist's nets, and classes of the array's registers, put together on a netlist that is small enough to compute by hand. */

import { describe, expect, it, test } from 'vitest';
import { registerBits, registerClasses, type Toggles } from '../../models/activity/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { classesOfCells, registerClassOf } from '../../tools/synth/array-registers.js';
import { cellPowerScript, poweredCells, readCellPower } from '../../tools/synth/cell-power.js';
import { activityOfClasses, activityOfNets, powerAt } from '../../tools/synth/index.js';
import type { CellWatts } from '../../tools/synth/powered-cell.js';

const zero = Object.fromEntries(registerClasses.map((name) => [name, 0])) as unknown as Toggles;

/** A register `q` behind an inverter of its own output, twice: in the top and in a PE of an array. */
const cell = (type: string, connections: Record<string, number[]>, output: string) => ({
  type,
  port_directions: Object.fromEntries(
    Object.keys(connections).map((pin) => [pin, pin === output ? 'output' : 'input']),
  ),
  connections,
});
const toggling = (word: string) => ({
  attributes: {},
  cells: {
    _0_: cell('inv', { A: [3], Y: [2] }, 'Y'),
    _1_: cell('dff', { C: [9], D: [2], Q: [3] }, 'Q'),
  },
  netnames: { next: { bits: [2] }, [word]: { bits: [7, 3] } },
});
const netlist = {
  modules: {
    systole_core: {
      ...toggling('head_q'),
      cells: {
        ...toggling('head_q').cells,
        u_array: cell('pe_array', {}, ''),
        ram: cell('systole_sram', {}, ''),
      },
    },
    pe_array: { attributes: {}, netnames: {}, cells: { 'g_row[0].g_col[0].u_pe': cell('pe', {}, '') } },
    pe: toggling('sum_q'),
    systole_sram: { attributes: { blackbox: '1' }, netnames: {}, cells: {} },
  },
};
const library = { flipFlops: new Set(['dff']), powered: (type: string) => type === 'inv' || type === 'dff' };

/** Watts by path, as OpenSTA was told to say them. */
const watts: Record<string, CellWatts> = {
  _0_: { clock: 0, leakage: 1, internal: 10, switching: 20 },
  _1_: { clock: 100, leakage: 2, internal: 30, switching: 40 },
  'u_array/g_row[0].g_col[0].u_pe/_0_': { clock: 0, leakage: 3, internal: 50, switching: 60 },
  'u_array/g_row[0].g_col[0].u_pe/_1_': { clock: 200, leakage: 4, internal: 70, switching: 80 },
};
const cells = poweredCells(netlist as never, 'systole_core', library, (path) => watts[path]!);

describe('cells', () => {
  it('have their nets, their part, and in the array the register that they work for', () => {
    const sum = { word: 'u_array.g_row[0].g_col[0].u_pe.sum_q', bit: 1 };
    const next = { word: 'u_array.g_row[0].g_col[0].u_pe.next', bit: 0 };
    expect(cells.map(({ part, register, flipFlop, nets }) => [part, register, flipFlop, nets])).toEqual([
      ['control', undefined, false, [{ word: 'next', bit: 0 }]],
      ['control', undefined, true, [{ word: 'head_q', bit: 1 }]],
      ['array', 'sum', false, [next]],
      ['array', 'sum', true, [sum]],
    ]);
  });

  it('draw what their own nets say', () => {
    const counts: Record<string, number> = { next: 4, head_q: 2, 'u_array.g_row[0].g_col[0].u_pe.sum_q': 1 };
    const power = powerAt(
      cells,
      activityOfNets(({ word }) => counts[word] ?? 0, 4),
    );
    expect(power).toMatchObject({ clockWatts: 300, leakageWatts: 10 });
    expect(power.internalWatts).toBeCloseTo(10 + 30 / 2 + 70 / 4, 12);
    expect(power.switchingWatts).toBeCloseTo(20 + 40 / 2 + 80 / 4, 12);
    expect(power.meanActivity).toBeCloseTo((1 + 0.5 + 0 + 0.25) / 4, 12);
    expect(power.parts.array).toBeCloseTo(207 + 150 / 4, 12);
    expect(Object.values(power.parts).reduce((a, b) => a + b)).toBeCloseTo(power.watts, 9);
  });

  it('draw in the array what the array engine counted, elsewhere what is said', () => {
    const machine = machinePresets.get('edge4')!;
    const bits = registerBits(machine).sum;
    const power = powerAt(
      cells,
      activityOfClasses(machine, { ...zero, sum: 3 * bits }, 6, () => 0.25),
    );
    expect(power.parts.array).toBeCloseTo(207 + 260 / 2, 9);
    expect(power.parts.control).toBeCloseTo(103 + 100 / 4, 9);
  });

  it('are all the same at one activity for all nets', () => {
    const power = powerAt(cells, () => 1);
    expect(power.watts).toBe(300 + 10 + 160 + 200);
  });
});

test.each([
  ['u_compute.u_matmul.u_array.g_row[3].g_col[0].u_pe.weight_q', 'weight'],
  ['u_array.g_row[3].g_col[0].u_pe.activation_q', 'activation'],
  ['u_array.g_row[3].g_col[0].u_pe.g_product.product_q', 'product'],
  ['u_array.g_row[3].g_col[0].u_pe.g_halves.high_q', 'product'],
  ['u_array.g_row[3].g_col[0].u_pe.drain_q', 'sum'],
  ['u_array.g_row[3].g_col[0].u_pe.write_q', 'writeEnable'],
  ['u_array.g_row[3].g_next_write.write_q', 'writeSkew'],
  ['u_array.g_row[3].u_skew.g_line.line_q', 'activationSkew'],
  ['u_array.g_bus[3].u_skew.g_line.line_q', 'weightSkew'],
  ['u_array.g_align[0].u_align.g_line.line_q', 'sumAlignment'],
  ['u_array.g_row[3].g_col[0].u_pe.unknown_q', undefined],
])('%s is %s', (word, register) => {
  expect(registerClassOf(word)).toBe(register);
});

it('logic that two registers need belongs to the product; buffers behind a register to it', () => {
  const cells = [
    { inputs: [1], outputs: [2], register: undefined, flipFlop: false },
    { inputs: [2], outputs: [3], register: 'activation', flipFlop: true },
    { inputs: [2, 8], outputs: [4], register: undefined, flipFlop: false },
    { inputs: [4], outputs: [5], register: 'product', flipFlop: true },
    { inputs: [3], outputs: [6], register: undefined, flipFlop: false },
    { inputs: [9], outputs: [10], register: undefined, flipFlop: false },
  ] as const;
  expect(classesOfCells(cells)).toEqual([
    'product',
    'activation',
    'product',
    'product',
    'activation',
    undefined,
  ]);
});

describe("OpenSTA's report of cells", () => {
  const log = `SYSTOLE ACTIVITY 0
       Internal      Switching        Leakage          Total
          Power          Power          Power          Power
------------------------------------------------------------
 1.0e-05 0.0e+00 5.0e-10 1.00005e-05 u_a/g_row[0].u_pe/_1_
     nan     nan 5.0e-10         nan u_a
SYSTOLE ACTIVITY 1
 3.0e-05 4.0e-06 5.0e-10 3.40005e-05 u_a/g_row[0].u_pe/_1_
SYSTOLE END
`;
  it('is read by activity, and what is no number is left out', () => {
    const path = 'u_a/g_row[0].u_pe/_1_';
    expect([...readCellPower(log, 0)]).toEqual([[path, { internal: 1e-5, switching: 0, leakage: 5e-10 }]]);
    expect([...readCellPower(log, 1)]).toEqual([[path, { internal: 3e-5, switching: 4e-6, leakage: 5e-10 }]]);
  });

  it('is asked for at no and at one transition a cycle, of every cell at any depth', () => {
    expect(cellPowerScript(5)).toMatch(
      /get_cells -hierarchical \*[\s\S]*-activity 0\n[\s\S]*-activity 1\nreport_power/,
    );
  });
});
