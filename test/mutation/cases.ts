/**
 * The cases that judge a mutant: machines and programs that together use every instruction, every memory and every boundary. In: nothing
 * but fixed seeds. Out: programs with DRAM before and after. The laws that they are held to are those of test/property,
 * test/verilog and test/verilog-compute; only the draw is fixed, so that every mutant meets the same cases.
 */

import fc from 'fast-check';
import { type Instruction, type Program, unitIndex, unitOf } from '../../compiler/isa/index.js';
import { bufferRowFormat, LOOKUP_ROWS, type Machine } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { arbitraryMachine } from '../support/arbitrary-machine.js';
import { arbitraryNetwork } from '../support/arbitrary-network.js';
import { expectStored, prepareCase } from '../support/law-case.js';
import { programOf, smallMachine } from '../verilog/support.js';
import { type TransferCase, transferCases } from '../verilog/transfers.js';
import { type ComputeCase, randomCase, randomMachine, seeded } from '../verilog-compute/random-case.js';
import { contentBytes } from '../verilog-compute/run-icarus.js';

/** A program, its DRAM before and after: everything that a run is compared with except its times. */
export interface OracleCase {
  readonly name: string;
  readonly machine: Machine;
  readonly program: Program;
  readonly dram: Uint8Array;
  readonly golden: Uint8Array;
}

/** Neither trivial nor slow. */
const instructive = ({ instructions }: Program) => instructions.length >= 22 && instructions.length <= 100;

const multiplies = ({ instructions }: Program) => instructions.some(({ mnemonic }) => mnemonic === 'matmul');

/** Random networks on random machines; every other one, the first among them, uses the array. */
export const networkCases = (count = 10): OracleCase[] => {
  const pairs = fc.tuple(arbitraryMachine({ extent: 8 }), arbitraryNetwork({ nodes: 4 }));
  const found: OracleCase[] = [];
  for (const [machine, plan] of fc.sample(pairs, { seed: 20261123, numRuns: 12 * count })) {
    const prepared = prepareCase(machine, plan);
    if (prepared === undefined || !instructive(prepared.program)) continue;
    const { program, dram } = prepared;
    if (found.length % 2 === 0 && !multiplies(program)) continue;
    const golden = interpretProgram(machine, program, dram);
    expectStored(prepared, golden, 'interpreter');
    found.push({ name: `network ${found.length}`, machine, program, dram, golden });
    if (found.length === count) break;
  }
  return found;
};

const shapes = [
  { rows: 4, columns: 6 },
  { rows: 3, columns: 1 },
  { rows: 8, columns: 4 },
  { rows: 1, columns: 2 },
  { rows: 2, columns: 2 },
] as const;

/** Optional functions of each of the shapes: all, and some without the others. */
const functionsOf = [
  ['pool', 'depthwise', 'add', 'lookup'],
  ['depthwise'],
  ['pool', 'depthwise', 'add', 'lookup'],
  ['pool', 'add'],
  ['lookup', 'add'],
] as const;

/** Random compute instructions with extreme parameters, one after the other, all of act stored twice. */
export const computeCases = (count: number = shapes.length): OracleCase[] =>
  shapes.slice(0, count).map((shape, i) => {
    const random = seeded(7919 * (i + 1));
    const drawn = randomMachine(random, shape);
    const narrow = drawn.elements.activationBits <= 8;
    const functions = functionsOf[i]!.filter((name) => name !== 'lookup' || narrow);
    const machine: Machine = { ...drawn, vector: { ...drawn.vector, functions } };
    return computeProgram(`compute ${i}`, randomCase(random, machine, 18));
  });

const once = { runs: 1, runDramStride: 0, runStride: 0, planes: 1, planeDramStride: 0, planeStride: 0 };
const CHUNK = 6;

