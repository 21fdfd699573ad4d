/**
 * Scripts that take a bundle through the synthesis tools: Yosys with nextpnr, Vivado, Quartus, OpenROAD-flow-scripts. All
 * run from the bundle's folder and write below build/. In: a Machine and its Verilog files. Out: files as text.
 */

import { type Machine, macroShapes } from '../../models/machine/index.js';
import {
  clockPeriodNanoseconds,
  lpfConstraints,
  pcfConstraints,
  sdcConstraints,
  xdcConstraints,
} from './constraints.js';
import { type BundleFile, fileHead, type VerilogBundle } from './emit.js';
import { pinHarness } from './pins.js';
import { asicModules, familyModules, splitMemoryModules } from './variants.js';
import { type YosysFamily, yosysFamilies, yosysScriptLines } from './yosys.js';

/** Devices that the scripts name: the largest common board's of each family. Another one is an edit of one line. */
export const defaultDevices = {
  ice40: { nextpnr: '--hx8k --package ct256', board: 'iCE40-HX8K breakout' },
  ecp5: { nextpnr: '--85k --package CABGA381', board: 'ULX3S 85F' },
  gowin: { nextpnr: '--device GW2AR-LV18QN88C8/I7 --vopt family=GW2A-18C', board: 'Tang Nano 20K' },
  xilinx7: { part: 'xc7z020clg400-1', board: 'Zynq-7020 (PYNQ-Z1)' },
  'ultrascale+': { part: 'xck26-sfvc784-2LV-c', board: 'Kria K26' },
  intel: { family: 'Cyclone V', part: '5CSEBA6U23I7', board: 'DE10-Nano' },
} as const;

/** Constraints and scripts of every tool, and the wrapper that Yosys' flows place. */
export function flowFiles(machine: Machine, bundle: VerilogBundle): readonly BundleFile[] {
  const rtl = bundle.files.map(({ path }) => path);
  return [
    { path: 'constraints/ice40.pcf', text: pcfConstraints(machine) },
    { path: 'constraints/ecp5.lpf', text: lpfConstraints(machine) },
    { path: 'constraints/xilinx.xdc', text: xdcConstraints(machine) },
    { path: 'constraints/systole.sdc', text: sdcConstraints(machine) },
    { path: 'synth/systole_pins.v', text: pinHarness(machine, bundle) },
    ...yosysFamilies.map((family) => ({
      path: `synth/${family}.ys`,
      text: yosysScript(machine, family, rtl),
    })),
    ...modulesIn('split', machine, splitMemoryModules()),
    { path: 'synth/vivado.tcl', text: vivadoScript(machine, rtl) },
    { path: 'synth/quartus.tcl', text: quartusScript(machine, rtl) },
    { path: 'openroad/config.mk', text: openroadConfig(machine, rtl) },
    ...asicFiles(machine),
  ];
}

/** The same mapping as `systole synth` runs: the same counts. */
function yosysScript(machine: Machine, family: YosysFamily, rtl: readonly string[]): string {
  const own = familyModules(machine, family);
  const sources = rtl.map((path) => {
    const name = path.replace(/^rtl\/|\.v$/g, '');
    return own.has(name) ? `split/${name}.v` : path;
  });
  return [
    `${fileHead(machine, '#')}# yosys -s synth/${family}.ys`,
    ...yosysScriptLines(family, {
      sources,
      core: 'rtl/systole_core.v',
      pins: 'synth/systole_pins.v',
      outputs: {
        core: `build/${family}_core.json`,
        netlist: `build/${family}_core.v`,
        pins: `build/${family}.json`,
      },
    }),
    'stat',
    '',
  ].join('\n');
}

function vivadoScript(machine: Machine, rtl: readonly string[]): string {
  const plus = machine.target.kind === 'fpga' && machine.target.family === 'ultrascale+';
  const { part, board } = defaultDevices[plus ? 'ultrascale+' : 'xilinx7'];
  return [
    `${fileHead(machine, '#')}# vivado -mode batch -source synth/vivado.tcl   (out of context: no pins)`,
    `# ${board}`,
    `set part ${part}`,
    'file mkdir build',
    ...rtl.map((path) => `read_verilog ${path}`),
    'read_xdc -mode out_of_context constraints/xilinx.xdc',
    'synth_design -top systole_core -part $part -mode out_of_context',
    'opt_design',
    'place_design',
    'phys_opt_design',
    'route_design',
    'report_utilization -hierarchical -file build/vivado_utilization.rpt',
    'report_timing_summary -file build/vivado_timing.rpt',
    'write_checkpoint -force build/systole_core.dcp',
    '',
  ].join('\n');
}

