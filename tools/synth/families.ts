/**
 * FPGA families as Yosys maps them: which cells are what, what places and routes them, and what their primitives do
 * (for simulating the netlist). One row a family; adding one edits this table alone.
 */

import type { FpgaFlow } from '../report/index.js';
import { gowinModels } from './gowin-primitives.js';
import { ecp5Models, ice40Models, intelModels, xilinxModels } from './primitives.js';

/** Kinds of resources that every family has, by the names of their cells. */
export interface ResourceCells {
  /** Carry cells among them where one takes a LUT's place (it cannot be a LUT as well). */
  readonly luts: RegExp;
  readonly flipFlops: RegExp;
  readonly carries: RegExp;
  readonly dsps: RegExp;
  readonly blockRams: RegExp;
  /** Memory made of logic cells. */
  readonly distributedRams: RegExp;
}

export interface Family {
  readonly flow: FpgaFlow;
  /** The device that reports name. */
  readonly device: string;
  readonly cells: ResourceCells;
  /** Verilog of the primitives: files of Yosys' own (`+/`), then texts of ours for those that it has as black boxes only. */
  readonly library: readonly string[];
  readonly models: string;
  /** Places of its kind that a cell takes, by its name, where it is not one: LUTs, or multipliers of the size that data sheets count. */
  readonly places: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

const none = /^$/;
/** RAM16S1 to RAM16SDP4: four LUTs each. */
const gowinRams = Object.fromEntries(
  ['S', 'SDP'].flatMap((kind) => [1, 2, 4].map((bits) => [`RAM16${kind}${bits}`, 4])),
);

export const families: Readonly<Record<FpgaFlow, Family>> = {
  ice40: {
    flow: 'ice40',
    device: 'iCE40',
    cells: {
      luts: /^SB_LUT4$/,
      flipFlops: /^SB_DFF/,
      carries: /^SB_CARRY$/,
      dsps: /^SB_MAC16$/,
      blockRams: /^(SB_RAM40_4K|SB_SPRAM256KA)/,
      distributedRams: none,
    },
    library: [],
    models: ice40Models,
    places: {},
    notes: [],
  },
  ecp5: {
    flow: 'ecp5',
    device: 'ECP5',
    cells: {
      luts: /^(LUT4|TRELLIS_COMB|CCU2C)$/,
      flipFlops: /^(TRELLIS_FF|FD1)/,
      carries: /^CCU2C$/,
      dsps: /^MULT18X18D$/,
      blockRams: /^(DP16KD|PDPW16KD)$/,
      distributedRams: /^TRELLIS_DPR16X4$/,
    },
    library: ['+/ecp5/cells_sim.v'],
    models: ecp5Models,
    // A CCU2C is a slice of two LUTs.
    places: { CCU2C: 2, TRELLIS_DPR16X4: 4 },
    notes: [],
  },
  xilinx: {
    flow: 'xilinx',
    device: 'Xilinx 7-series',
    cells: {
      luts: /^(LUT[1-6]|INV)$/,
      flipFlops: /^FD[RSCP]E(_1)?$/,
      carries: /^CARRY4$/,
      dsps: /^DSP48E1$/,
      blockRams: /^RAMB(18|36)E1$/,
      distributedRams: /^(RAM\d+X\d+[SDMQ]|RAM\d+M|SRL\w+)/,
    },
    library: ['+/xilinx/cells_sim.v'],
    models: xilinxModels,
    // LUTs of a SLICEM that a memory takes.
    places: { RAM32X1D: 2, RAM32M: 4, RAM64X1D: 2, RAM64M: 4, RAM128X1D: 4 },
    notes: [],
  },
  gowin: {
    flow: 'gowin',
    device: 'Gowin GW2A',
    cells: {
      // An ALU is a LUT in another mode.
      luts: /^(LUT[1-4]|ALU)$/,
      flipFlops: /^DFF/,
      carries: /^ALU$/,
      dsps: /^MULT/,
      blockRams: /^(SP|SDP|SDPX9|DP|DPX9)B?$/,
      distributedRams: /^RAM16S(DP)?\d$/,
    },
    library: ['+/gowin/cells_sim.v'],
    models: gowinModels,
    // Two MULT9X9 take the place of a MULT18X18, the size that parts are stated in.
    places: { ...gowinRams, MULT9X9: 0.5 },
    notes: ['DSPs are multipliers of 18 x 18: two of 9 x 9 count as one'],
  },
  intel: {
    flow: 'intel',
    device: 'Intel Cyclone V',
    cells: {
      luts: /^MISTRAL_(ALUT[2-6]|ALUT_ARITH|NOT|BUF)$/,
      flipFlops: /^MISTRAL_FF$/,
      carries: /^MISTRAL_ALUT_ARITH$/,
      dsps: /^MISTRAL_MUL/,
      blockRams: /^MISTRAL_M10K$/,
      distributedRams: /^MISTRAL_MLAB$/,
    },
    library: ['+/intel_alm/common/alm_sim.v', '+/intel_alm/common/dff_sim.v', '+/intel_alm/common/dsp_sim.v'],
    models: intelModels,
    places: {},
    notes: [],
  },
};
