/**
 * Random programs for engines that need no values: any transfer, matmul and vector shape, random semaphores. A take is emitted only
 * where a give comes earlier in the program, so no program deadlocks; `wild` keeps all takes, so some do.
 */

import fc from 'fast-check';
import { type Instruction, type Program, unitIndex, unitOf } from '../../compiler/isa/index.js';
import { bufferRowFormat, type Machine, machineSchema } from '../../models/machine/index.js';

const range = (min: number, max: number) => fc.integer({ min, max });

/** Machines of every bus, burst, queue and memory; the array is small, the buffers are of one size. */
export const timingMachines: fc.Arbitrary<Machine> = fc
  .record({
    array: fc.record({ rows: range(1, 16), columns: range(1, 16), multiplierStages: range(0, 2) }),
    bus: fc.record({
      bytes: fc.constantFrom(4, 8, 16, 32, 64),
      maximumBurstBeats: fc.constantFrom(1, 2, 4, 16, 64),
    }),
    queueDepth: fc.constantFrom(2, 4, 8),
    memory: fc.record({
      readLatency: range(1, 60),
      writeLatency: range(1, 60),
      cyclesPerBeat: fc.constantFrom(1, 1, 2, 3, 7, 64),
      outstanding: range(1, 8),
    }),
  })
  .map((drawn) =>
    machineSchema.parse({
      ...drawn,
      name: 'drawn',
      buffers: {
        activation: { banks: 4, rowsPerBank: 1024 },
        weight: { rows: 1024 },
        accumulator: { rowsPerBank: 256 },
        parameter: { rows: 64 },
      },
      vector: { lanes: 1 },
      clockMegahertz: 100,
      target: { kind: 'asic', nodeNanometres: 28 },
    }),
  );

interface Draw {
  readonly kind: 'load' | 'fill' | 'matmul' | 'requant' | 'add' | 'store' | 'sync';
  readonly unit: number;
  readonly buffer: number;
  readonly wait: number;
  readonly signal: number;
  /** Three small extents, for loops of any instruction. */
  readonly loops: readonly [number, number, number];
  readonly rows: number;
  readonly row: number;
  readonly strides: readonly [number, number];
}

/** What {@link makeProgram} makes a program of. */
export const programDraws: fc.Arbitrary<readonly Draw[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('load', 'fill', 'matmul', 'requant', 'add', 'store', 'sync'),
    unit: range(0, 3),
    buffer: range(0, 3),
    wait: range(0, 15),
    signal: range(0, 15),
    loops: fc.tuple(range(1, 4), range(1, 6), range(1, 3)),
    rows: range(1, 60),
    row: range(0, 500),
    strides: fc.tuple(range(0, 200), range(0, 300)),
  }),
  { maxLength: 50 },
);

/** A program that ends. Nothing about its values is legal: for timing only. */
export function makeProgram(machine: Machine, draws: readonly Draw[], wild = false): Program {
  const available = new Int32Array(16);
  const instructions = draws.map((draw) => {
    const bare = makeInstruction(machine, draw);
    const unit = unitIndex[unitOf(bare)!];
    let wait = 0;
    for (let other = 0; other < 4; other++) {
      const take = other !== unit && ((draw.wait >> other) & 1) === 1;
      if (!take || (!wild && available[4 * other + unit]! === 0)) continue;
      wait |= 1 << other;
      available[4 * other + unit]!--;
    }
    const signal = draw.signal & ~(1 << unit);
    for (let other = 0; other < 4; other++) available[4 * unit + other]! += (signal >> other) & 1;
    return { ...bare, wait, signal } as Instruction;
  });
  const end: Instruction = { mnemonic: 'end', wait: 0, signal: 0, fields: {} };
  return programOf([...instructions, end]);
}

/** A program of instructions alone: no data, no layers. */
export function programOf(instructions: readonly Instruction[], dramBytes = 0): Program {
  return {
    name: 'drawn',
    machine: 'drawn',
    instructions,
    words: new Uint8Array(),
    segments: [],
    programAddress: 0,
    dramBytes,
    layers: [],
    layerOf: new Int32Array(instructions.length).fill(-1),
    lineOf: new Int32Array(instructions.length),
  };
}

function makeInstruction(machine: Machine, draw: Draw): Instruction {
  const masks = { wait: 0, signal: 0 };
  const [a, b, c] = draw.loops;
  const pixels = { ny: a, nx: b, slices: c };
  const output = { zeroPoint: 0, min: -128, max: 127, lookup: 0, table: 0 };
  switch (draw.kind) {
    case 'load': {
      const { pitch } = bufferRowFormat(machine, (['act', 'wgt', 'par', 'lut'] as const)[draw.buffer]!);
      return {
        mnemonic: 'load',
        ...masks,
        fields: { buffer: draw.buffer, address: 0, ...transfer(draw, pitch) },
      };
    }
    case 'store':
      return {
        mnemonic: 'store',
        ...masks,
        fields: { address: 0, ...transfer(draw, bufferRowFormat(machine, 'act').pitch) },
      };
    case 'fill': {
      const loops = { rows: draw.rows, runs: a, runStride: 0, planes: c, planeStride: 0 };
      return { mnemonic: 'fill', ...masks, fields: { address: 0, value: 0, ...loops } };
    }
    case 'matmul': {
      const tiles = { nkb: c, strideKb: 0, nky: a, strideKy: 0, nkx: a, strideKx: 0 };
      const place = { act: 0, wgt: 0, acc: 0, accumulate: draw.buffer & 1 };
      const vectors = { ny: a, nx: b, strideY: 0, strideX: 0 };
      return { mnemonic: 'matmul', ...masks, fields: { ...place, ...vectors, ...tiles } };
    }
    case 'requant': {
      const place = { acc: 0, par: 0, dst: 0, dstSlot: 0, dstStrideY: 0, dstBlock: 0 };
      return {
        mnemonic: 'requant',
        ...masks,
        fields: { ...place, ...pixels, ...output, eachRow: draw.buffer & 1 },
      };
    }
    case 'add': {
      const place = { a: 0, b: 0, dst: 0, par: 0, leftShift: 0 };
      const strides = { aStrideY: 0, bStrideY: 0, dstStrideY: 0, aBlock: 0, bBlock: 0, dstBlock: 0 };
      return { mnemonic: 'add', ...masks, fields: { ...place, ...strides, ...pixels, ...output } };
    }
    case 'sync':
      return { mnemonic: 'sync', ...masks, fields: { unit: draw.unit } };
  }
}

function transfer({ loops: [runs, , planes], rows, row, strides }: Draw, pitch: number) {
  return {
    dram: row * pitch,
    rows,
    runs,
    runDramStride: strides[0] * pitch,
    runStride: 0,
    planes,
    planeDramStride: strides[1] * pitch,
    planeStride: 0,
  };
}
