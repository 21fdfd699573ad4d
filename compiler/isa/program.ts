/** Instructions and programs: all that an engine sees. */

import type { ElementType } from '../../base/index.js';
import type { FieldName, Mnemonic, UnitName } from './table.js';

/** One decoded instruction. Masks as in the table; every field of the mnemonic is present, as a plain number. */
export type InstructionOf<M extends Mnemonic> = {
  readonly [K in M]: {
    readonly mnemonic: K;
    /** Bit p set: take one from semaphore (unit p -> this unit) before starting. */
    readonly wait: number;
    /** Bit c set: add one to semaphore (this unit -> unit c) on completion. */
    readonly signal: number;
    readonly fields: Readonly<Record<FieldName<K>, number>>;
  };
}[M];
export type Instruction = InstructionOf<Mnemonic>;

/** act row address: bank in bits 19:16, row in bits 15:0. */
export const actAddress = (bank: number, row: number): number => bank * 65536 + row;
export const actBank = (address: number): number => address >>> 16;
export const actRow = (address: number): number => address & 0xffff;
/** acc row address: bank in bit 15, row in bits 14:0. */
export const accAddress = (bank: number, row: number): number => bank * 32768 + row;
export const accBank = (address: number): number => address >>> 15;
export const accRow = (address: number): number => address & 0x7fff;

/**
 * An activation tensor in DRAM: channel-blocked rows. Element (n, c, y, x) of an N x C x H x W tensor is element c % R of the row at
 *
 *     address + (((n * blocks + floor(c / R)) * H + y) * W + x) * pitch      blocks = ceil(C / R)
 *
 * where R is the array's rows and `pitch` the act row pitch; int8 elements are bytes, others lie as `base/packing` says. Lanes past the last channel hold unspecified bytes.
 * Vectors [N, K] are C = K, H = W = 1.
 *
 * With `exchanged`, pixels and channels have changed places: element (n, c, y, x) is element p % R, p = (n * H + y) * W + x, of the row at
 *
 *     address + (floor(p / R) * rows + c) * pitch      rows = ceil(C / R) * R
 *
 * as an array takes activations in the weights' place (input-stationary). Rows past the last channel hold unspecified bytes too.
 */
export interface BlockedLayout {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Lanes per row: R. */
  readonly lanes: number;
  readonly pitch: number;
  /** Bits of an element: 4, 8 or 16. */
  readonly bits: number;
  /** Rows are channels and lanes are pixels. */
  readonly exchanged?: true;
}

export type SegmentKind = 'input' | 'output' | 'tensor' | 'weights' | 'parameters' | 'table';

/** A named piece of DRAM. Addresses are relative to the data base, which an engine or driver adds. */
export interface DramSegment {
  readonly name: string;
  readonly kind: SegmentKind;
  /** Byte address, a multiple of 4096. */
  readonly address: number;
  readonly bytes: number;
  /** Present for activation tensors (input, output, tensor): how elements lie in it. */
  readonly layout?: BlockedLayout;
  /** Graph value that it holds, where it holds one. */
  readonly value?: string;
  readonly element?: ElementType;
  /** Initial contents (weights, parameters, tables); absent for tensors that the run writes. */
  readonly data?: Uint8Array;
}

/**
 * Where a layer's result lies in act, when it is not stored: pixel (y, x) of channel block b of picture n is the row at
 * `address + n * pictureRows + b * blockRows + y * pitch + x` (all in one bank), in the lanes of its segment's layout.
 */
export interface KeptResult {
  /** act row address ({@link actAddress}) of the first pixel. */
  readonly address: number;
  /** Rows from line to line. */
  readonly pitch: number;
  /** Rows from channel block to channel block. */
  readonly blockRows: number;
  /** Rows from picture to picture. */
  readonly pictureRows: number;
}

/** A layer of the source network; instructions refer to it by index. */
export interface ProgramLayer {
  readonly name: string;
  /** Graph node and operator that it came from. */
  readonly node: string;
  readonly operator: string;
  /** MACs of the network that this layer computes (law 4). */
  readonly macs: number;
  /** Graph value that it produces and the DRAM segment that holds it when the layer is done. */
  readonly output: string;
  /** Where the result lies instead, when the program does not store it; its segment then states its layout only. */
  readonly kept?: KeptResult;
}

export interface Program {
  readonly name: string;
  /** Name of the Machine it was made for. */
  readonly machine: string;
  readonly instructions: readonly Instruction[];
  /** Encoded instructions, 32 bytes each. */
  readonly words: Uint8Array;
  readonly segments: readonly DramSegment[];
  /** Byte address of instruction 0 in DRAM, a multiple of 4096. */
  readonly programAddress: number;
  /** Bytes of DRAM that the program needs, from address 0. */
  readonly dramBytes: number;
  readonly layers: readonly ProgramLayer[];
  /** Layer of each instruction (-1: none). */
  readonly layerOf: Int32Array;
  /** 1-based line of the printed Dataflow that each instruction came from (0: none). */
  readonly lineOf: Int32Array;
}

/** Unit that executes an instruction; undefined for `end`. */
export function unitOf(instruction: Instruction): UnitName | undefined {
  switch (instruction.mnemonic) {
    case 'end':
      return undefined;
    case 'sync':
      return (['load', 'matmul', 'vector', 'store'] as const)[instruction.fields.unit];
    case 'load':
    case 'fill':
      return 'load';
    case 'store':
      return 'store';
    case 'matmul':
      return 'matmul';
    default:
      return 'vector';
  }
}
