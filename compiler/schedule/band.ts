/**
 * Which input channels the output channels of a convolution read. In: its groups and a Machine. Out: a {@link Band}: of each output block (C
 * channels) the first of the input blocks (of R channels) that hold its groups' channels, and how many these are. Weight tiles exist for these
 * blocks only. With 4 groups of 4 channels, R = C = 8, an output block reads one of the two input blocks:
 *
 *     input block      0       1
 *     output block 0   aabb    .         a..d: the groups, each with its own 4 x 4 weights; in a tile the
 *     output block 1   .       ccdd      weights between two groups are zeros, tiles between blocks are not there
 */

import type { Machine } from '../../models/machine/index.js';

export interface Band {
  /** Input blocks that each output block reads, the same number for all. */
  readonly blocks: number;
  /** The first of an output block's. */
  first(outputBlock: number): number;
}

/** Channels of a convolution: all inputs, all outputs, in so many groups. */
export interface Groups {
  readonly inputs: number;
  readonly outputs: number;
  readonly group: number;
}

/** The band of a convolution of any number of groups; of one group, all input blocks. */
export function bandOf({ array: { rows: R, columns: C } }: Machine, groups: Groups): Band {
  const { inputs, outputs, group } = groups;
  const inputBlocks = Math.ceil(inputs / R);
  const [groupInputs, groupOutputs] = [inputs / group, outputs / group];
  const touched = (block: number) => {
    const last = Math.min(outputs, (block + 1) * C) - 1;
    const from = Math.floor((block * C) / groupOutputs) * groupInputs;
    const to = (Math.floor(last / groupOutputs) + 1) * groupInputs;
    return { from: Math.floor(from / R), to: Math.ceil(to / R) };
  };
  let blocks = 1;
  for (let block = 0; block * C < outputs; block++) {
    const { from, to } = touched(block);
    blocks = Math.max(blocks, to - from);
  }
  return { blocks, first: (block) => Math.min(touched(block).from, inputBlocks - blocks) };
}

/** Input blocks that `outputBlocks` output blocks of one after another read between them, at most. */
export function bandSpan(band: Band, outputBlocks: number, allOutputBlocks: number): number {
  let span = band.blocks;
  for (let first = 0; first < allOutputBlocks; first += outputBlocks) {
    const last = Math.min(first + outputBlocks, allOutputBlocks) - 1;
    span = Math.max(span, band.first(last) + band.blocks - band.first(first));
  }
  return span;
}

/** One weight plane a channel, on a machine that has an instruction for it. */
export function isDepthwise({ vector }: Machine, { inputs, outputs, group }: Groups): boolean {
  return group > 1 && inputs === group && outputs === group && vector.functions.includes('depthwise');
}
