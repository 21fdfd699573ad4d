/** What a flow is asked for and what it hands back. */

import type { Toggles } from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { SynthesisFlow, SynthesisRecord } from '../report/index.js';
import type { PoweredCell } from './powered-cell.js';

/** Verilog of a mapped netlist with models of its cells: what the RTL engine simulates. */
export interface NetlistSources {
  readonly top: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/**
 * How often nets change. `mean`: transitions of a net a cycle, over the nets that are not clocks; from the array engine's
 * toggle counts, say. `basis` tells where it is from.
 */
export interface SwitchingActivity {
  readonly mean: number;
  readonly basis: string;
  /** Of the array's registers in `cycles` cycles; then the power of each cell is asked for as well. */
  readonly toggles?: { readonly counts: Toggles; readonly cycles: number };
}

export interface SynthesisRequest {
  readonly machine: Machine;
  readonly flow: SynthesisFlow;
  /** Existing folder for scripts, netlists, reports and logs; steps whose inputs did not change are kept. */
  readonly folder: string;
  /** ASIC: a Liberty text, its name for messages. */
  readonly liberty?: { readonly name: string; readonly text: string };
  /** ASIC: clock that power is stated at and mapping aims for; default the machine's. */
  readonly megahertz?: number;
  readonly activity?: SwitchingActivity;
  /** FPGA: device name of the place-and-route tool; default the family's. */
  readonly device?: string;
  /** FPGA: leave out place-and-route. */
  readonly mapOnly?: boolean;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

export interface SynthesisResult {
  /** Without its `netlist` check, which needs an engine. */
  readonly record: SynthesisRecord;
  readonly netlist: NetlistSources;
  /** What every cell draws, for power at activities of their own; null without OpenSTA or without toggles. */
  readonly cells: readonly PoweredCell[] | null;
}
