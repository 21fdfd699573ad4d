/**
 * Cuts a transfer into its AXI bursts, as load and store do (docs/microarchitecture.md, section 4): every run is rounded out to
 * whole beats and cut at addresses that are multiples of burstBeats * busBytes. Time is the visitor's business.
 */

import { burstBeats, type Machine, type RowFormat } from '../../models/machine/index.js';
import type { TransferFields } from '../engine/index.js';

/** One burst. Rows carried by its beats: all `middle`, except the first and the last (of one beat: `first`). */
export type BurstVisitor = (beats: number, first: number, middle: number, last: number) => void;

/** Visits the bursts of a transfer in order. Rows of `format.rowsPerBeat` share a beat; longer rows count 1 a beat. */
export function forEachBurst(
  machine: Machine,
  format: RowFormat,
  f: TransferFields,
  visit: BurstVisitor,
): void {
  const run = new RunCutter(machine, format, visit);
  for (let plane = 0; plane < f.planes; plane++) {
    for (let index = 0; index < f.runs; index++) {
      const start = f.dram + plane * f.planeDramStride + index * f.runDramStride;
      run.cut(start, start + f.rows * format.pitch);
    }
  }
}

class RunCutter {
  private readonly busBytes: number;
  private readonly burstBytes: number;

  constructor(
    machine: Machine,
    private readonly format: RowFormat,
    private readonly visit: BurstVisitor,
  ) {
    this.busBytes = machine.bus.bytes;
    this.burstBytes = burstBeats(machine) * this.busBytes;
  }

  /** The bursts of the run that covers bytes [start, end). */
  cut(start: number, end: number): void {
    let at = start - (start % this.busBytes);
    while (at < end) {
      const boundary = at - (at % this.burstBytes) + this.burstBytes;
      const beats = Math.ceil((Math.min(boundary, end) - at) / this.busBytes);
      const lastAt = at + (beats - 1) * this.busBytes;
      this.visit(
        beats,
        this.rowsAt(at, start, end),
        this.format.rowsPerBeat,
        this.rowsAt(lastAt, start, end),
      );
      at += beats * this.busBytes;
    }
  }

  /** Rows of the run in the beat at byte `at`. */
  private rowsAt(at: number, start: number, end: number): number {
    if (this.format.rowsPerBeat === 1) return 1;
    return (Math.min(end, at + this.busBytes) - Math.max(start, at)) / this.format.pitch;
  }
}
