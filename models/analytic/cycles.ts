/**
 * Closed-form cycles of one instruction on a Machine, for choosing between schedules. In: counts. Out: cycles. Streaming
 * parts are the formulas of docs/microarchitecture.md section 3; fixed latencies of pipelines are close estimates (the exact constants
 * belong to the timing engine, which models may not import): they decide between tilings, they are never reported.
 */

import {
  type BufferName,
  bufferRowFormat,
  burstBeats,
  type Machine,
  type RowFormat,
} from '../machine/index.js';

/** Cycles from accept to the first vector in the array, beside R + C. */
const MATMUL_LATENCY = 6;
/** Depth of the vector lanes' pipeline. */
const VECTOR_LATENCY = 10;
/** Cycles from accept to the first burst address. */
const TRANSFER_LATENCY = 4;

/** Cycles between the starts of consecutive weight tiles: max(M, R, 2). */
export function tilePeriod(machine: Machine, vectors: number): number {
  return Math.max(vectors, machine.array.rows, 2);
}

/** A matmul of `tiles` weight tiles over `vectors` pixels. */
export function matmulCycles(machine: Machine, tiles: number, vectors: number): number {
  const { rows, columns } = machine.array;
  return MATMUL_LATENCY + (tiles - 1) * tilePeriod(machine, vectors) + vectors + rows + columns;
}

/** A vector instruction of `slices` slice-cycles. */
export function vectorCycles(slices: number): number {
  return VECTOR_LATENCY + slices;
}

/** A transfer: `runs` runs (all planes together) of `rows` contiguous rows. */
export interface Transfer {
  readonly rows: number;
  readonly runs: number;
}

/** Cycles that the bus or the buffer port needs to move the rows of a transfer, without latency. */
export function transferBusCycles(machine: Machine, format: RowFormat, { rows, runs }: Transfer): number {
  const beats = Math.ceil(rows / format.rowsPerBeat) * format.beatsPerRow;
  const bursts = Math.ceil(beats / burstBeats(machine));
  return runs * Math.max(beats * machine.memory.cyclesPerBeat, rows, bursts);
}

/** A load of a transfer into `buffer`, alone on an idle bus. */
export function loadCycles(machine: Machine, buffer: BufferName, transfer: Transfer): number {
  const format = bufferRowFormat(machine, buffer);
  return TRANSFER_LATENCY + machine.memory.readLatency + transferBusCycles(machine, format, transfer);
}

/** A store of a transfer from act, alone on an idle bus. */
export function storeCycles(machine: Machine, transfer: Transfer): number {
  const format = bufferRowFormat(machine, 'act');
  return TRANSFER_LATENCY + machine.memory.writeLatency + transferBusCycles(machine, format, transfer);
}
