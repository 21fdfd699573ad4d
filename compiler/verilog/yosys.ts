/**
 * How Yosys maps a core to an FPGA family: the one statement of it, for the scripts of a bundle and for `systole synth`. In: a
 * family, file names. Out: lines of a Yosys script.
 */

import { assertNever } from '../../base/index.js';

/** Families that Yosys maps to. Xilinx and Intel end in counts: their place and route is the vendor's. */
export const yosysFamilies = ['ice40', 'ecp5', 'gowin', 'xilinx', 'intel'] as const;
export type YosysFamily = (typeof yosysFamilies)[number];

const CORE = 'systole_core';
/** The core between its shift registers. */
const PINS = 'systole_pins';

/**
 * `synth_gowin` without its last step but one, `autoname`: in multipliers made of LUTs names become as long as paths, which took minutes and gigabytes
 * where lanes have multipliers of 32 bits.
 */
function gowinMapping(command: string): string {
  return [
    `${command} -run begin:map_cells`,
    'techmap -map +/gowin/cells_map.v',
    'opt_lut_ins -tech gowin',
    'setundef -undriven -params -zero',
    'hilomap -singleton -hicell VCC V -locell GND G',
    'clean',
    `${command} -run check:vout`,
  ].join('\n');
}

/** Yosys' mapping commands of a family, for a top. */
export function yosysMapping(family: YosysFamily, top: string): string {
  switch (family) {
    case 'ice40':
      // Without -dsp: Yosys 0.55 drops multipliers of flattened multiply-add chains there.
      return `synth_ice40 -top ${top}`;
    case 'ecp5':
      return `synth_ecp5 -top ${top}`;
    case 'gowin':
      return gowinMapping(`synth_gowin -family gw2a -noiopads -top ${top}`);
    case 'xilinx':
      return `synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -top ${top}`;
    case 'intel':
      return `synth_intel_alm -family cyclonev -noiopad -noclkbuf -top ${top}`;
    default:
      return assertNever(family);
  }
}

/**
 * Modules that stay: what is repeated is mapped once, and areas are told by it. The rest becomes one module, where fields and
 * addresses lose the bits that this machine has no use for. (Yosys writes `$paramod$HASH\\pe` or `$paramod\\pe\\PARAMETER=...`.)
 */
const KEPT = ['pe', 'pe_array', 'pe_os', 'pe_array_os', 'vector_lane', 'requantizer'].flatMap((name) => [
  `*?${name}`,
  `*paramod?${name}?*`,
]);

/** Marks them. Small cores (iCE40) are placed as one: nothing is kept there, and primitives that the core names are known only later. */
function keptModules(family: YosysFamily): readonly string[] {
  if (family === 'ice40') return [];
  return [`hierarchy -check -top ${CORE}`, `setattr -mod -set keep_hierarchy 1 ${KEPT.join(' ')}`];
}

export interface YosysFiles {
  /** Verilog of the core, `core` among them the file of `systole_core` itself. */
  readonly sources: readonly string[];
  readonly core: string;
  /** `systole_pins`; left out: the core alone is mapped. */
  readonly pins?: string;
  /** What is written: the mapped core as JSON and Verilog, and the core between its shift registers as JSON. */
  readonly outputs: { readonly core: string; readonly netlist: string; readonly pins: string };
}

/** The core is mapped alone, written out for simulation, and then put between its shift registers, untouched, for routing. */
export function yosysScriptLines(family: YosysFamily, files: YosysFiles): readonly string[] {
  const { sources, core, pins, outputs } = files;
  return [
    `read_verilog ${sources.join(' ')}`,
    ...keptModules(family),
    yosysMapping(family, CORE),
    'delete t:$scopeinfo',
    'check -assert -mapped',
    `write_json ${outputs.core}`,
    `write_verilog -noattr ${outputs.netlist}`,
    ...(pins === undefined
      ? []
      : [
          'design -save mapped',
          'design -reset',
          `read_verilog -lib ${core}`,
          `read_verilog ${pins}`,
          yosysMapping(family, PINS),
          `delete =${CORE}`,
          'design -copy-from mapped *',
          `hierarchy -top ${PINS}`,
          'flatten',
          'opt_clean',
          'delete t:$scopeinfo',
          `write_json ${outputs.pins}`,
        ]),
  ];
}
