/**
 * Power of an array at gate level: `pe_array` mapped to a Liberty file as the ASIC flow maps it, the netlist simulated (Icarus, the functions that
 * the Liberty file states, no delays), OpenSTA's energy of every cell at what its output toggled. In: a machine, a Liberty text, edges. Out: watts.
 *
 * Debian's OpenSTA (2019) keeps activities only at registers and ports: those set at pins of other cells are overwritten by what it propagates. At one
 * activity for all nets it is linear in it, so two of its runs (0 and 1 transitions a cycle) give each cell's watts at rest and for a transition
 * a cycle, and those are taken at the toggles that were simulated.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '../../base/index.js';
import { cellTemplates } from '../../compiler/verilog/index.js';
import { type Machine, partialSumBits } from '../../models/machine/index.js';
import { asicInputs, mappingPasses } from '../../tools/synth/asic.js';
import { readLiberty } from '../../tools/synth/liberty.js';
import { runYosysJob } from '../../tools/synth/yosys.js';
import type { EdgeCycle } from './stimuli.js';

export const TOP = 'array_top';
/** Of the clock that power is stated at. */
export const nanoseconds = 10;

interface JsonCell {
  readonly type: string;
  readonly port_directions: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, readonly (number | string)[]>>;
}

interface JsonModule {
  readonly cells: Readonly<Record<string, JsonCell>>;
  readonly netnames: Readonly<Record<string, { readonly bits: readonly (number | string)[] }>>;
}

export interface GateLevel {
  readonly folder: string;
  readonly machine: Machine;
  readonly module: JsonModule;
  /** Watts of each cell at rest and for one transition a cycle more. */
  readonly cells: ReadonlyMap<
    string,
    { readonly rest: number; readonly toggling: number; readonly leakage: number }
  >;
}

export async function gateLevel(
  machine: Machine,
  name: string,
  text: string,
  folder: string,
): Promise<GateLevel> {
  mkdirSync(folder, { recursive: true });
  const liberty = unwrap(readLiberty(text, name));
  await runYosysJob({
    name: 'array',
    folder,
    script: [
      'read_liberty -lib -ignore_miss_func cells.lib',
      'read_verilog pe_array.v pe.v delay_line.v top.v',
      `hierarchy -check -top ${TOP}`,
      'proc',
      ...mappingPasses(TOP, nanoseconds * 1000),
      'flatten',
      'opt_clean -purge',
      `cd ${TOP}`,
      'delete t:$scopeinfo',
      'rename -hide w:*',
      'rename -hide c:*',
      'splitnets',
      'rename -enumerate -pattern n_%_ w:*',
      'rename -enumerate -pattern c_%_ c:*',
      'cd ..',
      'check -assert',
      'write_json array.json',
      'write_verilog -noattr -simple-lhs array.v',
    ],
    inputs: [
      ...['pe_array.v', 'pe.v', 'delay_line.v'].map((path) => ({ path, text: cellTemplates.get(path)! })),
      { path: 'top.v', text: topText(machine) },
      ...asicInputs(liberty, text),
    ],
    outputs: ['array.json', 'array.v'],
  });
  await runYosysJob({
    name: 'cells',
    folder,
    script: [
      'read_liberty -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch cells.lib',
      'write_verilog -noattr cells.v',
    ],
    inputs: [{ path: 'cells.lib', text }],
    outputs: ['cells.v'],
  });
  const json = JSON.parse(readFileSync(join(folder, 'array.json'), 'utf8')) as {
    readonly modules: Readonly<Record<string, JsonModule>>;
  };
  const rest = cellPower(folder, 0, liberty.timeUnit);
  const toggling = cellPower(folder, 1, liberty.timeUnit);
  const cells = new Map(
    [...rest].map(([cell, { watts, leakage }]) => [
      cell,
      { rest: watts, toggling: toggling.get(cell)!.watts - watts, leakage },
    ]),
  );
  return { folder, machine, module: json.modules[TOP]!, cells };
}

