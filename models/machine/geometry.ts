/**
 * Sizes derived from a Machine that more than one layer needs, each defined once. Row formats in DRAM: a buffer row of
 * `rowBytes` occupies `pitch` bytes, so that rows and bus beats always divide one another:
 *
 *     rowBytes >= busBytes : pitch = rowBytes rounded up to a multiple of busBytes   (beatsPerRow >= 1)
 *     rowBytes <  busBytes : pitch = next power of two >= rowBytes                   (rowsPerBeat >= 2 or 1)
 */

import { bitsFor, ceilDivide } from '../../base/index.js';
import type { Machine } from './machine.js';

/** The on-chip buffers that DRAM rows move to and from. */
export type BufferName = 'act' | 'wgt' | 'par' | 'lut';

/** Bytes of one parameter entry: int32 bias, uint32 multiplier, uint8 shift, little-endian. */
export const PARAMETER_BYTES = 9;
/** Two tables of 256 one-byte entries; one row is one entry. */
export const LOOKUP_ROWS = 512;
/** AXI bursts never cross this boundary. */
export const BURST_BOUNDARY_BYTES = 4096;
/** Bytes of an instruction word. */
export const INSTRUCTION_BYTES = 32;
/** Instructions per fetch burst, and capacity of the fetch unit's buffer in instructions. */
export const FETCH_BURST_INSTRUCTIONS = 4;
export const FETCH_BUFFER_INSTRUCTIONS = 8;

export interface RowFormat {
  readonly rowBytes: number;
  /** Distance of consecutive rows in DRAM, bytes. */
  readonly pitch: number;
  /** Beats that carry one row (1 when several rows share a beat). */
  readonly beatsPerRow: number;
  /** Rows in one beat (1 when a row needs one or more beats). */
  readonly rowsPerBeat: number;
}

export function rowFormat(rowBytes: number, busBytes: number): RowFormat {
  if (rowBytes >= busBytes) {
    const beatsPerRow = ceilDivide(rowBytes, busBytes);
    return { rowBytes, pitch: beatsPerRow * busBytes, beatsPerRow, rowsPerBeat: 1 };
  }
  const pitch = 2 ** bitsFor(rowBytes);
  return { rowBytes, pitch, beatsPerRow: 1, rowsPerBeat: busBytes / pitch };
}

/** Row format of a buffer on a machine: act R bytes, wgt C bytes, par 9 V bytes, lut 1 byte. */
export function bufferRowFormat(machine: Machine, buffer: BufferName): RowFormat {
  return rowFormat(bufferRowBytes(machine, buffer), machine.bus.bytes);
}

export function bufferRowBytes(machine: Machine, buffer: BufferName): number {
  switch (buffer) {
    case 'act':
      return machine.array.rows;
    case 'wgt':
      return machine.array.columns;
    case 'par':
      return PARAMETER_BYTES * machine.vector.lanes;
    case 'lut':
      return 1;
  }
}

/** Rows of one bank of a buffer (act has several banks; the others one). */
export function bufferBankRows(machine: Machine, buffer: BufferName): number {
  switch (buffer) {
    case 'act':
      return machine.buffers.activation.rowsPerBank;
    case 'wgt':
      return machine.buffers.weight.rows;
    case 'par':
      return machine.buffers.parameter.rows;
    case 'lut':
      return LOOKUP_ROWS;
  }
}

/** Width of a partial sum inside the array: activation + weight bits + ceil(log2 R). */
export function partialSumBits(machine: Machine): number {
  return machine.elements.activationBits + machine.elements.weightBits + bitsFor(machine.array.rows);
}

/** Cycles from an act row at the west edge to its aligned column sums. */
export function waveCycles(machine: Machine): number {
  const { rows, columns, multiplierStages } = machine.array;
  return rows + columns - 1 + multiplierStages;
}

/** Beats of a full-length burst: the machine's limit, never more than the 4 KiB boundary allows. */
export function burstBeats(machine: Machine): number {
  return Math.min(machine.bus.maximumBurstBeats, BURST_BOUNDARY_BYTES / machine.bus.bytes);
}
