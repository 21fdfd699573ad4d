/** FPGAs that a space can say machines must fit, by what the area model counts. Sources: the vendors' data sheets named in each row. */

import type { Machine } from '../../models/machine/index.js';

export interface FpgaPart {
  readonly name: string;
  readonly family: Extract<Machine['target'], { kind: 'fpga' }>['family'];
  readonly luts: number;
  readonly flipFlops: number;
  readonly dsps: number;
  readonly blockRams: number;
  readonly source: string;
}

export const fpgaParts: readonly FpgaPart[] = [
  {
    name: 'up5k',
    family: 'ice40',
    luts: 5280,
    flipFlops: 5280,
    dsps: 8,
    blockRams: 30,
    source: 'Lattice FPGA-DS-02008, iCE40 UltraPlus',
  },
  {
    name: 'hx8k',
    family: 'ice40',
    luts: 7680,
    flipFlops: 7680,
    dsps: 0,
    blockRams: 32,
    source: 'Lattice FPGA-DS-02029, iCE40 LP/HX',
  },
  {
    name: 'ecp5-85',
    family: 'ecp5',
    luts: 83640,
    flipFlops: 83640,
    dsps: 156,
    blockRams: 208,
    source: 'Lattice FPGA-DS-02012, ECP5',
  },
  {
    name: 'zynq-7020',
    family: 'xilinx7',
    luts: 53200,
    flipFlops: 106400,
    dsps: 220,
    blockRams: 140,
    source: 'Xilinx DS190, Zynq-7000 (blocks of 36 Kbit; one that is used as 18 Kbit counts whole)',
  },
  {
    name: 'zynq-7030',
    family: 'xilinx7',
    luts: 78600,
    flipFlops: 157200,
    dsps: 400,
    blockRams: 265,
    source: 'Xilinx DS190, Zynq-7000 (blocks of 36 Kbit; one that is used as 18 Kbit counts whole)',
  },
  {
    name: 'gw1nr-9',
    family: 'gowin',
    luts: 8640,
    flipFlops: 6480,
    dsps: 20,
    blockRams: 26,
    source: 'Gowin DS117, GW1NR (multipliers of 18 x 18)',
  },
  {
    name: 'cyclone-v-a6',
    family: 'intel',
    luts: 83820,
    flipFlops: 167640,
    dsps: 224,
    blockRams: 553,
    source: 'Intel CV-51001, Cyclone V SE A6 (41,910 ALMs of two ALUTs, 112 DSP blocks of two 18 x 18, M10K)',
  },
  {
    name: 'kria-k26',
    family: 'ultrascale+',
    luts: 117120,
    flipFlops: 234240,
    dsps: 1248,
    blockRams: 144,
    source: 'Xilinx DS987, Kria K26 (64 UltraRAMs not counted)',
  },
];