function topText(machine: Machine): string {
  const { rows, columns, multiplierStages } = machine.array;
  const { activationBits: a, weightBits: w } = machine.elements;
  const sum = partialSumBits(machine);
  return `module ${TOP} (input wire clk_i, input wire [${a * rows - 1}:0] activations_i, input wire weight_write_i,
  input wire [${w * columns - 1}:0] weights_i, output wire [${sum * columns - 1}:0] sums_o);
  pe_array #(.ROWS(${rows}), .COLUMNS(${columns}), .ACT_BITS(${a}), .WGT_BITS(${w}), .MULTIPLIER_STAGES(${multiplierStages}), .SUM_BITS(${sum})) u_array
    (.clk_i(clk_i), .activations_i(activations_i), .weight_write_i(weight_write_i), .weights_i(weights_i), .sums_o(sums_o));
endmodule
`;
}

/** OpenSTA's watts of every cell with all nets at one activity. */
function cellPower(folder: string, activity: number, timeUnit: number) {
  const script = [
    'read_liberty cells.lib',
    'read_verilog array.v',
    `link_design ${TOP}`,
    `create_clock -name clk -period ${(nanoseconds * 1e-9) / timeUnit} [get_ports clk_i]`,
    // Without it, what ports alone drive belongs to no clock and draws nothing.
    'set_input_delay 0 -clock clk [get_ports {activations_i* weights_i* weight_write_i}]',
    `set_power_activity -global -activity ${activity}`,
    'report_power -instances [get_cells *] -digits 8',
    '',
  ].join('\n');
  writeFileSync(join(folder, 'power.tcl'), script);
  const log = execFileSync('sta', ['-no_splash', '-exit', 'power.tcl'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const rows = log.matchAll(/^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(c_\d+_)\s*$/gm);
  return new Map(
    [...rows].map(([, , , leakage, watts, cell]) => [
      cell!,
      { watts: Number(watts), leakage: Number(leakage) },
    ]),
  );
}

/** Watts of the array while it sees these edges, after `idle` cycles of zeros and with as many of nothing new at the end. */
export function measure(
  gates: GateLevel,
  label: string,
  cycles: readonly EdgeCycle[],
): { readonly watts: number; readonly leakageWatts: number } {
  const { module, cells } = gates;
  const counted = simulateGates(gates, label, cycles);
  const total = counted.cycles;
  let [watts, leakageWatts] = [0, 0];
  for (const [name, cell] of Object.entries(module.cells)) {
    const power = cells.get(name);
    if (power === undefined) throw new Error(`OpenSTA says nothing of ${name} (${cell.type})`);
    const outputs = Object.entries(cell.port_directions).filter(
      ([pin, way]) => way === 'output' && cell.connections[pin]!.length > 0,
    );
    const toggles = outputs.reduce(
      (sum, [pin]) => sum + (counted.toggles.get(cell.connections[pin]![0]!) ?? 0),
      0,
    );
    watts += power.rest + (power.toggling * toggles) / Math.max(1, outputs.length) / total;
    leakageWatts += power.leakage;
  }
  return { watts, leakageWatts };
}

/** Cycles at rest before and after the edges move. */
export const restCycles = ({ array: { rows, columns } }: Machine): number => 2 * (rows + columns) + 4;

/** Toggles of every net, by its number in the netlist. */
function simulateGates({ folder, module, machine }: GateLevel, label: string, edges: readonly EdgeCycle[]) {
  const rest = restCycles(machine);
  const { rows, columns } = machine.array;
  const zero: EdgeCycle = {
    activations: new Int8Array(rows),
    weights: new Int8Array(columns),
    weightRow: undefined,
  };
  // Zeros through every register, weights included; then the edges; then what they showed last.
  const before = Array.from({ length: rest }, (_, i) => ({ ...zero, weightRow: i === 0 ? 0 : undefined }));
  const after = Array.from({ length: rest }, () => ({ ...edges.at(-1)!, weightRow: undefined }));
  const all = [...before, ...edges, ...after];
  const base = label.replace(/\W+/g, '-');
  writeFileSync(join(folder, `${base}.hex`), `${all.map(hexLine).join('\n')}\n`);
  writeFileSync(join(folder, `${base}.tb.v`), bench(base, rows, columns, rest, all.length));
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  run('iverilog', ['-g2005', '-o', `${base}.vvp`, `${base}.tb.v`, 'array.v', 'cells.v']);
  run('vvp', ['-n', `${base}.vvp`]);
  return {
    cycles: edges.length + rest,
    toggles: netToggles(readFileSync(join(folder, `${base}.vcd`), 'latin1'), module),
  };
}

function hexLine({ activations, weights, weightRow }: EdgeCycle): string {
  const hex = (values: Int8Array) =>
    [...values]
      .reverse()
      .map((v) => (v & 255).toString(16).padStart(2, '0'))
      .join('');
  return `${weightRow === 0 ? 1 : 0}${hex(weights)}${hex(activations)}`;
}

function bench(base: string, rows: number, columns: number, rest: number, count: number): string {
  const [a, w] = [8 * rows, 8 * columns];
  return `\`timescale 1ns/1ns
module bench;
  reg clk = 0;
  reg [${a + w + 3}:0] rows [0:${count - 1}];
  reg [${a - 1}:0] act = 0;
  reg [${w - 1}:0] wgt = 0;
  reg write = 0;
  integer i = 0;
  ${TOP} dut (.clk_i(clk), .activations_i(act), .weight_write_i(write), .weights_i(wgt));
  always #5 clk = ~clk;
  initial begin $readmemh("${base}.hex", rows); $dumpfile("${base}.vcd"); end
  always @(posedge clk) begin
    if (i == ${rest}) $dumpvars(1, dut);
    if (i == ${count}) $finish;
    else begin
      act <= rows[i][${a - 1}:0];
      wgt <= rows[i][${a + w - 1}:${a}];
      write <= rows[i][${a + w}];
    end
    i = i + 1;
  end
endmodule
`;
}

/** Changes from 0 to 1 and back in a VCD, by net. */
function netToggles(vcd: string, module: JsonModule): ReadonlyMap<number | string, number> {
  const variables = new Map<string, readonly (number | string)[]>();
  for (const [, id, name] of vcd.matchAll(/^\$var \w+ \d+ (\S+) (\S+)/gm)) {
    const bits = module.netnames[name!.replace(/^\\/, '')]?.bits;
    if (bits) variables.set(id!, bits);
  }
  const values = new Map<string, string>();
  const perBit = new Map<string, Uint32Array>();
  const body = vcd.slice(vcd.indexOf('$enddefinitions'));
  for (const line of body.split('\n')) {
    const scalar = line[0] === '0' || line[0] === '1';
    if (!scalar && line[0] !== 'b') continue;
    const [value, id] = scalar ? [line[0]!, line.slice(1)] : (line.slice(1).split(' ') as [string, string]);
    const bits = variables.get(id);
    if (bits === undefined) continue;
    const full = value.padStart(bits.length, value[0] === '1' ? '0' : value[0]!);
    const previous = values.get(id);
    values.set(id, full);
    if (previous === undefined) continue;
    const counts = perBit.get(id) ?? new Uint32Array(bits.length);
    for (let i = 0; i < full.length; i++) {
      const [was, is] = [previous[i]!, full[i]!];
      if (was !== is && was !== 'x' && is !== 'x') counts[full.length - 1 - i]!++;
    }
    perBit.set(id, counts);
  }
  const toggles = new Map<number | string, number>();
  for (const [id, counts] of perBit) {
    const bits = variables.get(id)!;
    for (const [i, n] of counts.entries()) toggles.set(bits[i]!, n);
  }
  return toggles;
}
