/** The buffers of a machine as memories, by shape. In: a Machine. Out: one row a kind, as the `ram_1r1w` instances of its Verilog. */

import type { Machine } from './machine.js';

/** A shape of memory that a machine is made of. */
export interface MemoryShape {
  readonly buffer: 'act' | 'wgt' | 'acc' | 'par' | 'lut';
  /** How many memories of this shape. */
  readonly count: number;
  /** Bits of a group, and groups that are written each on its own. */
  readonly width: number;
  readonly groups: number;
  readonly depth: number;
}

/** Memories of fewer rows are registers in an ASIC (`hdl-templates/asic/ram_1r1w.v`). */
const FEWEST_MACRO_ROWS = 16;

/** What a memory compiler has to make for a machine. */
export function macroShapes(machine: Machine): readonly MemoryShape[] {
  return memoryShapes(machine).filter(({ depth }) => depth >= FEWEST_MACRO_ROWS);
}

/** The buffers of a machine, as its `ram_1r1w` instances. The fetch buffer, eight words in `ram_1r1w` as well, is none of them. */
export function memoryShapes(machine: Machine): readonly MemoryShape[] {
  const { rows, columns } = machine.array;
  const { lanes } = machine.vector;
  const { activationBits, weightBits, accumulatorBits } = machine.elements;
  const { activation, weight, accumulator, parameter } = machine.buffers;
  const entryBits = 32 + machine.requantization.multiplierBits - 1 + 6;
  const whole = (
    buffer: MemoryShape['buffer'],
    count: number,
    width: number,
    depth: number,
  ): MemoryShape => ({
    buffer,
    count,
    width,
    groups: 1,
    depth,
  });
  const act = { width: activationBits * lanes, groups: rows / lanes, depth: activation.rowsPerBank };
  return [
    { buffer: 'act', count: activation.banks, ...act },
    whole('wgt', weight.banks, weightBits * columns, weight.rows / weight.banks),
    whole('acc', 2, accumulatorBits * columns, accumulator.rowsPerBank),
    whole('par', 1, entryBits * lanes, parameter.rows),
    ...(machine.vector.functions.includes('lookup') ? [whole('lut', lanes, activationBits, 512)] : []),
  ];
}
