/**
 * The weight-stationary array in standard cells, and its power under stated operands: mapped by Yosys, run cycle by cycle in Icarus, every net's
 * transitions counted and given to OpenSTA pin by pin. In: a library, sizes, stimuli. Out: watts at a clock. No wires, an ideal clock.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '../../base/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { asicInputs, mappingPasses } from '../../tools/synth/asic.js';
import { readLiberty } from '../../tools/synth/liberty.js';
import { runYosysJob } from '../../tools/synth/yosys.js';
import type { ArrayCycle } from './stimuli.js';

export interface GatePower {
  readonly watts: number;
  readonly leakageWatts: number;
  /** Transitions of all nets, clock left out, a cycle. */
  readonly transitionsPerCycle: number;
}

interface Netlist {
  readonly folder: string;
  /** Output pins by the net that they drive. */
  readonly drivers: ReadonlyMap<string, string>;
  readonly timeUnit: number;
}

/** Maps `pe_array` of a machine to the cells of a Liberty text, flat, one bit a net; once a folder. */
export async function mapArray(
  machine: Machine,
  liberty: { readonly text: string; readonly name: string },
  folder: string,
  megahertz: number,
): Promise<Netlist> {
  mkdirSync(folder, { recursive: true });
  const library = unwrap(readLiberty(liberty.text, liberty.name));
  const wanted = ['pe_array.v', 'pe.v', 'delay_line.v'];
  const files = emitVerilog(machine).files.flatMap(({ path, text }) => {
    const name = path.replace(/^rtl\//, '');
    return wanted.includes(name) ? [{ path: name, text }] : [];
  });
  const { rows, columns, multiplierStages } = machine.array;
  await runYosysJob({
    name: 'map',
    folder,
    script: [
      'read_liberty -lib -ignore_miss_func cells.lib',
      `read_verilog ${wanted.join(' ')}`,
      `chparam -set ROWS ${rows} -set COLUMNS ${columns} -set MULTIPLIER_STAGES ${multiplierStages} pe_array`,
      'hierarchy -check -top pe_array',
      'proc',
      'flatten',
      ...mappingPasses('pe_array', 1e6 / megahertz),
      'splitnets -ports',
      'opt_clean -purge',
      'rename -hide w:* t:*',
      'rename -enumerate -pattern n% w:*',
      'rename -enumerate -pattern u% t:*',
      'delete t:$scopeinfo',
      'write_json map.json',
      'write_verilog -noattr -simple-lhs map.v',
    ],
    inputs: [...files, ...asicInputs(library, liberty.text)],
    outputs: ['map.json', 'map.v'],
  });
  await runYosysJob({
    name: 'cells',
    folder,
    script: [
      'read_liberty -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch cells.lib',
      ...(library.clockGate === null ? [] : [`delete =${library.clockGate.cell}`]),
      'write_verilog -noattr cells.v',
    ],
    inputs: [{ path: 'cells.lib', text: liberty.text }],
    outputs: ['cells.v'],
  });
  return { folder, drivers: driversOf(folder), timeUnit: library.timeUnit };
}

interface YosysModule {
  readonly ports: Readonly<
    Record<string, { readonly direction: string; readonly bits: readonly (number | string)[] }>
  >;
  readonly cells: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly port_directions: Readonly<Record<string, string>>;
        readonly connections: Readonly<Record<string, readonly (number | string)[]>>;
      }
    >
  >;
  readonly netnames: Readonly<Record<string, { readonly bits: readonly (number | string)[] }>>;
}

function driversOf(folder: string): ReadonlyMap<string, string> {
  const { modules } = JSON.parse(readFileSync(join(folder, 'map.json'), 'utf8')) as {
    readonly modules: Readonly<Record<string, YosysModule>>;
  };
  const top = modules.pe_array!;
  const names = new Map<number | string, string>();
  for (const [name, { bits }] of Object.entries(top.netnames))
    if (bits.length === 1) names.set(bits[0]!, name);
  const drivers = new Map<string, string>();
  for (const [cell, { port_directions, connections }] of Object.entries(top.cells)) {
    for (const [pin, bits] of Object.entries(connections)) {
      const name = names.get(bits[0]!);
      if (port_directions[pin] === 'output' && name !== undefined) drivers.set(name, `${cell}/${pin}`);
    }
  }
  return drivers;
}

