/** Energies of single actions, each with node and source. Scaling between nodes: `technology.ts`. */

import type { SourcedNumber } from './provenance.js';

const horowitz = "M. Horowitz, 'Computing's energy problem', ISSCC 2014, Fig. 1.1.9 (45 nm, 0.9 V)";
const aladdin = 'Y. Shao et al., Aladdin, ISCA 2014, as tabulated by the Accelergy library plug-in (40 nm)';

export interface ActionPrice extends SourcedNumber {
  readonly unit: 'pJ/op' | 'pJ/bit' | 'pJ/ns';
  readonly nodeNanometres: number;
}

/** Digital logic. */
export const logicPrices = {
  multiplyInt8: {
    value: 0.2,
    unit: 'pJ/op',
    nodeNanometres: 45,
    source: { citation: horowitz, known: 'recalled' },
  },
  multiplyInt32: {
    value: 3.1,
    unit: 'pJ/op',
    nodeNanometres: 45,
    source: { citation: horowitz, known: 'read' },
  },
  addInt32: { value: 0.1, unit: 'pJ/op', nodeNanometres: 45, source: { citation: horowitz, known: 'read' } },
  registerBit: {
    value: 0.009,
    unit: 'pJ/bit',
    nodeNanometres: 40,
    source: { citation: aladdin, known: 'read' },
  },
  /** Leakage of a 32-bit multiplier of 6350 um2: the density used for all logic. */
  leakage: {
    value: 0.08 / 6350,
    unit: 'pJ/ns',
    nodeNanometres: 40,
    source: { citation: `${aladdin}; per um2 of a 32-bit multiplier`, known: 'derived' },
  },
} as const satisfies Record<string, ActionPrice>;

/** Share of array and vector energy added for the clock tree and wires between blocks: nothing published fits this machine. */
export const clockAndWireShare: SourcedNumber = {
  value: 0.2,
  source: { citation: 'assumption; no published split for this array', known: 'assumed' },
};

/** DRAM, picojoules per bit moved, device and interface. */
export const dramPicojoulesPerBit: Readonly<Record<string, SourcedNumber>> = {
  ddr3: {
    value: 70,
    source: { citation: 'K. Malladi et al., ISCA 2012, at realistic utilisation', known: 'read' },
  },
  ddr4: {
    value: 20.3,
    source: {
      citation: 'N. Jouppi et al., ISCA 2021, Table 2: DDR3/4 1300 pJ per 64 bits',
      known: 'recalled',
    },
  },
  lpddr2: { value: 40, source: { citation: 'K. Malladi et al., ISCA 2012', known: 'read' } },
  lpddr4: {
    value: 8,
    source: { citation: 'CACTI component table of Accelergy (public data)', known: 'read' },
  },
  gddr5: {
    value: 14,
    source: { citation: "M. O'Connor et al., Fine-Grained DRAM, MICRO 2017", known: 'read' },
  },
  hbm2: {
    value: 3.9,
    source: { citation: "M. O'Connor et al., Fine-Grained DRAM, MICRO 2017 (device only)", known: 'read' },
  },
};

/** Average dynamic power of an FPGA against a standard-cell ASIC in the same node, circuits of look-up tables only. */
export const fpgaDynamicPowerRatio: SourcedNumber = {
  value: 14,
  source: {
    citation:
      "I. Kuon, J. Rose, 'Measuring the gap between FPGAs and ASICs', IEEE TCAD 26(2), 2007 (90 nm; smaller with hard blocks)",
    known: 'read',
  },
};

/** Process node of each FPGA family, nanometres: vendors' data sheets. */
export const fpgaNodeNanometres: Readonly<Record<string, SourcedNumber>> = {
  ice40: { value: 40, source: { citation: 'Lattice iCE40 family data sheet', known: 'recalled' } },
  ecp5: { value: 40, source: { citation: 'Lattice ECP5 family data sheet', known: 'recalled' } },
  xilinx7: { value: 28, source: { citation: 'Xilinx DS180, 7 series overview', known: 'recalled' } },
  'ultrascale+': { value: 16, source: { citation: 'Xilinx DS890, UltraScale overview', known: 'recalled' } },
  gowin: { value: 55, source: { citation: 'Gowin GW1N data sheet', known: 'recalled' } },
  intel: { value: 28, source: { citation: 'Intel Cyclone V device overview', known: 'recalled' } },
};
