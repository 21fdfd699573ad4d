/**
 * What the matmul datapath needs of the processing elements: edges shown ahead of time, cycles run, sums taken. Two models give it:
 * `PeArray` (WebAssembly) for int8 PEs with one multiplier stage, `PlainPeArray` for every machine.
 */

import type { ElementArray } from '../../base/index.js';
import type { Toggles } from '../../models/activity/index.js';

/** Registers of a PE: activation, product, partial sum, weight, write enable. */
export type PePlane = 'a' | 'm' | 'p' | 'w' | 'we';

export interface ArrayModel {
  /** Before an instruction: edges that showed nothing new for R cycles. @param acc its accumulator rows. */
  begin(acc: Int32Array): void;
  /** The first `rows` accumulator rows. */
  accumulators(rows: number): Int32Array;
  /** Readies empty edges for the next `wanted` cycles. @returns for how many there is room, at least one. */
  prepare(wanted: number): number;
  /** The west edge shows nothing new `ahead` cycles from now. */
  holdAct(ahead: number): void;
  /** Shows R lanes of `source` at the west edge `ahead` cycles from now. */
  showAct(ahead: number, source: ElementArray, from: number): void;
  /** Shows C lanes of `source` as weight row `row` `ahead` cycles from now; rows of a tile follow one another. */
  showWeight(ahead: number, row: number, source: ElementArray, from: number): void;
  /** Moves every register through the next `count` prepared cycles. */
  run(count: number): void;
  /** Adds the sums valid in the cycle `behind` cycles back, and those of the next `rows - 1` cycles, to accumulator rows from `to` on. */
  accumulate(to: number, behind: number, rows: number): void;
  /**
   * A register of PE(row, column), signed; `we` is 0 or -1, `m` the last product register (never asked for where a PE has none).
   * Undefined where no result depends on it.
   */
  register(plane: PePlane, row: number, column: number): number | undefined;
  /** Toggles since this was last asked; undefined where nobody counts. Exact when the array is at rest, as after an instruction. */
  takeToggles(): Toggles | undefined;
}
