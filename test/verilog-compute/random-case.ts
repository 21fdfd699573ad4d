/** Random machines, buffer contents and legal instruction sequences for the compute side, and what they must give. */

import { bitsFor, type ElementArray, fixedPointScale } from '../../base/index.js';
import {
  type Instruction,
  type InstructionSpec,
  type Mnemonic,
  type PlacedField,
  placeFields,
  specOf,
} from '../../compiler/isa/index.js';
import { bufferRowFormat, LOOKUP_ROWS, type Machine, machineSchema } from '../../models/machine/index.js';
import { EngineStop, Interpreter } from '../../simulator/engine/index.js';

/** A generator of integers: `next(n)` is uniform in 0 to n-1. */
export interface Random {
  next(n: number): number;
}

/** Mulberry32: small, seeded, good enough to pick cases. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return {
    next(n) {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
    },
  };
}

const pick = <T>(random: Random, items: readonly T[]): T => items[random.next(items.length)]!;
const between = (random: Random, low: number, high: number): number => low + random.next(high - low + 1);

/** A machine with R and C from 1 to 8 (or the given shape). */
export function randomMachine(
  random: Random,
  shape?: { readonly rows: number; readonly columns: number; readonly lanes?: number },
): Machine {
  const rows = shape?.rows ?? between(random, 1, 8);
  const columns = shape?.columns ?? between(random, 1, 8);
  const divisors = [1, 2, 3, 4, 5, 6, 7, 8].filter((n) => rows % n === 0 && columns % n === 0);
  const activationBits = pick(random, [4, 8, 8, 16]);
  const weightBits = pick(random, [4, 8, 8, 16]);
  const needed = Math.min(32, activationBits + weightBits + bitsFor(rows));
  const all = (['pool', 'depthwise', 'add', 'lookup', 'row-parameters'] as const).filter(
    (name) => name !== 'lookup' || activationBits <= 8,
  );
  return machineSchema.parse({
    name: `random${rows}x${columns}`,
    array: {
      rows,
      columns,
      dataflow: pick(random, ['weight-stationary', 'output-stationary']),
      multiplierStages: between(random, 0, 2),
    },
    elements: {
      activationBits,
      weightBits,
      accumulatorBits: Math.max(needed, pick(random, [12, 20, 24, 32])),
    },
    buffers: {
      activation: { banks: between(random, 3, 4), rowsPerBank: 64 },
      weight: { rows: 64 },
      accumulator: { rowsPerBank: 32 },
      parameter: { rows: 16 },
    },
    vector: {
      lanes: shape?.lanes ?? pick(random, divisors),
      functions: random.next(3) === 0 ? all.filter(() => random.next(2) === 0) : [...all],
    },
    requantization: { multiplierBits: pick(random, [8, 16, 19, 32]) },
    clockMegahertz: 100,
    target: { kind: 'asic', nodeNanometres: 45 },
  });
}

/** What one run needs, and what it must give: act contents after each instruction, byte by byte. */
export interface ComputeCase {
  readonly machine: Machine;
  readonly instructions: readonly Instruction[];
  readonly act: ElementArray;
  readonly wgt: ElementArray;
  readonly par: Uint8Array;
  readonly lut: Int8Array;
  readonly expected: readonly ElementArray[];
}

/** A case with `length` instructions, each legal after those before it. */
export function randomCase(random: Random, machine: Machine, length: number): ComputeCase {
  const { dram, loads } = randomContents(random, machine);
  const accepted: Instruction[] = [];
  const fresh = (): Interpreter => {
    const interpreter = new Interpreter(machine, dram);
    for (const [index, instruction] of [...loads, ...accepted].entries())
      interpreter.step(index, instruction);
    return interpreter;
  };
  const { act, wgt, par, lut } = fresh().state;
  const expected: ElementArray[] = [];
  for (let tries = 0; accepted.length < length && tries < 60 * length; tries++) {
    const instruction = randomInstruction(random, machine, accepted.length);
    const interpreter = fresh();
    try {
      interpreter.step(accepted.length, instruction);
    } catch (error) {
      if (error instanceof EngineStop) continue;
      throw error;
    }
    accepted.push(instruction);
    expected.push(interpreter.state.act.slice());
  }
  return { machine, instructions: accepted, act, wgt, par, lut, expected };
}

interface Contents {
  readonly dram: Uint8Array;
  readonly loads: readonly Instruction[];
}

