/** What an instruction does, counted: the events that energy prices multiply. In: instruction and beats moved. Out: sums. */

import { assertNever } from '../../base/index.js';
import type { Instruction, InstructionOf } from '../../compiler/isa/index.js';
import type { Activity, MemoryLevel } from '../../models/activity/index.js';
import { bufferRowBytes, type Machine, PARAMETER_BYTES } from '../../models/machine/index.js';

/** An Activity under construction, without what only the whole run knows. */
export interface Counts {
  arrayMacs: number;
  arrayCycles: number;
  vectorMacs: number;
  requantizations: number;
  lookups: number;
  readonly read: Record<MemoryLevel, number>;
  readonly written: Record<MemoryLevel, number>;
}

const noBytes = (): Record<MemoryLevel, number> => ({ dram: 0, act: 0, wgt: 0, acc: 0, par: 0, lut: 0 });

export function emptyCounts(): Counts {
  return {
    arrayMacs: 0,
    arrayCycles: 0,
    vectorMacs: 0,
    requantizations: 0,
    lookups: 0,
    read: noBytes(),
    written: noBytes(),
  };
}

/** Adds `more` to `sum`, in place. */
export function addCounts(sum: Counts, more: Counts): void {
  sum.arrayMacs += more.arrayMacs;
  sum.arrayCycles += more.arrayCycles;
  sum.vectorMacs += more.vectorMacs;
  sum.requantizations += more.requantizations;
  sum.lookups += more.lookups;
  for (const level of Object.keys(sum.read) as MemoryLevel[]) {
    sum.read[level] += more.read[level];
    sum.written[level] += more.written[level];
  }
}

/** The Activity of a run or a layer. */
export function toActivity(
  counts: Counts,
  whole: { cycles: number; usefulMacs: number; instructions: number; fetchedBytes: number },
): Activity {
  const { read, written, ...events } = counts;
  return {
    ...events,
    cycles: whole.cycles,
    usefulMacs: whole.usefulMacs,
    instructions: whole.instructions,
    bytesRead: { ...read, dram: read.dram + whole.fetchedBytes },
    bytesWritten: { ...written },
  };
}

/** Events of one instruction. @param beats bus beats that it moves. */
export function countInstruction(machine: Machine, instruction: Instruction, beats: number): Counts {
  const counts = emptyCounts();
  const dramBytes = beats * machine.bus.bytes;
  switch (instruction.mnemonic) {
    case 'end':
    case 'sync':
      break;
    case 'load': {
      const { buffer, rows, runs, planes } = instruction.fields;
      const level = (['act', 'wgt', 'par', 'lut'] as const)[buffer]!;
      counts.read.dram = dramBytes;
      counts.written[level] = rows * runs * planes * bufferRowBytes(machine, level);
      break;
    }
    case 'fill': {
      const { rows, runs, planes } = instruction.fields;
      counts.written.act = rows * runs * planes * bufferRowBytes(machine, 'act');
      break;
    }
    case 'store': {
      const { rows, runs, planes } = instruction.fields;
      counts.read.act = rows * runs * planes * bufferRowBytes(machine, 'act');
      counts.written.dram = dramBytes;
      break;
    }
    case 'matmul':
      countMatmul(counts, machine, instruction.fields);
      break;
    case 'requant':
      counts.read.acc = slices(instruction.fields) * machine.vector.lanes * accumulatorBytes(machine);
      countOutputs(counts, machine, instruction.fields, 1);
      break;
    case 'pool':
    case 'dwconv':
      countWindow(counts, machine, instruction);
      break;
    case 'rescale':
      counts.read.act = slices(instruction.fields) * machine.vector.lanes * activationBytes(machine);
      countOutputs(counts, machine, instruction.fields, 1);
      break;
    case 'add':
      counts.read.act = 2 * slices(instruction.fields) * machine.vector.lanes * activationBytes(machine);
      countOutputs(counts, machine, instruction.fields, 3);
      break;
    default:
      assertNever(instruction, 'instruction');
  }
  return counts;
}

const activationBytes = (machine: Machine) => machine.elements.activationBits / 8;
const weightBytes = (machine: Machine) => machine.elements.weightBits / 8;
const accumulatorBytes = (machine: Machine) => machine.elements.accumulatorBits / 8;
const slices = (f: { ny: number; nx: number; slices: number }) => f.ny * f.nx * f.slices;

function countMatmul(counts: Counts, machine: Machine, f: InstructionOf<'matmul'>['fields']): void {
  const { rows, columns } = machine.array;
  const tiles = f.nkb * f.nky * f.nkx;
  const vectors = f.ny * f.nx;
  const accRow = columns * accumulatorBytes(machine);
  // Where sums rest in the array, a weight tile is read for every block of R pixels and a sum is written once.
  const resting = machine.array.dataflow === 'output-stationary';
  const readings = resting ? Math.ceil(vectors / rows) : 1;
  const writings = resting ? 1 : tiles;
  counts.arrayCycles = tiles * vectors;
  counts.arrayMacs = tiles * vectors * rows * columns;
  counts.read.act = tiles * vectors * bufferRowBytes(machine, 'act');
  counts.read.wgt = readings * tiles * rows * bufferRowBytes(machine, 'wgt');
  counts.read.acc = (writings - 1 + f.accumulate) * vectors * accRow;
  counts.written.acc = writings * vectors * accRow;
}

function countWindow(
  counts: Counts,
  machine: Machine,
  { mnemonic, fields: f }: InstructionOf<'pool'> | InstructionOf<'dwconv'>,
): void {
  const taps = slices(f) * f.nky * f.nkx * machine.vector.lanes;
  counts.read.act = taps * activationBytes(machine);
  if (mnemonic === 'dwconv') {
    counts.vectorMacs = taps;
    counts.read.wgt = taps * weightBytes(machine);
  }
  countOutputs(counts, machine, f, 1);
}

/** The output stage: `passes` trips through the requantiser a slice. */
function countOutputs(
  counts: Counts,
  machine: Machine,
  f: { ny: number; nx: number; slices: number; lookup: number },
  passes: number,
): void {
  const outputs = slices(f) * machine.vector.lanes;
  counts.requantizations = outputs * passes;
  counts.read.par = outputs * passes * PARAMETER_BYTES;
  counts.written.act = outputs * activationBytes(machine);
  if (f.lookup === 1) {
    counts.lookups = outputs;
    counts.read.lut = outputs;
  }
}
