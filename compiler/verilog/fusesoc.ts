/**
 * The FuseSoC core description (CAPI2) of a bundle. In: a Machine and the bundle's files. Out: the text of `systole.core`.
 */

import type { Machine } from '../../models/machine/index.js';
import { defaultDevices } from './flows.js';
import { toolVersion } from './templates.generated.js';

export interface FusesocFiles {
  /** Verilog of the machine, in compilation order. */
  readonly rtl: readonly string[];
  /** Verilog of the test bench; none in a bundle without a program. */
  readonly bench: readonly string[];
  /** Memory images that the bench reads from its folder. */
  readonly images: readonly string[];
}

/** Vendor:library:name:version. Names hold letters, digits, `_`, `-` and `.` only, as machine names do. */
export function fusesocName(machine: Machine): string {
  return `systole:machine:${machine.name}:${toolVersion}`;
}

/** The core file. Targets: default, lint, sim (with a bench), vivado, quartus, icestorm, trellis. */
export function fusesocCore(machine: Machine, { rtl, bench, images }: FusesocFiles): string {
  return [
    'CAPI=2:',
    `name: ${fusesocName(machine)}`,
    `description: Systolic-array accelerator ${machine.name}, ${machine.array.rows} x ${machine.array.columns}`,
    '',
    'filesets:',
    ...fileset('rtl', 'verilogSource-2005', rtl),
    ...fileset('pins', 'verilogSource-2005', ['synth/systole_pins.v']),
    ...fileset('sdc', 'SDC', ['constraints/systole.sdc']),
    ...fileset('xdc', 'xdc', ['constraints/xilinx.xdc']),
    ...fileset('pcf', 'PCF', ['constraints/ice40.pcf']),
    ...fileset('lpf', 'LPF', ['constraints/ecp5.lpf']),
    ...(bench.length > 0 ? fileset('bench', 'verilogSource-2005', bench) : []),
    ...(images.length > 0 ? imageset(images) : []),
    '',
    'targets:',
    '  default: &default',
    '    filesets: [rtl]',
    '    toplevel: systole_core',
    ...lint,
    ...(bench.length > 0 ? simulation : []),
    ...synthesis(machine),
    '',
  ].join('\n');
}

function fileset(name: string, type: string, files: readonly string[]): readonly string[] {
  return [`  ${name}:`, `    file_type: ${type}`, '    files:', ...files.map((path) => `      - ${path}`)];
}

/** $readmemh looks in the folder of the run: FuseSoC copies the images there. */
function imageset(images: readonly string[]): readonly string[] {
  const copies = images.map((path) => `      - ${path}: {copyto: ${path}}`);
  return ['  images:', '    file_type: user', '    files:', ...copies];
}

const lint = [
  '  lint:',
  '    <<: *default',
  '    description: Verilator, every warning',
  '    default_tool: verilator',
  '    tools:',
  '      verilator:',
  '        mode: lint-only',
  '        verilator_options: [-Wall]',
];

const simulation = [
  '  sim:',
  '    description: The self-checking test bench; it prints PASS',
  '    filesets: [rtl, bench, images]',
  '    toplevel: systole_tb',
  '    default_tool: icarus',
  '    tools:',
  '      icarus:',
  '        iverilog_options: [-g2005]',
];

function synthesis(machine: Machine): readonly string[] {
  const plus = machine.target.kind === 'fpga' && machine.target.family === 'ultrascale+';
  const { intel, ice40, ecp5 } = defaultDevices;
  return [
    '  vivado:',
    '    <<: *default',
    '    description: AMD, synthesis (synth/vivado.tcl also places and routes)',
    '    default_tool: vivado',
    '    filesets: [rtl, xdc]',
    '    tools:',
    '      vivado:',
    `        part: ${defaultDevices[plus ? 'ultrascale+' : 'xilinx7'].part}`,
    '        pnr: none',
    '  quartus:',
    '    <<: *default',
    '    description: Intel, synthesis (synth/quartus.tcl also fits)',
    '    default_tool: quartus',
    '    filesets: [rtl, sdc]',
    '    tools:',
    '      quartus:',
    `        family: ${intel.family}`,
    `        device: ${intel.part}`,
    '        pnr: none',
    ...lattice('icestorm', 'Lattice iCE40', 'ice40', 'pcf', ice40.nextpnr),
    ...lattice('trellis', 'Lattice ECP5', 'ecp5', 'lpf', ecp5.nextpnr),
  ];
}

function lattice(
  tool: string,
  description: string,
  family: string,
  constraints: string,
  options: string,
): readonly string[] {
  const words = [...options.split(' '), `--${constraints}-allow-unconstrained`];
  return [
    `  ${tool}:`,
    `    description: ${description}, the core between shift registers`,
    `    default_tool: ${tool}`,
    `    filesets: [rtl, pins, ${constraints}]`,
    '    toplevel: systole_pins',
    '    tools:',
    `      ${tool}:`,
    `        nextpnr_options: [${words.join(', ')}]`,
    ...(family === 'ice40' ? ['        pnr: next'] : []),
  ];
}
