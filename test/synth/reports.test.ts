/** Reports of nextpnr and OpenSTA, Liberty files, and netlists, read into figures: each from a text of the form that the tool writes. */

import { describe, expect, test } from 'vitest';
import { renderDiagnostic } from '../../base/index.js';
import { machinePresets } from '../../models/machine/index.js';
import type { SynthesisFlow } from '../../tools/report/index.js';
import { countByPart, totalCounts } from '../../tools/synth/count.js';
import { tooLarge } from '../../tools/synth/diagnostics.js';
import { families } from '../../tools/synth/families.js';
import { resourcesOf } from '../../tools/synth/fpga.js';
import {
  openClockGates,
  plainNames,
  readLiberty,
  readNextpnrReport,
  readStaLog,
} from '../../tools/synth/index.js';
import { partOfPath } from '../../tools/synth/parts.js';
import { deviceFaults, overfull } from '../../tools/synth/place-route.js';
import { complaint } from '../../tools/synth/process.js';

describe('nextpnr', () => {
  const path = (cells: readonly string[], delay: number) =>
    cells.slice(1).map((to, i) => ({ delay, from: { cell: cells[i] }, to: { cell: to } }));
  const report = {
    fmax: { clk: { achieved: 42.5, constraint: 25 } },
    utilization: { ICESTORM_LC: { used: 700, available: 7680 } },
    critical_paths: [
      { from: 'async', to: 'posedge clk', path: path(['in', 'u_core.u_load.q'], 30) },
      {
        from: 'posedge clk',
        to: 'posedge clk',
        path: path(['u_core.a', 'b', 'u_core.u_compute.u_matmul.u_array.u_pe.sum_q'], 11.5),
      },
    ],
  };

  test('clock, utilisation and the path between registers', () => {
    expect(readNextpnrReport(JSON.stringify(report))).toEqual({
      fmaxMegahertz: 42.5,
      utilization: { ICESTORM_LC: { used: 700, available: 7680 } },
      criticalPath: {
        from: 'u_core.a',
        to: 'u_core.u_compute.u_matmul.u_array.u_pe.sum_q',
        nanoseconds: 23,
        part: 'processing element',
      },
    });
  });

  test('what there is too much of, said once', () => {
    const log = [
      'Info: Device utilisation:',
      'Info: \t         ICESTORM_LC:    7043/   5280   133%',
      'Info: \t        ICESTORM_RAM:      27/     30    90%',
      'Info: \t         ICESTORM_LC:    7043/   5280   133%',
      "ERROR: Unable to place cell 'x'",
    ];
    const over = overfull(log.join('\n'));
    expect(over).toEqual(['ICESTORM_LC 7043 of 5280']);
    expect(renderDiagnostic(tooLarge('ico1', 'up5k-sg48', over, 'out/route.log'))).toBe(
      `error[synth/too-large]: ico1 does not fit up5k-sg48: ICESTORM_LC 7043 of 5280
  --> --device up5k-sg48
  = hint: take a larger device or a smaller machine (fewer lanes, functions, rows); the whole log is out/route.log`,
    );
  });

  test.each<[SynthesisFlow, string, number]>([
    ['ice40', 'up5k-sg48', 0],
    ['ice40', 'hx8k', 0],
    ['ecp5', 'um5g-85k-CABGA381', 0],
    ['ecp5', '85k-CABGA381', 0],
    ['ice40', '85k-CABGA381', 1],
    ['ecp5', 'up5k-sg48', 1],
    ['ice40', '', 1],
  ])('%s: device "%s"', (flow, device, faults) => {
    const request = { flow, device, machine: machinePresets.get('ico1')!, folder: '' };
    expect(deviceFaults(request)).toHaveLength(faults);
  });

  test('a report without a clock gives nothing; what is no report is refused', () => {
    expect(readNextpnrReport(JSON.stringify({ ...report, fmax: {} }))).toBeUndefined();
    expect(() => readNextpnrReport('{}')).toThrow();
  });
});

describe('OpenSTA', () => {
  const log = `SYSTOLE PATH
Startpoint: u_a/_1_ (rising edge-triggered flip-flop clocked by clk)
Endpoint: u_vector/g_lane[0].u_lane/u_requantizer/_9_
          (rising edge-triggered flip-flop clocked by clk)
   0.267000    0.267000 ^ u_a/_1_/Q (dff)
            4.610000   data arrival time
           -4.610000   data arrival time
---------------------------------------------------------
            0.250000   slack (MET)

SYSTOLE POWER
Group                  Internal  Switching    Leakage      Total
Total                1.0e-02   2.0e-03   5.0e-04   1.25e-02 100.0%
SYSTOLE END
`;

  test('slack, ends of the path, and power, in seconds and watts', () => {
    expect(readStaLog(log, 1e-9)).toEqual({
      slackSeconds: 0.25e-9,
      path: {
        from: 'u_a/_1_',
        to: 'u_vector/g_lane[0].u_lane/u_requantizer/_9_',
        nanoseconds: 4.61,
        part: 'requantiser',
      },
      watts: 1.25e-2,
      leakageWatts: 5e-4,
    });
  });

  test.each(['slack (MET)', 'Startpoint', 'Endpoint', 'Total '])(
    'a log without "%s" gives nothing',
    (word) => {
      expect(readStaLog(log.replaceAll(word, 'x'), 1e-9)).toBeUndefined();
    },
  );

  test('escaped module names become plain, equal ones equally', () => {
    const text =
      'module \\$paramod$a0\\pe (x);\n  \\$paramod$a0\\pe  u_a (.x(y));\n  \\$paramod\\pe\\N=1  u_b ();\n';
    expect(plainNames(text)).toBe('module pe__0 (x);\n  pe__0  u_a (.x(y));\n  pe__1  u_b ();\n');
  });
});

