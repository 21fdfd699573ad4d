/**
 * Constants as the buffers want them in DRAM. In: integer weights OIHW, per-channel biases and scales, tables. Out: bytes of
 * whole rows at the buffer's row pitch, zero where there is no weight.
 */

import { ceilDivide, writeElement } from '../../base/index.js';
import { bufferRowFormat, type Machine, PARAMETER_BYTES } from '../../models/machine/index.js';
import { type Band, bandOf } from './band.js';
import type { Deferred } from './image.js';

/** Weights of a convolution, [O, I, kh, kw] row-major. */
export interface ConvWeights {
  readonly outputs: number;
  /** Of one group. */
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
  readonly data: ArrayLike<number>;
}

/**
 * Array weights: tiles in the order (output block, input block of its band, ky, kx); a tile is R rows (input channels) of C weights
 * (output channels), zeros where the two are of different groups.
 */
export function packConvWeights(machine: Machine, w: ConvWeights, group = 1): Deferred {
  const { rows: R, columns: C } = machine.array;
  const { pitch } = bufferRowFormat(machine, 'wgt');
  const band = bandOf(machine, { inputs: w.inputs * group, outputs: w.outputs, group });
  const length = ceilDivide(w.outputs, C) * band.blocks * w.height * w.width * R * pitch;
  return { length, make: () => convWeightBytes(machine, w, { group, band, length }) };
}

function convWeightBytes(
  machine: Machine,
  w: ConvWeights,
  { group, band, length }: { readonly group: number; readonly band: Band; readonly length: number },
): Uint8Array {
  const { rows: R, columns: C } = machine.array;
  const { pitch } = bufferRowFormat(machine, 'wgt');
  const bits = machine.elements.weightBits;
  const taps = w.height * w.width;
  const groupOutputs = w.outputs / group;
  const bytes = new Uint8Array(length);
  let source = 0;
  for (let o = 0; o < w.outputs; o++) {
    const column = o % C;
    const block = Math.floor(o / C);
    const firstInput = Math.floor(o / groupOutputs) * w.inputs;
    const before = block * band.blocks - band.first(block);
    for (let i = firstInput; i < firstInput + w.inputs; i++) {
      const first = (before + Math.floor(i / R)) * taps;
      for (let tap = 0; tap < taps; tap++) {
        const row = ((first + tap) * R + (i % R)) * pitch;
        const weight = Number(w.data[source++]);
        // The common width without a call: there are millions of them.
        if (bits === 8) bytes[row + column] = weight;
        else writeElement(bytes, { row, index: column, bits }, weight);
      }
    }
  }
  return bytes;
}

/**
 * Weights of a 1 x 1 convolution as rows of act, to be streamed: of each block of R input channels a row an output channel, `rows` in all,
 * zeros past the last one.
 */
export function packStreamedWeights(machine: Machine, w: ConvWeights, rows: number): Deferred {
  const { rows: R } = machine.array;
  const { pitch } = bufferRowFormat(machine, 'act');
  const bits = machine.elements.activationBits;
  const make = () => {
    const bytes = new Uint8Array(ceilDivide(w.inputs, R) * rows * pitch);
    for (let o = 0; o < w.outputs; o++) {
      for (let i = 0; i < w.inputs; i++) {
        const row = (Math.floor(i / R) * rows + o) * pitch;
        writeElement(bytes, { row, index: i % R, bits }, Number(w.data[o * w.inputs + i]));
      }
    }
    return bytes;
  };
  return { length: ceilDivide(w.inputs, R) * rows * pitch, make };
}

/**
 * Depthwise weights [O, 1, kh, kw] for groups of `groupChannels` channels: each group starts a row of its own; within it
 * C channels by C channels, one row a tap.
 */
export function packDepthwiseWeights(machine: Machine, w: ConvWeights, groupChannels: number): Uint8Array {
  const C = machine.array.columns;
  const { pitch } = bufferRowFormat(machine, 'wgt');
  const bits = machine.elements.weightBits;
  const taps = w.height * w.width;
  const groupRows = ceilDivide(groupChannels, C) * taps;
  const bytes = new Uint8Array(ceilDivide(w.outputs, groupChannels) * groupRows * pitch);
  for (let o = 0; o < w.outputs; o++) {
    const inGroup = o % groupChannels;
    const first = Math.floor(o / groupChannels) * groupRows + Math.floor(inGroup / C) * taps;
    for (let tap = 0; tap < taps; tap++) {
      const row = (first + tap) * pitch;
      writeElement(bytes, { row, index: inGroup % C, bits }, Number(w.data[o * taps + tap]));
    }
  }
  return bytes;
}

/** The same for the array: of each channel block a tile a tap, R rows (input channels) of C weights, of which the diagonal counts. R = C. */
export function packDiagonalWeights(machine: Machine, w: ConvWeights): Uint8Array {
  const { rows: R } = machine.array;
  const { pitch } = bufferRowFormat(machine, 'wgt');
  const bits = machine.elements.weightBits;
  const taps = w.height * w.width;
  const bytes = new Uint8Array(ceilDivide(w.outputs, R) * taps * R * pitch);
  for (let o = 0; o < w.outputs; o++) {
    const lane = o % R;
    for (let tap = 0; tap < taps; tap++) {
      const row = ((Math.floor(o / R) * taps + tap) * R + lane) * pitch;
      writeElement(bytes, { row, index: lane, bits }, Number(w.data[o * taps + tap]));
    }
  }
  return bytes;
}

/** One entry of a parameter row. */
export interface ChannelParameter {
  readonly bias: number;
  readonly multiplier: number;
  readonly shift: number;
}

/** Parameter rows of V entries: entry i is lane i % V of row i / V; the last row is filled up with zero multipliers. */
export function packParameters(machine: Machine, entries: readonly ChannelParameter[]): Uint8Array {
  const V = machine.vector.lanes;
  const { pitch } = bufferRowFormat(machine, 'par');
  const rows = ceilDivide(entries.length, V);
  const bytes = new Uint8Array(rows * pitch);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < rows * V; i++) {
    const { bias, multiplier, shift } = entries[i] ?? { bias: 0, multiplier: 0, shift: 1 };
    const at = Math.floor(i / V) * pitch + (i % V) * PARAMETER_BYTES;
    view.setInt32(at, bias, true);
    view.setUint32(at + 4, multiplier, true);
    view.setUint8(at + 8, shift);
  }
  return bytes;
}