function quartusScript(machine: Machine, rtl: readonly string[]): string {
  const { family, part, board } = defaultDevices.intel;
  return [
    `${fileHead(machine, '#')}# quartus_sh -t synth/quartus.tcl   (ports are virtual pins)`,
    'package require ::quartus::project',
    'package require ::quartus::flow',
    'file mkdir build/quartus',
    'set here [pwd]',
    'cd build/quartus',
    'project_new systole -overwrite',
    `# ${board}`,
    `set_global_assignment -name FAMILY "${family}"`,
    `set_global_assignment -name DEVICE ${part}`,
    'set_global_assignment -name TOP_LEVEL_ENTITY systole_core',
    'set_global_assignment -name SDC_FILE $here/constraints/systole.sdc',
    ...rtl.map((path) => `set_global_assignment -name VERILOG_FILE $here/${path}`),
    'set_instance_assignment -name VIRTUAL_PIN ON -to *',
    'set_instance_assignment -name VIRTUAL_PIN OFF -to clk_i',
    'execute_flow -compile',
    'project_close',
    '',
  ].join('\n');
}

/** Memories as macros: the wrapper, its behavioural model, and the shapes to make. */
function asicFiles(machine: Machine): readonly BundleFile[] {
  const shapes = { schema: 'systole.memories/1', machine: machine.name, memories: macroShapes(machine) };
  return [
    ...modulesIn('asic', machine, asicModules()),
    { path: 'asic/memories.json', text: `${JSON.stringify(shapes, null, 2)}\n` },
  ];
}

/** Modules of a target as files of its folder. */
function modulesIn(
  folder: string,
  machine: Machine,
  modules: ReadonlyMap<string, string>,
): readonly BundleFile[] {
  return [...modules].map(([name, text]) => ({
    path: `${folder}/${name}.v`,
    text: `${fileHead(machine)}${text}`,
  }));
}

/** The open platform nearest to the machine's node. */
function openroadPlatform(machine: Machine): string {
  const node = machine.target.kind === 'asic' ? machine.target.nodeNanometres : 130;
  if (node <= 16) return 'asap7';
  if (node <= 65) return 'nangate45';
  return 'ihp-sg13g2';
}

/** The Verilog with memories behind the macro wrapper and the array's clock behind the gating cell. */
function withMacros(rtl: readonly string[]): readonly string[] {
  const macros: Readonly<Record<string, readonly string[]>> = {
    'rtl/ram_1r1w.v': ['asic/systole_sram.v', 'asic/ram_1r1w.v'],
    'rtl/clock_gate.v': ['asic/systole_icg.v', 'asic/clock_gate.v'],
  };
  return rtl.flatMap((path) => macros[path] ?? [path]);
}

function openroadConfig(machine: Machine, rtl: readonly string[]): string {
  return [
    `${fileHead(machine, '#')}# In OpenROAD-flow-scripts/flow: make DESIGN_CONFIG=BUNDLE/openroad/config.mk`,
    `export PLATFORM           ?= ${openroadPlatform(machine)}`,
    'export DESIGN_NICKNAME     = systole',
    'export DESIGN_NAME         = systole_core',
    '',
    'BUNDLE := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)',
    'export VERILOG_FILES = \\',
    withMacros(rtl)
      .map((path) => `  $(BUNDLE)/${path}`)
      .join(' \\\n'),
    'export SDC_FILE            = $(BUNDLE)/constraints/systole.sdc',
    `export ABC_CLOCK_PERIOD_IN_PS = ${Math.floor(Number(clockPeriodNanoseconds(machine)) * 1000)}`,
    '',
    '# Memories: replace asic/systole_sram.v (a behavioural model) by the macros of asic/memories.json, and name their',
    '# views in ADDITIONAL_LEFS, ADDITIONAL_LIBS and ADDITIONAL_GDS. As flip-flops they are too large for most machines.',
    '# Clock gate: replace asic/systole_icg.v by the library cell of the platform.',
    '# Processing elements are repeated: keep them as modules, or synthesis takes hours on large arrays.',
    'export SYNTH_HIERARCHICAL  = 1',
    'export CORE_UTILIZATION    = 40',
    'export PLACE_DENSITY       = 0.60',
    '',
  ].join('\n');
}
