/** Rows of the table of synthesised modules and cores (`synthesis-points.ts`), and where they are from. */

import type { Provenance } from './provenance.js';

/** What a flow counts. FPGA: LUTs (those that are memory or carries included), flip-flops, DSPs, block RAMs. ASIC: cell area. */
export interface MappedCounts {
  readonly luts?: number;
  readonly flipFlops?: number;
  readonly dsps?: number;
  readonly blockRams?: number;
  readonly squareMicrometres?: number;
}
export type CountName = keyof MappedCounts;

export const fpgaTargets = ['ice40', 'ecp5', 'xilinx', 'gowin', 'intel'] as const;
export type FpgaTarget = (typeof fpgaTargets)[number];

/** Cell libraries that were measured, by the name in their Liberty files. */
export const measuredLibraries = {
  sg13g2: 'sg13g2_stdcell_typ_1p20V_25C',
  sky130: 'sky130_fd_sc_hd__tt_025C_1v80',
  asap7: 'asap7sc7p5t_SIMPLE_RVT_TT_nldm_211120',
} as const;
export type LibraryTarget = keyof typeof measuredLibraries;
export const libraryTargets = Object.keys(measuredLibraries) as readonly LibraryTarget[];

/** A flow, and for ASICs a library: what one model is fitted for. */
export type SynthesisTarget = FpgaTarget | LibraryTarget;

export function isLibrary(target: SynthesisTarget): target is LibraryTarget {
  return target in measuredLibraries;
}

/** A module that a machine repeats, mapped alone; `lane` without its requantiser. */
export interface ModulePoint {
  readonly flow: SynthesisTarget;
  readonly module: 'pe' | 'lane' | 'requantizer';
  readonly parameters: Readonly<Record<string, number>>;
  readonly counts: MappedCounts;
  /** Of what was mapped and how (`test/area/record.ts`): while it is today's, the row is. */
  readonly hash: string;
}

/** Worst path to the registers of each part, ns. */
export interface PartDelays {
  readonly pe: number;
  readonly requantizer: number;
  readonly lane: number;
  readonly control: number;
}

/** Watts at 100 MHz: leakage; clock and registers at rest; and per transition that every net makes a cycle. Linear, as OpenSTA states it. */
export interface PointPower {
  readonly leakage: number;
  readonly rest: number;
  readonly transition: number;
}

/** A whole core, mapped as `systole synth` maps it. */
export interface CorePoint {
  readonly flow: SynthesisTarget;
  /** Name and sizes, as a machine file states them. */
  readonly machine: unknown;
  /** Not fitted on. */
  readonly held: boolean;
  readonly counts: MappedCounts;
  readonly hash: string;
  /** ASIC, by OpenSTA without wires. */
  readonly nanoseconds?: PartDelays;
  readonly power?: PointPower;
  /** FPGA, where a place-and-route tool is at hand: device, seed, clock, and logic cells between its shift registers. */
  readonly routed?: {
    readonly device: string;
    readonly seed: number;
    readonly megahertz: number;
    readonly logicCells: number;
  };
}

export const synthesisProvenance: Provenance = {
  citation:
    'Yosys 0.55 (nextpnr-ice40 0.8, OpenSTA without wires) on the Verilog of this repository, by test/area/record.ts; typical corners',
  known: 'measured',
};
