/** A cell of a mapped core as power is computed of it. */

import type { RegisterClass } from '../../models/activity/index.js';
import type { PartName } from './count.js';

/** Watts of one cell at the flow's clock. */
export interface CellWatts {
  /** Inside the cell with all nets at rest: clock pins. */
  readonly clock: number;
  readonly leakage: number;
  /** Inside the cell, for one transition of its nets a cycle. */
  readonly internal: number;
  /** Charging what its outputs drive, for one transition a cycle. */
  readonly switching: number;
}

/** One bit of a word of the netlist, `u_array.g_row[0].g_col[0].u_pe.sum_q` bit 3. */
export interface NetBitName {
  readonly word: string;
  readonly bit: number;
}

export interface PoweredCell {
  readonly part: PartName;
  /** In the array: the class of register that it is, or works for. */
  readonly register: RegisterClass | undefined;
  readonly flipFlop: boolean;
  readonly nets: readonly NetBitName[];
  readonly watts: CellWatts;
}