describe('Liberty', () => {
  const cell = (name: string, area: number, body: string) =>
    `  cell (${name}) {\n    area : ${area};\n${body}  }\n`;
  const buffer = (name: string, area: number) =>
    cell(
      name,
      area,
      '    pg_pin (VDD) { direction : input; }\n    pin (A) { direction : input; capacitance : 0.5; }\n    pin (Y) { direction : output; function : "A"; }\n',
    );
  const flipFlop = cell(
    'dff',
    9,
    '    ff (IQ,IQN) { clocked_on : "C"; }\n    pin (D) { direction : input; }\n    pin (Q) { direction : output; function : "IQ"; }\n',
  );
  const head = 'library (tiny) {\n  time_unit : "1ps";\n  capacitive_load_unit (1,ff);\n';

  test('name, units, areas and a buffer for ports', () => {
    const read = readLiberty(`${head}${buffer('b1', 1)}${buffer('b2', 2)}${flipFlop}}\n`, 't.lib');
    expect(read).toMatchObject({
      ok: true,
      value: { name: 'tiny', timeUnit: 1e-12, capacitanceUnit: 1e-15, buffer: 'b1', bufferCapacitance: 0.5 },
    });
    expect(read.ok && [...read.value.areas]).toEqual([
      ['b1', 1],
      ['b2', 2],
      ['dff', 9],
    ]);
  });

  test.each([
    ['no library', 'cell (x) {}'],
    ['no cells', `${head}}`],
    ['no flip-flop', `${head}${buffer('b1', 1)}}`],
    ['no buffer', `${head}${flipFlop}}`],
  ])('%s: refused by name', (what, text) => {
    const read = readLiberty(text, 't.lib');
    expect(read.ok).toBe(false);
    expect(read.diagnostics[0]!.code).toBe('synth/bad-liberty');
    expect(read.diagnostics[0]!.message).toContain(what.replace('no library', 'no library(NAME)'));
  });
});

describe('counting', () => {
  const module = (types: readonly string[], attributes: Record<string, string> = {}) => ({
    attributes,
    cells: Object.fromEntries(types.map((type, i) => [`c${i}`, { type }])),
  });
  const netlist = {
    modules: {
      top: module(['LUT4', '$paramod$0a\\pe_array', 'u']),
      '$paramod$0a\\pe_array': module(['pe', 'pe', 'FD1']),
      pe: module(['LUT4', 'FD1', 'MULT18X18D']),
      u: module(['pe', 'TRELLIS_DPR16X4']),
      LUT4: module([], { blackbox: '1' }),
    },
  };

  test('instances count as often as they stand in the design, in the part that they stand in', () => {
    const parts = countByPart(netlist, 'top');
    expect(Object.fromEntries(parts.get('array')!)).toEqual({ LUT4: 2, FD1: 3, MULT18X18D: 2 });
    expect(Object.fromEntries(totalCounts(parts))).toEqual({
      LUT4: 4,
      FD1: 4,
      MULT18X18D: 3,
      TRELLIS_DPR16X4: 1,
    });
  });

  test('resources: memory LUTs are LUTs', () => {
    const counts = totalCounts(countByPart(netlist, 'top'));
    expect(resourcesOf(families.ecp5, counts)).toEqual({
      luts: 8,
      flipFlops: 4,
      carries: 0,
      dsps: 3,
      blockRams: 0,
      memoryLuts: 4,
    });
  });

  test.each([
    ['u_compute/u_vector/g_lane[0].u_lane/u_requantizer/_1_', 'requantiser'],
    ['u_core.u_compute.u_matmul.u_array.g_row[0].g_col[0].u_pe.sum_q', 'processing element'],
    ['u_load.u_bursts.run_q', 'load unit'],
    ['_123_', 'control'],
  ])('%s stands in: %s', (name, part) => expect(partOfPath(name)).toBe(part));
});

describe('messages', () => {
  test('the tool speaks for itself, rather than its crash', () => {
    const said = ['Info: x', 'ERROR: no BELs remaining', 'ERROR: nextpnr-ice40 crashed: unreachable'];
    expect(complaint(said, 3)).toBe('ERROR: no BELs remaining');
    expect(complaint(said.slice(2), 3)).toContain('crashed');
    expect(complaint(['last words', ''], 1)).toBe('last words');
    expect(complaint([], 'SIGKILL')).toBe('ended with SIGKILL and said nothing');
  });
});

test('takes clock gates out of the netlist that power is stated for, and nothing else', () => {
  const gate = { cell: 'lgcp_1', clock: 'CLK', enable: 'GATE', out: 'GCLK', tests: ['SE'] };
  const netlist = [
    'module systole_icg(clk_i, enable_i, clk_o);',
    '  lgcp_1 gate (',
    '    .CLK(clk_i),',
    '    .GATE(enable_i),',
    '    .GCLK(clk_o)',
    '  );',
    '  dff_1 other (.CLK(clk_i), .D(d), .Q(q));',
    'endmodule',
  ].join('\n');
  const open = openClockGates(netlist, gate);
  expect(open).toContain('assign clk_o = clk_i;');
  expect(open).not.toContain('lgcp_1');
  expect(open).toContain('dff_1 other (.CLK(clk_i), .D(d), .Q(q));');
  expect(openClockGates(netlist, null)).toBe(netlist);
});