function computeProgram(name: string, test: ComputeCase): OracleCase {
  const { machine } = test;
  const { activation, weight, parameter } = machine.buffers;
  const { pitch } = bufferRowFormat(machine, 'act');
  const bankBytes = activation.rowsPerBank * pitch;
  const banks = Array.from({ length: activation.banks }, (_, bank) => bank);
  const contents = contentBytes(test);
  const pieces = [
    { buffer: 'act', rows: activation.banks * activation.rowsPerBank, bytes: contents.act },
    { buffer: 'wgt', rows: weight.rows, bytes: contents.wgt },
    { buffer: 'par', rows: parameter.rows, bytes: contents.par },
    { buffer: 'lut', rows: LOOKUP_ROWS, bytes: contents.lut },
  ] as const;
  const list: Instruction[] = [];
  const image: number[] = [];
  const transfer = (dram: number, rows: number) => ({ dram, rows, ...once });
  for (const [index, { buffer, rows, bytes }] of pieces.entries()) {
    const format = bufferRowFormat(machine, buffer);
    const start = image.length;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < format.pitch; i++)
        image.push(i < format.rowBytes ? bytes[row * format.rowBytes + i]! : 0x5a);
    }
    const load = (address: number, dram: number, n: number): Instruction => ({
      mnemonic: 'load',
      wait: 0,
      signal: 0,
      fields: { buffer: index, address, ...transfer(dram, n) },
    });
    if (buffer !== 'act') list.push(load(0, start, rows));
    else
      for (const bank of banks) list.push(load(bank << 16, start + bank * bankBytes, activation.rowsPerBank));
    while (image.length % 64) image.push(0);
  }
  let target = Math.ceil(image.length / 4096) * 4096;
  for (const [i, instruction] of test.instructions.entries()) {
    list.push(instruction);
    if (i % CHUNK !== CHUNK - 1 && i !== test.instructions.length - 1) continue;
    for (const bank of banks) {
      const fields = { address: bank << 16, ...transfer(target, activation.rowsPerBank) };
      list.push({ mnemonic: 'store', wait: 0, signal: 0, fields });
      target += bankBytes;
    }
  }
  return finish(name, machine, inSequence(list), Uint8Array.from(image), target);
}

/** Gives every instruction that changes the unit a wait for the one before it, and appends `end`. */
function inSequence(list: readonly Instruction[]): Instruction[] {
  const units = list.map((instruction) => unitIndex[unitOf(instruction)!]);
  const chained = list.map((instruction, i) => {
    const [before, here, after] = [units[i - 1], units[i]!, units[i + 1]];
    const wait = before !== undefined && before !== here ? 1 << before : 0;
    const signal = after !== undefined && after !== here ? 1 << after : 0;
    return { ...instruction, wait, signal } as Instruction;
  });
  return [...chained, { mnemonic: 'end', wait: 0, signal: 0, fields: {} }];
}

function finish(
  name: string,
  machine: Machine,
  instructions: readonly Instruction[],
  image: Uint8Array,
  bytes: number,
): OracleCase {
  const programAddress = Math.ceil(bytes / 4096) * 4096;
  const program = programOf(machine, instructions, programAddress, programAddress + 32 * instructions.length);
  const dram = new Uint8Array(program.dramBytes).fill(0xa5);
  dram.set(image);
  dram.set(program.words, programAddress);
  return { name, machine, program, dram, golden: interpretProgram(machine, program, dram) };
}

/**
 * Transfers of every buffer with strides, partial beats, planes and queues full of sync; their compute side is a stand-in that shows rows.
 * Rows that fill beats exactly are rare among random sizes, and so are stores of more bursts than may wait for their responses: some of
 * both are chosen.
 */
export const memoryCases = (count = 8): TransferCase[] => {
  const drawn = fc.sample(transferCases, { seed: 4711, numRuns: 400 });
  const exact = drawn.filter(({ machine }) => {
    const { rows, columns } = machine.array;
    return rows > machine.bus.bytes && rows % machine.bus.bytes === 0 && columns % machine.bus.bytes === 0;
  });
  const crowded = drawn.filter(({ machine: { memory, bus }, instructions }) => {
    const stored = instructions.filter(({ mnemonic }) => mnemonic === 'store');
    const runs = stored.map(
      ({ fields }) =>
        (fields as { runs: number; planes: number }).runs * (fields as { planes: number }).planes,
    );
    return (
      bus.maximumBurstBeats <= 4 &&
      memory.writeLatency > 8 &&
      runs.some((bursts) => bursts > memory.outstanding)
    );
  });
  return [
    ...drawn.slice(0, count),
    ...exact.slice(0, Math.ceil(count / 3)),
    ...crowded.slice(0, Math.ceil(count / 3)),
  ];
};

