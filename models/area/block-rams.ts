/** Block RAMs that a machine's buffers take in an FPGA family: shapes against the widths that a block has at each depth. */

import { assertNever, ceilDivide } from '../../base/index.js';
import type { FpgaTarget } from '../data/index.js';
import { type Machine, type MemoryShape, memoryShapes } from '../machine/index.js';

/** Width of a block by its depth, deepest last; parity bits where words of whole bytes have them. */
type Widths = readonly (readonly [depth: number, width: number])[];

const ice40: Widths = [
  [256, 16],
  [512, 8],
  [1024, 4],
  [2048, 2],
];
const eighteenKilobits: Widths = [
  [512, 36],
  [1024, 18],
  [2048, 9],
  [4096, 4],
  [8192, 2],
  [16384, 1],
];
const thirtySixKilobits: Widths = eighteenKilobits.map(([depth, width]) => [2 * depth, width]);
const m10k: Widths = [
  [256, 40],
  [512, 20],
  [1024, 10],
  [2048, 5],
  [4096, 2],
  [8192, 1],
];

/** Blocks of a memory, at the best of the block's shapes. */
function blocks(widths: Widths, bits: number, depth: number): number {
  return Math.min(...widths.map(([rows, width]) => ceilDivide(depth, rows) * ceilDivide(bits, width)));
}

/** Groups as memories of at most 36 bits (`hdl-templates/split`). */
function parts({ width, groups }: MemoryShape): readonly number[] {
  const whole = Math.floor(width / 36);
  const one = [...new Array<number>(whole).fill(36), ...(width % 36 ? [width % 36] : [])];
  return Array.from({ length: groups }, () => one).flat();
}

/** Block RAMs of one memory. */
function blocksOf(target: FpgaTarget, shape: MemoryShape): number {
  const { width, groups, depth } = shape;
  switch (target) {
    case 'ice40': {
      // Of 16 bits, a block has an enable for each: groups share it.
      const shared = ceilDivide(depth, 256) * ceilDivide(groups * width, 16);
      return Math.min(groups * blocks(ice40, width, depth), shared);
    }
    case 'ecp5': {
      // Enables are a byte of nine bits: groups share a block.
      const bits = groups === 1 ? width : groups * 9 * ceilDivide(width, 9);
      return blocks(eighteenKilobits, bits, depth);
    }
    case 'gowin':
      return groups * blocks(eighteenKilobits, width, depth);
    case 'intel':
      return parts(shape).reduce((sum, bits) => sum + blocks(m10k, bits, depth), 0);
    case 'xilinx':
      return parts(shape).reduce(
        (sum, bits) =>
          sum + Math.min(blocks(eighteenKilobits, bits, depth), blocks(thirtySixKilobits, bits, depth)),
        0,
      );
    default:
      return assertNever(target);
  }
}

/** All buffers of a machine. */
export function bufferBlockRams(machine: Machine, target: FpgaTarget): number {
  return memoryShapes(machine).reduce((sum, shape) => sum + shape.count * blocksOf(target, shape), 0);
}
