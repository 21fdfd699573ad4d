/**
 * Which bits of an instruction word a machine's units can need: queues hold no others, and what only they feed disappears in
 * synthesis. A bit is dead where no program that the verifier passes can set it with effect: row numbers past a buffer, strides modulo its
 * depth, fields of functions that the machine lacks. In: a Machine. Out: masks of WORD_BITS bits.
 */

import { bitsFor } from '../../base/index.js';
import {
  type BufferName,
  bufferBankRows,
  type Machine,
  type VectorFunction,
} from '../../models/machine/index.js';
import {
  HEADER_BITS,
  type InstructionSpec,
  instructionSet,
  type Mnemonic,
  type PlacedField,
  placeFields,
  type UnitName,
} from '../isa/index.js';

/** Instructions that a machine may lack. */
const functionOf: Partial<Record<Mnemonic, VectorFunction>> = {
  pool: 'pool',
  dwconv: 'depthwise',
  add: 'add',
};

const buffers: readonly BufferName[] = ['act', 'wgt', 'par', 'lut'];

/** Live bits of a unit's instruction words; bit i of the mask is bit i of the word. */
export function liveBits(machine: Machine, unit: UnitName): bigint {
  let mask = low(HEADER_BITS);
  for (const spec of instructionSet) {
    if (spec.unit !== unit && spec.unit !== 'any') continue;
    const needed = functionOf[spec.mnemonic];
    if (needed && !machine.vector.functions.includes(needed)) continue;
    for (const field of placeFields(spec)) mask |= fieldMask(machine, spec, field) << BigInt(field.offset);
  }
  return mask;
}

const low = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** Bits of a field that can matter, from bit 0 of the field. */
function fieldMask(machine: Machine, spec: InstructionSpec, field: PlacedField): bigint {
  return low(field.bits) & possible(machine, spec, field);
}

function possible(machine: Machine, spec: InstructionSpec, field: PlacedField): bigint {
  const rows = bitsFor(bufferBankRows(machine, 'act'));
  const act = low(rows) | (low(bitsFor(machine.buffers.activation.banks)) << 16n);
  const accumulator = bitsFor(machine.buffers.accumulator.rowsPerBank);
  switch (field.kind) {
    case 'act':
      return act;
    case 'acc':
      return low(accumulator) | (1n << 15n);
    case 'wgt':
      return low(bitsFor(bufferBankRows(machine, 'wgt')));
    case 'par':
      return low(bitsFor(bufferBankRows(machine, 'par')));
    case 'slot':
      return low(bitsFor(machine.array.rows / machine.vector.lanes));
    case 'dram':
      return low(machine.bus.addressBits);
    case 'stride':
      if (field.name.endsWith('DramStride')) return low(machine.bus.addressBits);
      return low(spec.mnemonic === 'load' ? loadRowBits(machine) : rows);
    case 'count':
      return countMask(machine, spec, field);
    case 'flag':
    case 'value':
      if (field.name === 'lookup' || field.name === 'table')
        return machine.vector.functions.includes('lookup') ? low(field.bits) : 0n;
      if (field.name === 'eachRow')
        return machine.vector.functions.includes('row-parameters') ? low(field.bits) : 0n;
      return spec.mnemonic === 'load' && field.name === 'address'
        ? act | low(loadRowBits(machine))
        : low(field.bits);
    case 'enum':
      return low(field.bits);
  }
}

/** Contiguous rows lie in one bank; pixels of an instruction that meets acc are acc rows of their own. Other loops may stand still. */
function countMask(machine: Machine, { mnemonic }: InstructionSpec, { name }: PlacedField): bigint {
  if (name === 'rows') return low((mnemonic === 'load' ? loadRowBits(machine) : actBits(machine)) + 1);
  const ofAcc = mnemonic === 'matmul' || mnemonic === 'requant';
  if (ofAcc && (name === 'ny' || name === 'nx'))
    return low(bitsFor(machine.buffers.accumulator.rowsPerBank) + 1);
  if (mnemonic === 'matmul') return low(bitsFor(machine.buffers.weight.rows) + 1);
  return low(32);
}

const actBits = (machine: Machine) => bitsFor(bufferBankRows(machine, 'act'));

/** Bits that number the rows of the deepest buffer that load writes (lut only where there is one). */
export function loadRowBits(machine: Machine): number {
  const written = buffers.filter((name) => name !== 'lut' || machine.vector.functions.includes('lookup'));
  return Math.max(...written.map((name) => bitsFor(bufferBankRows(machine, name))));
}
