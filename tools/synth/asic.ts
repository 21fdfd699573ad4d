/**
 * The ASIC flow: Yosys and ABC map the core to a cell library, module by module; memories stay macros. OpenSTA, where it is
 * installed, times the netlist (no wires) and states power. In: a machine and a Liberty text. Out: areas, clock, power, netlist.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError, unwrap } from '../../base/index.js';
import { asicModules, emitVerilog } from '../../compiler/verilog/index.js';
import { memoryMacros } from '../../models/area/index.js';
import type { SynthesisRecord } from '../report/index.js';
import {
  type CellCounts,
  countByPart,
  type MappedNetlist,
  type PartName,
  sourceName,
  totalCounts,
} from './count.js';
import { libertyMissing } from './diagnostics.js';
import { type ClockGate, type Liberty, readLiberty } from './liberty.js';
import { runOpenSta } from './opensta.js';
import type { SynthesisRequest, SynthesisResult } from './request.js';
import { runYosysJob, yosysVersion } from './yosys.js';

const TOP = 'systole_core';
/** The wrapper of every on-chip memory: a macro. */
const MEMORY = 'systole_sram';

export async function runAsicFlow(request: SynthesisRequest): Promise<SynthesisResult> {
  const { machine, folder, liberty: file } = request;
  if (file === undefined) throw new DiagnosticError([libertyMissing()]);
  const liberty = unwrap(readLiberty(file.text, file.name));
  const megahertz = request.megahertz ?? machine.clockMegahertz;
  const files = emitVerilog(machine, macros(liberty)).files.map(({ path, text }) => ({
    path: path.replace(/^rtl\//, ''),
    text,
  }));
  await runYosysJob({
    name: 'map',
    folder,
    script: mappingScript(
      files.map(({ path }) => path),
      1e6 / megahertz,
    ),
    inputs: [...files, ...asicInputs(liberty, file.text)],
    outputs: ['core.json', 'netlist.v', 'memories.v'],
    signal: request.signal,
    onProgress: request.onProgress,
  });
  await runYosysJob({
    name: 'cells',
    folder,
    // What simulation knows of the cells: their functions as the Liberty file states them; cells without one are left out.
    script: [
      'read_liberty -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch cells.lib',
      ...(liberty.clockGate === null ? [] : [`delete =${liberty.clockGate.cell}`]),
      'write_verilog -noattr cells.v',
    ],
    inputs: [{ path: 'cells.lib', text: file.text }],
    outputs: ['cells.v'],
    signal: request.signal,
    onProgress: request.onProgress,
  });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const netlist = read('netlist.v');
  const parts = countByPart(JSON.parse(read('core.json')) as MappedNetlist, TOP);
  const sta = await runOpenSta(request, liberty, netlist, megahertz);
  const record: SynthesisRecord = {
    flow: 'asic',
    target: liberty.name,
    tools: [yosysVersion(), ...sta.tools],
    cells: Object.fromEntries([...totalCounts(parts)].filter(([type]) => sourceName(type) !== MEMORY)),
    resources: null,
    parts: partRecord(parts, liberty),
    area: areaOf(parts, liberty, request),
    timing: sta.timing,
    placeAndRoute: null,
    power: sta.power,
    netlist: null,
    notes: [
      'memories are macros: neither in area nor in timing',
      liberty.clockGate === null
        ? 'the library has no clock gating cell: the clock of the array is not gated'
        : `the clock of the array is gated by ${liberty.clockGate.cell}, which the RTL engine simulates as open`,
      ...sta.notes,
    ],
  };
  const sources = [
    ...['cells.v', 'memories.v', 'netlist.v'].map((path) => ({ path, text: read(path) })),
    ...(liberty.clockGate === null ? [] : [{ path: 'gate.v', text: openGate(liberty.clockGate) }]),
  ];
  return { record, netlist: { top: TOP, files: sources }, cells: sta.cells };
}

/** Memories behind the macro wrapper, and the library's own clock gating cell; without one the clock always runs. */
function macros({ clockGate }: Liberty): ReadonlyMap<string, string> {
  const modules = new Map(asicModules());
  if (clockGate !== null) return modules.set('systole_icg', gatingCell(clockGate));
  modules.delete('clock_gate');
  modules.delete('systole_icg');
  return modules;
}

/** `systole_icg` as the library's cell. */
function gatingCell({ cell, clock, enable, out, tests }: ClockGate): string {
  const pins = [
    `.${clock}(clk_i)`,
    `.${enable}(enable_i)`,
    `.${out}(clk_o)`,
    ...tests.map((pin) => `.${pin}(1'b0)`),
  ];
  return [
    'module systole_icg (input wire clk_i, input wire enable_i, output wire clk_o);',
    `  ${cell} gate (${pins.join(', ')});`,
    'endmodule',
    '',
  ].join('\n');
}

/** The cell for an engine of one clock: registers behind it may take values while it is closed (`hdl-templates/clock_gate.v`). */
function openGate({ cell, clock, enable, out, tests }: ClockGate): string {
  const ports = [clock, enable, ...tests].map((pin) => `input wire ${pin}`);
  return `module ${cell} (${[...ports, `output wire ${out}`].join(', ')});\n  assign ${out} = ${clock};\nendmodule\n`;
}

/** ABC's mapper on structural choices, then buffers and sizes: faster netlists than Yosys' own script for ABC gives. */
const MAPPING = [
  '&get -n',
  '&st',
  '&dch -f',
  '&nf',
  '&put',
  'buffer -c -N 8',
  'topo',
  'upsize',
  'dnsize',
  'stime -p',
  '',
].join('\n');

/** Loads of a module's output, in buffers: one register of the vector unit drives as many lanes. */
const PORT_FANOUT = 16;

/** ABC buffers and sizes only when it knows what drives and what loads (`-constr`). It sees one module at a time. */
function constraints(liberty: Liberty): string {
  const femtofarads = (liberty.bufferCapacitance * liberty.capacitanceUnit * PORT_FANOUT) / 1e-15;
  return `set_driving_cell ${liberty.buffer}\nset_load ${femtofarads.toFixed(3)}\n`;
}

/**
 * Hierarchy is kept: a PE is mapped once, whatever the array's size (flattening the control took 17 % more area outside array and requantisers in sg13g2). Memories stay the template's behaviour for simulation.
 */
function mappingScript(files: readonly string[], picoseconds: number): readonly string[] {
  return [
    'read_liberty -lib -ignore_miss_func cells.lib',
    `read_verilog ${files.join(' ')}`,
    `hierarchy -check -top ${TOP}`,
    'proc',
    `select *${MEMORY}*`,
    'write_verilog -noattr -selected memories.v',
    'select -clear',
    `blackbox *${MEMORY}*`,
    ...mappingPasses(TOP, picoseconds),
    'check -assert',
    'delete t:$scopeinfo',
    // Nets and cells have the same names in both files.
    'rename -enumerate',
    'write_json core.json',
    // OpenSTA reads no concatenations on the left of an assignment.
    'write_verilog -noattr -simple-lhs netlist.v',
  ];
}

/**
 * Modules whose adders are on the longest paths: Kogge-Stone's carries there, Yosys' own (Brent-Kung, as deep as twice the logarithm, a
 * third of the cells) elsewhere. (Yosys writes `$paramod$HASH\\pe` or `$paramod\\pe\\PARAMETER=...`.)
 */
const FAST_CARRIES = ['pe', 'pe_os', 'requantizer', 'scaling_product'].flatMap((name) => [
  name,
  `*?${name}`,
  `*paramod?${name}?*`,
]);

/** From modules to cells of the library; an empty top: the one that there is. */
export function mappingPasses(top: string, picoseconds: number): readonly string[] {
  // Booth multipliers and Kogge-Stone carries: measured on the requantiser, a third faster for a twentieth more area.
  const synth = `synth ${top && `-top ${top} `}-booth`;
  return [
    `${synth} -run :fine`,
    // As in `synth` before its techmap.
    'opt -fast -full',
    'memory_map',
    'opt -undriven -fine',
    `techmap -map +/techmap.v -map +/choices/kogge-stone.v ${FAST_CARRIES.join(' ')}`,
    `${synth} -run fine:`,
    'dfflibmap -liberty cells.lib',
    `abc -liberty cells.lib -constr ports.constr -D ${Math.round(picoseconds)} -script abc.script`,
    'opt_clean',
  ];
}

/** What {@link mappingPasses} read beside the Verilog. */
export function asicInputs(liberty: Liberty, text: string) {
  return [
    { path: 'cells.lib', text },
    { path: 'ports.constr', text: constraints(liberty) },
    { path: 'abc.script', text: MAPPING },
  ];
}

function areaOfCells(counts: CellCounts, { areas }: Liberty): number {
  return [...counts].reduce((sum, [type, n]) => sum + n * (areas.get(type) ?? 0), 0);
}

function partRecord(parts: ReadonlyMap<PartName, CellCounts>, liberty: Liberty) {
  return Object.fromEntries(
    [...parts].map(([name, counts]) => {
      const cells = [...counts].filter(([type]) => liberty.areas.has(type));
      return [
        name,
        { cells: cells.reduce((sum, [, n]) => sum + n, 0), squareMicrometres: areaOfCells(counts, liberty) },
      ];
    }),
  );
}

/** Parts that compute; the rest is control. */
const COMPUTING: readonly PartName[] = ['array', 'requantizers'];

function areaOf(
  parts: ReadonlyMap<PartName, CellCounts>,
  liberty: Liberty,
  { machine }: SynthesisRequest,
): SynthesisRecord['area'] {
  const total = areaOfCells(totalCounts(parts), liberty);
  const computing = COMPUTING.reduce((sum, name) => sum + areaOfCells(parts.get(name)!, liberty), 0);
  return {
    squareMicrometres: total,
    controlShare: (total - computing) / total,
    memoryBits: memoryMacros(machine).reduce((sum, m) => sum + m.copies * m.bytes * 8, 0),
  };
}
