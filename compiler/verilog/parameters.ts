/**
 * The Verilog parameters of a machine, each derived from the Machine in one place. In: a Machine. Out: values by
 * name, as `systole_core` declares them.
 */

import {
  burstBeats,
  type Machine,
  machineHashWord,
  type VectorFunction,
} from '../../models/machine/index.js';
import { instructionSet, type UnitName, usedBits } from '../isa/index.js';
import { liveBits, loadRowBits } from './live-bits.js';

/** Values of `systole_core`'s parameters. */
export function verilogParameters(machine: Machine): Readonly<Record<string, number>> {
  const has = (name: VectorFunction) => (machine.vector.functions.includes(name) ? 1 : 0);
  return {
    ROWS: machine.array.rows,
    COLUMNS: machine.array.columns,
    MULTIPLIER_STAGES: machine.array.multiplierStages,
    LANES: machine.vector.lanes,
    ACT_BITS: machine.elements.activationBits,
    WGT_BITS: machine.elements.weightBits,
    ACT_BANKS: machine.buffers.activation.banks,
    ACT_ROWS: machine.buffers.activation.rowsPerBank,
    WGT_ROWS: machine.buffers.weight.rows,
    WGT_BANKS: machine.buffers.weight.banks,
    ACC_ROWS: machine.buffers.accumulator.rowsPerBank,
    PAR_ROWS: machine.buffers.parameter.rows,
    ACC_BITS: machine.elements.accumulatorBits,
    MULTIPLIER_BITS: machine.requantization.multiplierBits,
    BUS_BYTES: machine.bus.bytes,
    BURST_BEATS: burstBeats(machine),
    ADDRESS_BITS: machine.bus.addressBits,
    LOAD_ROW_BITS: loadRowBits(machine),
    QUEUE_DEPTH: machine.queueDepth,
    UNIT_COUNTERS: machine.counters === 'all' ? 1 : 0,
    HAS_POOL: has('pool'),
    HAS_DEPTHWISE: has('depthwise'),
    HAS_ADD: has('add'),
    HAS_LOOKUP: has('lookup'),
    HAS_ROW_PARAMETERS: has('row-parameters'),
    LOAD_WORD_BITS: unitWordBits('load'),
    MATMUL_WORD_BITS: unitWordBits('matmul'),
    VECTOR_WORD_BITS: unitWordBits('vector'),
    STORE_WORD_BITS: unitWordBits('store'),
    MACHINE_HASH: machineHashWord(machine),
  };
}

/** Masks of the bits that the queues of `systole_core` hold, by parameter. */
export function verilogMasks(machine: Machine): Readonly<Record<string, bigint>> {
  return {
    LOAD_MASK: liveBits(machine, 'load'),
    MATMUL_MASK: liveBits(machine, 'matmul'),
    VECTOR_MASK: liveBits(machine, 'vector'),
    STORE_MASK: liveBits(machine, 'store'),
  };
}

/** Bits of the instruction word that a unit's instructions use: all that its queue must hold. */
function unitWordBits(unit: UnitName): number {
  const own = instructionSet.filter((spec) => spec.unit === unit || spec.unit === 'any');
  return Math.max(...own.map(usedBits));
}
