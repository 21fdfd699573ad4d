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

export type SynthesisTarget = 'ice40' | 'ecp5' | 'xilinx' | 'gowin' | 'intel' | 'asic';

/** A module that a machine repeats, mapped alone; `lane` without its requantiser. */
export interface ModulePoint {
  readonly flow: SynthesisTarget;
  readonly module: 'pe' | 'lane' | 'requantizer';
  readonly parameters: Readonly<Record<string, number>>;
  readonly counts: MappedCounts;
}

/** A whole core, mapped as `systole synth` maps it. */
export interface CorePoint {
  readonly flow: SynthesisTarget;
  /** Name and sizes, as a machine file states them. */
  readonly machine: unknown;
  /** Not fitted on. */
  readonly held: boolean;
  readonly counts: MappedCounts;
  /** ASIC: the worst path to registers of each part, ns. */
  readonly nanoseconds?: {
    readonly pe: number;
    readonly requantizer: number;
    readonly lane: number;
    readonly control: number;
  };
}

export const synthesisProvenance: Provenance = {
  citation:
    'Yosys 0.55 (and OpenSTA without wires) on the Verilog of this repository, by test/area/record.ts; asic: IHP sg13g2, typical corner',
  known: 'measured',
};

/** Library of the asic rows, by the name in its Liberty file. */
export const measuredLibrary = 'sg13g2_stdcell_typ_1p20V_25C';