/** A few instructions on a memory so slow that fetch still has words under way when the run is done: the next start must wait. */
export const restartCase = (): OracleCase => {
  const machine = smallMachine({
    ...{ rows: 4, columns: 4, lanes: 2, busBytes: 4 },
    memory: { readLatency: 50, writeLatency: 1, cyclesPerBeat: 4, outstanding: 4 },
  });
  const fields = { address: 0, value: -3, rows: 2, runs: 1, runStride: 0, planes: 1, planeStride: 0 };
  const fill: Instruction = { mnemonic: 'fill', wait: 0, signal: 0, fields };
  const store: Instruction = {
    mnemonic: 'store',
    wait: 0,
    signal: 0,
    fields: { address: 0, dram: 0, rows: 2, ...once },
  };
  return finish('restart', machine, inSequence([fill, store]), new Uint8Array(64), 64);
};

/** A matmul of more than two fills of the array engine's streams (256 cycles), on more columns than its vectors are wide. */
export const longCase = (): OracleCase => {
  const machine = smallMachine({ rows: 3, columns: 18, lanes: 1, busBytes: 16 });
  const random = seeded(5);
  const image = Uint8Array.from({ length: 4096 }, () => random.next(256));
  const view = new DataView(image.buffer);
  const par = bufferRowFormat(machine, 'par').pitch;
  for (let row = 0; row < 19; row++) {
    view.setInt32(row * par, 100 * row - 900, true);
    view.setUint32(row * par + 4, 2 ** 30 + 12345 * row, true);
    view.setUint8(row * par + 8, 37);
  }
  const masks = { wait: 0, signal: 0 };
  const load = (buffer: number, dram: number, rows: number): Instruction => ({
    mnemonic: 'load',
    ...masks,
    fields: { buffer, address: 0, dram, rows, ...once },
  });
  const tiles = { nkb: 3, strideKb: 20, nky: 2, strideKy: 5, nkx: 3, strideKx: 1 };
  const pixels = { ny: 5, nx: 7, strideY: 9, strideX: 1 };
  const output = { zeroPoint: 0, min: -128, max: 127, lookup: 0, table: 0 };
  const blocks = { dstStrideY: 7, dstBlock: 35 };
  const list: Instruction[] = [
    load(2, 0, 19),
    load(1, 0, 3 * 18),
    load(0, 256, 200),
    { mnemonic: 'matmul', ...masks, fields: { act: 0, wgt: 0, acc: 0, accumulate: 0, ...pixels, ...tiles } },
    {
      mnemonic: 'requant',
      ...masks,
      fields: {
        acc: 0,
        par: 0,
        dst: 1 << 16,
        dstSlot: 0,
        slices: 18,
        ny: 5,
        nx: 7,
        ...blocks,
        ...output,
        eachRow: 0,
      },
    },
    {
      mnemonic: 'store',
      ...masks,
      fields: { address: 1 << 16, dram: 4096, rows: 210, ...once },
    },
  ];
  return finish('long matmul', machine, inSequence(list), image, 8192);
};

/** 300 signals, taken in between: the semaphore never passes 255. */
export const signalCase = (): OracleCase => {
  const machine = smallMachine({ rows: 2, columns: 2, lanes: 1, busBytes: 32, queueDepth: 2 });
  const sync = (unit: number, wait: number, signal: number): Instruction => ({
    mnemonic: 'sync',
    wait,
    signal,
    fields: { unit },
  });
  // 255 signals, the most there may be, before the first of them is taken.
  const full = [
    ...Array.from({ length: 255 }, () => sync(2, 0, 8)),
    ...[sync(2, 0, 1), sync(0, 4, 8), sync(3, 1, 0)],
    ...Array.from({ length: 255 }, () => sync(3, 4, 0)),
  ];
  const pairs = Array.from({ length: 300 }, () => [sync(2, 0, 8), sync(3, 4, 0)]).flat();
  const end: Instruction = { mnemonic: 'end', wait: 0, signal: 0, fields: {} };
  return finish('signals', machine, [...full, ...pairs, end], new Uint8Array(64), 64);
};
