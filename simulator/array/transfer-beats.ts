/** The beats of a transfer in order: how many rows each carries and where bursts end. In: Machine, buffer and fields. */

import type { InstructionOf } from '../../compiler/isa/index.js';
import { type BufferName, bufferRowFormat, burstBeats, type Machine } from '../../models/machine/index.js';

export type TransferFields = InstructionOf<'load'>['fields'] | InstructionOf<'store'>['fields'];

export interface TransferBeats {
  /** Rows that each beat carries. */
  readonly rows: readonly number[];
  /** Beats of each burst. */
  readonly bursts: readonly number[];
}

/** Walks all runs beat by beat. */
export function transferBeats(machine: Machine, buffer: BufferName, f: TransferFields): TransferBeats {
  const rows: number[] = [];
  const bursts: number[] = [];
  const { pitch } = bufferRowFormat(machine, buffer);
  for (let plane = 0; plane < f.planes; plane++) {
    for (let run = 0; run < f.runs; run++) {
      const start = f.dram + plane * f.planeDramStride + run * f.runDramStride;
      walkRun(machine, start, start + f.rows * pitch, (at, last) => {
        rows.push(rowsInBeat(machine, buffer, at, start, start + f.rows * pitch));
        bursts.push((bursts.pop() ?? 0) + 1);
        if (last) bursts.push(0);
      });
    }
  }
  bursts.pop();
  return { rows, bursts };
}

/** Visits the beats over bytes [start, end); `last` at the end of a burst: at a burst boundary or at the end of the run. */
function walkRun(
  machine: Machine,
  start: number,
  end: number,
  visit: (at: number, last: boolean) => void,
): void {
  const { bytes } = machine.bus;
  const boundary = burstBeats(machine) * bytes;
  for (let at = start - (start % bytes); at < end; at += bytes) {
    visit(at, (at + bytes) % boundary === 0 || at + bytes >= end);
  }
}

/** Rows of a run that lie in the beat at byte `at`; 1 where a row fills a beat or more. */
function rowsInBeat(machine: Machine, buffer: BufferName, at: number, start: number, end: number): number {
  const { rowsPerBeat, pitch } = bufferRowFormat(machine, buffer);
  if (rowsPerBeat === 1) return 1;
  return (Math.min(end, at + machine.bus.bytes) - Math.max(start, at)) / pitch;
}
