/**
 * Silicon area of a Machine, in mm2 for an ASIC, and the countable resources of any target. Estimates: the array and
 * requantisers from measured cell areas scaled between nodes, the buffers from the SRAM fit. Control, AXI and routing are not
 * modelled and not included; the basis says so.
 */

import { registerBits } from '../activity/index.js';
import {
  adder32Area,
  areaScale,
  fpgaNodeNanometres,
  multiplier32Area,
  processingElementArea,
  processingElementShares,
} from '../data/index.js';
import { LOOKUP_ROWS, type Machine, PARAMETER_BYTES } from '../machine/index.js';
import { sramPrice } from '../memory/index.js';

export interface MemoryMacro {
  readonly name: 'act' | 'wgt' | 'acc' | 'par' | 'lut';
  readonly copies: number;
  readonly bytes: number;
  readonly widthBits: number;
}

export interface AreaEstimate {
  /** Null for FPGA targets: their silicon is the vendor's. */
  readonly squareMillimetres: number | null;
  readonly arraySquareMillimetres: number | null;
  readonly vectorSquareMillimetres: number | null;
  readonly memorySquareMillimetres: number | null;
  /** Hardware multipliers: R*C of activation by weight bits, and one wide one a vector lane. */
  readonly arrayMultipliers: number;
  readonly vectorMultipliers: number;
  readonly memoryBits: number;
  readonly basis: string;
}

/** The memories of a machine, one row a kind. */
export function memoryMacros(machine: Machine): readonly MemoryMacro[] {
  const { rows, columns } = machine.array;
  const { activation, weight, accumulator, parameter } = machine.buffers;
  const lanes = machine.vector.lanes;
  const { activationBits, weightBits } = machine.elements;
  const accumulatorBits = columns * machine.elements.accumulatorBits;
  const macros: MemoryMacro[] = [
    {
      name: 'act',
      copies: activation.banks,
      bytes: (activation.rowsPerBank * rows * activationBits) / 8,
      widthBits: rows * activationBits,
    },
    {
      name: 'wgt',
      copies: weight.banks,
      bytes: (weight.rows * columns * weightBits) / 8 / weight.banks,
      widthBits: columns * weightBits,
    },
    {
      name: 'acc',
      copies: 2,
      bytes: (accumulator.rowsPerBank * accumulatorBits) / 8,
      widthBits: accumulatorBits,
    },
    {
      name: 'par',
      copies: 1,
      bytes: parameter.rows * lanes * PARAMETER_BYTES,
      widthBits: lanes * PARAMETER_BYTES * 8,
    },
  ];
  if (machine.vector.functions.includes('lookup')) {
    macros.push({ name: 'lut', copies: lanes, bytes: LOOKUP_ROWS, widthBits: 8 });
  }
  return macros;
}

/** Register bits of one PE; in an output-stationary array with its share of the transposer, which moves as every PE does. */
export function peRegisterBits(machine: Machine): number {
  const { weight, activation, product, sum, writeEnable, activationSkew } = registerBits(machine);
  const { rows, columns, dataflow } = machine.array;
  const transposer = dataflow === 'output-stationary' ? activationSkew : 0;
  return (weight + activation + product + sum + writeEnable + transposer) / (rows * columns);
}

/** Bits of the PE that was measured: 8 x 8, partial sums of 20 bits, one multiplier stage. */
const MEASURED_PE = { products: 8 * 8, registers: 8 + 8 + 16 + 20 + 1 };

/** Area of one PE at 45 nm: the measured one's, in proportion to multiplier and registers. */
export function peSquareMicrometres(machine: Machine): number {
  const { activationBits, weightBits } = machine.elements;
  const { multiplierBit, registerBit } = processingElementShares;
  const share = (products: number, registers: number) => multiplierBit * products + registerBit * registers;
  const own = share(activationBits * weightBits, peRegisterBits(machine));
  return (processingElementArea.value * own) / share(MEASURED_PE.products, MEASURED_PE.registers);
}

/** Process node of the machine's target, nanometres. */
export function nodeOf(machine: Machine): number {
  return machine.target.kind === 'asic'
    ? machine.target.nodeNanometres
    : fpgaNodeNanometres[machine.target.family]!.value;
}

export function estimateArea(machine: Machine): AreaEstimate {
  const macros = memoryMacros(machine);
  const counts = {
    arrayMultipliers: machine.array.rows * machine.array.columns,
    vectorMultipliers: machine.vector.lanes,
    memoryBits: macros.reduce((sum, m) => sum + m.copies * m.bytes * 8, 0),
  };
  if (machine.target.kind === 'fpga') {
    return {
      squareMillimetres: null,
      arraySquareMillimetres: null,
      vectorSquareMillimetres: null,
      memorySquareMillimetres: null,
      ...counts,
      basis: 'counted from the machine; mapped resources need synthesis',
    };
  }
  const node = machine.target.nodeNanometres;
  const logic = areaScale(45, node) / 1e6;
  const array = counts.arrayMultipliers * peSquareMicrometres(machine) * logic;
  const lane = multiplier32Area.value * (machine.requantization.multiplierBits / 32) + 4 * adder32Area.value;
  const vector = machine.vector.lanes * lane * logic;
  const memory = macros.reduce(
    (sum, m) =>
      sum +
      m.copies * sramPrice({ ...m, nodeNanometres: node, twoPorts: m.name !== 'lut' }).areaSquareMillimetres,
    0,
  );
  return {
    squareMillimetres: array + vector + memory,
    arraySquareMillimetres: array,
    vectorSquareMillimetres: vector,
    memorySquareMillimetres: memory,
    ...counts,
    basis:
      'estimate: measured PE area and CACTI memories scaled to the node; control, AXI and routing not included',
  };
}