function randomContents(random: Random, machine: Machine): Contents {
  const { activation, weight, parameter } = machine.buffers;
  const parts = [
    ...Array.from({ length: activation.banks }, (_, bank) => ({
      name: 'act' as const,
      buffer: 0,
      address: bank * 65536,
      rows: activation.rowsPerBank,
    })),
    { name: 'wgt' as const, buffer: 1, address: 0, rows: weight.rows },
    { name: 'par' as const, buffer: 2, address: 0, rows: parameter.rows },
    { name: 'lut' as const, buffer: 3, address: 0, rows: LOOKUP_ROWS },
  ];
  const pieces: Uint8Array[] = [];
  const loads: Instruction[] = [];
  let dram = 0;
  for (const { name, buffer, address, rows } of parts) {
    const { pitch } = bufferRowFormat(machine, name);
    const bytes = Uint8Array.from({ length: rows * pitch }, () => random.next(256));
    if (name === 'par') writeParameters(random, machine, bytes, pitch);
    const single = { runs: 1, runDramStride: 0, runStride: 0, planes: 1, planeDramStride: 0, planeStride: 0 };
    loads.push({ mnemonic: 'load', wait: 0, signal: 0, fields: { buffer, address, dram, rows, ...single } });
    pieces.push(bytes);
    dram += bytes.length;
  }
  return { dram: Uint8Array.from(pieces.flatMap((piece) => [...piece])), loads };
}

/** Mostly scales that keep some of the result's bits, some extreme ones. */
function writeParameters(random: Random, machine: Machine, bytes: Uint8Array, pitch: number): void {
  const { multiplierBits } = machine.requantization;
  const view = new DataView(bytes.buffer);
  for (let row = 0; row * pitch < bytes.length; row++) {
    for (let lane = 0; lane < machine.vector.lanes; lane++) {
      const at = row * pitch + 9 * lane;
      const scale = fixedPointScale(
        (1 + random.next(1000) / 1000) * 2 ** -between(random, 0, 14),
        multiplierBits,
      );
      const extreme = random.next(6) === 0;
      const largest = 2 ** (multiplierBits - 1) - 1;
      view.setInt32(at, extreme ? pick(random, [-(2 ** 31), 2 ** 31 - 1]) : between(random, -999, 999), true);
      view.setUint32(at + 4, extreme ? pick(random, [0, 1, largest]) : scale.multiplier, true);
      view.setUint8(at + 8, extreme ? between(random, 1, 63) : scale.shift);
    }
  }
}

/** One instruction with random fields; it may be illegal. The first two fill both acc banks. */
function randomInstruction(random: Random, machine: Machine, index: number): Instruction {
  const has = machine.vector.functions;
  const choices: Mnemonic[] = ['matmul', 'requant', 'requant', 'rescale'];
  if (has.includes('pool')) choices.push('pool', 'pool');
  if (has.includes('depthwise')) choices.push('dwconv', 'dwconv');
  if (has.includes('add')) choices.push('add', 'add');
  const mnemonic = index < 2 ? 'matmul' : pick(random, choices);
  const spec: InstructionSpec = specOf[mnemonic];
  const fields = Object.fromEntries(
    placeFields(spec).map((field) => [field.name, randomField(random, machine, mnemonic, field)]),
  );
  if (index < 2) Object.assign(fields, { acc: index * 32768, accumulate: 0, ny: 5, nx: 5 });
  if (fields.min! > fields.max!) [fields.min, fields.max] = [fields.max!, fields.min!];
  separateBanks(machine, fields);
  return { mnemonic, wait: 0, signal: 0, fields } as unknown as Instruction;
}

/** An instruction that reads what it wrote itself has no defined result: dst gets a bank that is not read. */
function separateBanks(machine: Machine, fields: Record<string, number>): void {
  if (fields.dst === undefined) return;
  const sources = [fields.src, fields.a, fields.b].filter((a) => a !== undefined).map((a) => a >>> 16);
  const banks = Array.from({ length: machine.buffers.activation.banks }, (_, bank) => bank);
  const free = banks.filter((bank) => !sources.includes(bank));
  fields.dst = (fields.dst & 0xffff) + 65536 * free[fields.dst % free.length]!;
}

function randomField(random: Random, machine: Machine, mnemonic: Mnemonic, field: PlacedField): number {
  const { rows, columns } = machine.array;
  const { lanes } = machine.vector;
  const lookup = machine.vector.functions.includes('lookup');
  switch (field.name) {
    case 'slices':
      return mnemonic === 'requant' ? between(random, 1, columns / lanes) : between(random, 1, 5);
    case 'lookup':
      return lookup ? random.next(2) : 0;
    case 'eachRow':
      return machine.vector.functions.includes('row-parameters') ? random.next(2) : 0;
    case 'leftShift':
      return pick(random, [0, 4, 16, 20, 31]);
    case 'min':
      return pick(random, machine.elements.activationBits === 4 ? [-8, -8, -5, 0] : [-128, -128, -100, 0]);
    case 'max':
      return pick(random, machine.elements.activationBits === 4 ? [7, 7, 6, -1] : [127, 127, 6, -1]);
  }
  switch (field.kind) {
    case 'act':
      return 65536 * random.next(machine.buffers.activation.banks) + random.next(random.next(4) ? 8 : 64);
    case 'count':
      return pick(random, [1, 1, 2, 3, 4]);
    case 'stride':
      return random.next(6);
    case 'slot':
      return random.next(rows / lanes);
    case 'wgt':
      return random.next(12);
    case 'acc':
      return 32768 * random.next(2) + random.next(8);
    case 'par':
      return random.next(12);
    default:
      return field.signed ? between(random, -128, 127) : random.next(2 ** field.bits);
  }
}