/** Power under the operands, the first `skip` cycles left out of the count. */
export function gatePower(
  netlist: Netlist,
  machine: Machine,
  cycles: readonly ArrayCycle[],
  { megahertz, name, skip }: { readonly megahertz: number; readonly name: string; readonly skip: number },
): GatePower {
  const { folder, drivers } = netlist;
  const ports = inputPorts(machine);
  const nets = [...drivers.keys(), ...ports];
  writeFileSync(join(folder, `${name}.v`), testBench(machine, cycles, name));
  writeFileSync(join(folder, `${name}.txt`), operandLines(machine, cycles));
  run('iverilog', ['-g2005', '-o', `${name}.vvp`, `${name}.v`, 'map.v', 'cells.v'], folder);
  run('vvp', [`${name}.vvp`], folder);
  const counted = countTransitions(
    readFileSync(join(folder, `${name}.vcd`), 'utf8'),
    skip * CYCLE,
    cycles.length * CYCLE,
  );
  rmSync(join(folder, `${name}.vcd`));
  const length = cycles.length - skip;
  let transitions = 0;
  const settings = nets.map((net) => {
    const { changes, high } = counted.get(net) ?? { changes: 0, high: 0 };
    transitions += changes;
    const duty = high / (length * CYCLE);
    const activity = changes / length;
    const driver = drivers.get(net);
    if (driver === undefined)
      return `sta::set_power_input_port_activity [get_ports ${net.replaceAll('[', '\\[').replaceAll(']', '\\]')}] ${activity} ${duty}`;
    // Debian's OpenSTA has `set_power_activity -pins` broken; this is the command below it.
    return `foreach pin [get_pins ${driver}] { sta::set_power_pin_activity $pin ${activity} ${duty} }`;
  });
  const period = 1e-6 / megahertz / netlist.timeUnit;
  const script = [
    'read_liberty cells.lib',
    'read_verilog map.v',
    'link_design pe_array',
    `create_clock -name clk -period ${period.toPrecision(8)} [get_ports clk_i]`,
    'set_power_activity -input -activity 0',
    ...settings,
    'report_power -digits 6',
    '',
  ].join('\n');
  writeFileSync(join(folder, `${name}.tcl`), script);
  const report = run('sta', ['-no_splash', '-exit', `${name}.tcl`], folder);
  const total = /^Total\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)/m.exec(report);
  if (total === null || /^Error:/m.test(report)) throw new Error(`OpenSTA: ${report.slice(0, 2000)}`);
  return {
    watts: Number(total[4]),
    leakageWatts: Number(total[3]),
    transitionsPerCycle: transitions / length,
  };
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, [...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
  return stdout;
}

/** Nanoseconds of a cycle in the test bench. */
const CYCLE = 10;

/** Changes and time at 1 of every one-bit variable between two times. */
function countTransitions(
  vcd: string,
  from: number,
  to: number,
): ReadonlyMap<string, { readonly changes: number; readonly high: number }> {
  const byId = new Map<
    string,
    { name: string; value: string; since: number; changes: number; high: number }
  >();
  let time = 0;
  const leave = (net: { value: string; since: number; high: number }) => {
    if (net.value === '1') net.high += Math.max(0, Math.min(time, to) - Math.max(net.since, from));
  };
  for (const line of vcd.split('\n')) {
    if (line[0] === '#') time = Number(line.slice(1));
    else if (line.startsWith('$var')) {
      const [, , , id, name] = line.split(/\s+/);
      byId.set(id!, { name: name!.replace(/^\\/, ''), value: 'x', since: 0, changes: 0, high: 0 });
    } else if (line[0] === '0' || line[0] === '1') {
      const net = byId.get(line.slice(1));
      if (net === undefined) continue;
      if (net.value !== 'x' && net.value !== line[0] && time >= from) net.changes++;
      leave(net);
      net.value = line[0];
      net.since = time;
    }
  }
  time = to;
  for (const net of byId.values()) leave(net);
  return new Map([...byId.values()].map(({ name, changes, high }) => [name, { changes, high }]));
}

/** Bits of the operands' ports. */
function inputPorts({ array: { rows, columns }, elements }: Machine): readonly string[] {
  const bits = (port: string, count: number) => Array.from({ length: count }, (_, i) => `${port}[${i}]`);
  return [
    ...bits('activations_i', rows * elements.activationBits),
    ...bits('weights_i', columns * elements.weightBits),
    'weight_write_i',
  ];
}

/** Drives a cycle's operands after each edge and counts what every net does from edge to edge. */
function testBench(machine: Machine, cycles: readonly ArrayCycle[], name: string): string {
  const { rows, columns } = machine.array;
  const { activationBits, weightBits } = machine.elements;
  const connections = [
    ...Array.from({ length: rows * activationBits }, (_, i) => `.\\activations_i[${i}] (act[${i}])`),
    ...Array.from({ length: columns * weightBits }, (_, i) => `.\\weights_i[${i}] (wgt[${i}])`),
  ];
  return [
    '`timescale 1ns/1ns',
    'module tb;',
    `  reg clk = 0; reg [${rows * activationBits - 1}:0] act = 0; reg [${columns * weightBits - 1}:0] wgt = 0; reg we = 0;`,
    `  pe_array dut (.clk_i(clk), .weight_write_i(we), ${connections.join(', ')});`,
    '  integer file, got, n;',
    `  initial begin file = $fopen("${name}.txt", "r"); $dumpfile("${name}.vcd"); $dumpvars(1, dut);`,
    `    for (n = 0; n < ${cycles.length}; n = n + 1) begin got = $fscanf(file, "%h %h %b", act, wgt, we); #4 clk = 1; #6 clk = 0; end`,
    '    $finish; end',
    'endmodule',
    '',
  ].join('\n');
}

/** The operands of each cycle as a line: activations and weights as hexadecimal words, the write enable. */
function operandLines(machine: Machine, cycles: readonly ArrayCycle[]): string {
  const { activationBits, weightBits } = machine.elements;
  const hex = (values: readonly number[], bits: number) =>
    values
      .map((v) => BigInt.asUintN(bits, BigInt(v)))
      .reduceRight((word, v) => (word << BigInt(bits)) | v, 0n)
      .toString(16);
  const lines = cycles.map(({ activations, weights, write }) =>
    [hex(activations, activationBits), hex(weights, weightBits), write ? '1' : '0'].join(' '),
  );
  return `${lines.join('\n')}\n`;
}
