/**
 * How Yosys maps a core to an FPGA family: the one statement of it, for the scripts of a bundle and for `systole synth`. In: a
 * family, file names. Out: lines of a Yosys script.
 */

import { assertNever } from '../../base/index.js';
import { variantTemplates } from './templates.generated.js';

/** Families that Yosys maps to. Xilinx and Intel end in counts: their place and route is the vendor's. */
export const yosysFamilies = ['ice40', 'ecp5', 'gowin', 'xilinx', 'intel'] as const;
export type YosysFamily = (typeof yosysFamilies)[number];

const CORE = 'systole_core';
/** The core between its shift registers. */
const PINS = 'systole_pins';

/** Rounds of mul2dsp.v, wide products first: widths of the multiplier, and the narrowest operands that are worth one. */
const gowinMultipliers = [
  { name: 'GOWIN_MUL18X18', bits: 18, least: [10, 4] },
  { name: 'GOWIN_MUL9X9', bits: 9, least: [4, 4] },
] as const;

/**
 * `synth_gowin` with products in the multipliers of the DSP blocks, which Yosys 0.55 does not infer: the passes that stand before mul2dsp.v in
 * its mappings of other families, then the rules of hdl-templates/gowin. And without its last step but one, `autoname`: in multipliers made of LUTs
 * names become as long as paths, which took minutes and gigabytes where lanes have multipliers of 32 bits.
 */
function gowinMapping(command: string): string {
  return [
    'design -push',
    `read_verilog <<END_OF_RULES\n${variantTemplates.get('gowin/multipliers.v')!.trimEnd()}\nEND_OF_RULES`,
    'design -stash multipliers',
    'design -pop',
    `${command} -run begin:coarse`,
    'opt_expr',
    'opt_clean',
    'opt -nodffe -nosdff',
    'wreduce',
    'peepopt',
    'opt_clean',
    ...gowinMultipliers.flatMap(({ name, bits, least: [wide, narrow] }) => [
      `techmap -map +/mul2dsp.v -map %multipliers -D DSP_A_MAXWIDTH=${bits} -D DSP_B_MAXWIDTH=${bits} -D DSP_A_MINWIDTH=${wide} -D DSP_B_MINWIDTH=${narrow} -D DSP_NAME=$__${name}`,
      'chtype -set $mul t:$__soft_mul',
    ]),
    `${command} -run coarse:map_cells`,
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
