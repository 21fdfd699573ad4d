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

/** Row format of a buffer on a machine: act R activations, wgt C weights, par 9 V bytes, lut 1 byte. */
export function bufferRowFormat(machine: Machine, buffer: BufferName): RowFormat {
  return rowFormat(bufferRowBytes(machine, buffer), machine.bus.bytes);
}

/** Bytes of a row; elements of 4 bits lie two to a byte, the first one in the low half, and a last odd one leaves the high half 0. */
export function bufferRowBytes(machine: Machine, buffer: BufferName): number {
  const { activationBits, weightBits } = machine.elements;
  switch (buffer) {
    case 'act':
      return ceilDivide(machine.array.rows * activationBits, 8);
    case 'wgt':
      return ceilDivide(machine.array.columns * weightBits, 8);
    case 'par':
      return PARAMETER_BYTES * machine.vector.lanes;
    case 'lut':
      return 1;
  }
}

/** Rows that one address range of a buffer spans: one bank of act, all of the others (both halves of wgt where it has two). */
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

/** Element types that a machine computes with. */
export type MachineElement = 'int4' | 'int8' | 'int16';

export function activationElement(machine: Machine): MachineElement {
  return `int${machine.elements.activationBits}`;
}

export function weightElement(machine: Machine): MachineElement {
  return `int${machine.elements.weightBits}`;
}

/** Bits that hold every column sum: activation + weight bits + ceil(log2 R). */
export function columnSumBits(machine: Machine): number {
  return machine.elements.activationBits + machine.elements.weightBits + bitsFor(machine.array.rows);
}

/** Width of a partial sum inside the array: no wider than acc, where sums wrap anyway, and as wide where sums rest in the array. */
export function partialSumBits(machine: Machine): number {
  if (machine.array.dataflow === 'output-stationary') return machine.elements.accumulatorBits;
  return Math.min(columnSumBits(machine), machine.elements.accumulatorBits);
}

/**
 * Steps of the 8-bit constants in instructions that state activations: the bounds of the output stage and the value of fill. Of elements with
 * more than 8 bits they are the high ones: a lower bound or fill value n means n * step, an upper bound n * step + step - 1.
 */
export function constantStep(machine: Machine): number {
  return 2 ** Math.max(0, machine.elements.activationBits - 8);
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
