/** The interpreter on tiny programs that can be worked out by hand. Machine: 2 x 2, one lane, 4-byte bus: every row has a pitch of 2. */

import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../compiler/isa/index.js';
import { machineSchema } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { programOf } from '../support/random-program.js';

const machine = machineSchema.parse({
  name: 'tiny',
  array: { rows: 2, columns: 2 },
  buffers: {
    activation: { banks: 3, rowsPerBank: 16 },
    weight: { rows: 16 },
    accumulator: { rowsPerBank: 4 },
    parameter: { rows: 4 },
  },
  vector: { lanes: 1 },
  bus: { bytes: 4 },
  clockMegahertz: 1,
  target: { kind: 'asic', nodeNanometres: 28 },
});

const masks = { wait: 0, signal: 0 };
const once = { runs: 1, runDramStride: 0, runStride: 0, planes: 1, planeDramStride: 0, planeStride: 0 };
const load = (buffer: number, dram: number, rows: number, address = 0): Instruction => ({
  mnemonic: 'load',
  ...masks,
  fields: { buffer, address, dram, rows, ...once },
});
const store = (address: number, dram: number, rows: number): Instruction => ({
  mnemonic: 'store',
  ...masks,
  fields: { address, dram, rows, ...once },
});
const output = { zeroPoint: 0, min: -128, max: 127, lookup: 0, table: 0 };
const matmul = (accumulate: number): Instruction => ({
  mnemonic: 'matmul',
  ...masks,
  fields: {
    ...{ act: 0, wgt: 0, acc: 0, accumulate, ny: 1, nx: 1, strideY: 0, strideX: 1 },
    ...{ nkb: 1, strideKb: 0, nky: 1, strideKy: 0, nkx: 1, strideKx: 0 },
  },
});
const requant = (slices: number, zeroPoint: number): Instruction => ({
  mnemonic: 'requant',
  ...masks,
  fields: {
    ...{
      acc: 0,
      par: 0,
      dst: 65536,
      dstSlot: 0,
      slices,
      ny: 1,
      nx: 1,
      dstStrideY: 0,
      dstBlock: 0,
      eachRow: 0,
    },
    ...output,
    zeroPoint,
  },
});
const end: Instruction = { mnemonic: 'end', ...masks, fields: {} };
const ACT = 0;
const WGT = 1;
const PAR = 2;
const LUT = 3;

/** 256 bytes: act row (3, -4) at 0, weight rows (5, 6), (7, 8) at 4, parameters of two channels from 16, tables elsewhere. */
function memory(): Uint8Array {
  const dram = new Uint8Array(1024);
  dram.set([3, 256 - 4], 0);
  dram.set([5, 6, 7, 8], 4);
  const view = new DataView(dram.buffer);
  // Rows of 9 bytes have a pitch of 12. Channel 0: (sum + 1) / 2, channel 1: sum / 4, both rounded half up.
  for (const [row, bias, shift] of [
    [0, 1, 1],
    [1, 0, 2],
  ] as const) {
    view.setInt32(16 + 12 * row, bias, true);
    view.setUint32(20 + 12 * row, 1, true);
    view.setUint8(24 + 12 * row, shift);
  }
  for (let i = 0; i < 512; i++) dram[512 + i] = i;
  return dram;
}

const interpret = (...instructions: readonly Instruction[]) =>
  new Int8Array(interpretProgram(machine, programOf([...instructions, end], 1024), memory()).buffer);

const inputs = [load(ACT, 0, 1), load(WGT, 4, 2), load(PAR, 16, 2)];

describe('interpreter', () => {
  it('multiplies, adds bias, scales and rounds half up', () => {
    // Columns: 3*5 - 4*7 = -13, 3*6 - 4*8 = -14. (-13 + 1) / 2 = -6; -14 / 4 = -3.5 -> -3; zero point 10.
    const dram = interpret(...inputs, matmul(0), requant(2, 10), store(65536, 100, 1));
    expect([...dram.subarray(100, 102)]).toEqual([4, 7]);
  });

  it('accumulates into what the row held', () => {
    const dram = interpret(...inputs, matmul(0), matmul(1), requant(2, 0), store(65536, 100, 1));
    // -26: (-26 + 1) / 2 = -12.5 -> -12; -28 / 4 = -7.
    expect([...dram.subarray(100, 102)]).toEqual([-12, -7]);
  });

  it('looks results up in the second table', () => {
    const bare = requant(2, 0);
    if (bare.mnemonic !== 'requant') throw new Error('unreachable');
    const looked: Instruction = { ...bare, fields: { ...bare.fields, lookup: 1, table: 1 } };
    const dram = interpret(...inputs, load(LUT, 512, 512), matmul(0), looked, store(65536, 100, 1));
    // Entry 256 + v + 128 holds its own index modulo 256: v + 128, as int8 v - 128 (+256).
    expect([...dram.subarray(100, 102)]).toEqual([-6 + 128, -3 + 128]);
  });

  it('takes the largest of a window', () => {
    const pool: Instruction = {
      mnemonic: 'pool',
      ...masks,
      fields: {
        ...{ mode: 0, src: 0, dst: 65536, par: 1, slices: 2, ny: 1, nx: 1, srcStrideY: 0, srcStrideX: 1 },
        ...{ srcBlock: 0, dstStrideY: 0, dstBlock: 0, nky: 1, nkx: 2, strideKy: 0, strideKx: 1 },
        ...output,
      },
    };
    // Slices use parameter rows 1 and 2; row 2 is loaded from the one at 16 again: (x + 1) / 2.
    const dram = interpret(
      load(ACT, 0, 1),
      load(ACT, 4, 1, 1),
      load(PAR, 16, 2),
      load(PAR, 16, 1, 2),
      pool,
      store(65536, 100, 1),
    );
    expect([...dram.subarray(100, 102)]).toEqual([1, 4]);
  });

  it('fills rows and stores whole transfers', () => {
    const fill: Instruction = {
      mnemonic: 'fill',
      ...masks,
      fields: { address: 2, value: -7, rows: 2, runs: 2, runStride: 4, planes: 1, planeStride: 0 },
    };
    const dram = interpret(fill, store(6, 200, 2));
    expect([...dram.subarray(198, 206)]).toEqual([0, 0, -7, -7, -7, -7, 0, 0]);
  });

  it('reads and writes to the last byte of DRAM', () => {
    const dram = interpret(load(ACT, 0, 1), load(ACT, 1022, 1, 1), store(0, 1022, 1));
    expect([...dram.subarray(1020)]).toEqual([252, 253, 3, -4].map((v) => (v << 24) >> 24));
  });

  it('takes the low bits of a table entry where elements have fewer than 8', () => {
    const narrow: typeof machine = {
      ...machine,
      elements: { ...machine.elements, activationBits: 4, weightBits: 4 },
    };
    // One row of two 4-bit activations: 3 and -4. Identity scaling; table entries hold their index, 128 + v for value v.
    const dram = new Uint8Array(1024);
    dram[0] = 0xc3;
    const view = new DataView(dram.buffer);
    for (const row of [0, 1]) {
      view.setUint32(16 + 12 * row + 4, 2, true);
      view.setUint8(16 + 12 * row + 8, 1);
    }
    for (let i = 0; i < 512; i++) dram[512 + i] = i + 0x15;
    const rescale: Instruction = {
      mnemonic: 'rescale',
      ...masks,
      fields: {
        ...{ src: 0, srcSlot: 0, dst: 65536, dstSlot: 0, par: 0, slices: 2, ny: 1, nx: 1, srcStrideY: 0 },
        ...{ srcBlock: 0, dstStrideY: 0, dstBlock: 0, ...output, min: -8, max: 7, lookup: 1 },
      },
    };
    // Again without the table: what would be outside -8 to 7 would show as one of these bounds.
    const again = { ...rescale, fields: { ...rescale.fields, src: 65536, dst: 65537, lookup: 0 } };
    const tables = [load(ACT, 0, 1), load(PAR, 16, 2), load(LUT, 512, 512)];
    const list = [...tables, rescale, again, store(65537, 100, 1), end];
    const stored = interpretProgram(narrow, programOf(list, 1024), dram);
    // Entries 131 + 0x15 = 0x98 and 124 + 0x15 = 0x91: low four bits 8 and 1.
    expect(stored[100]).toBe(0x18);
  });

  it.each([
    ['an act slot that nothing wrote', [store(0, 0, 1)], /instruction 0: act row 0 slot 0/],
    ['an acc row that nothing wrote', [load(PAR, 16, 2), requant(1, 0)], /instruction 1: acc row 0/],
    ['a weight that nothing wrote', [load(ACT, 0, 1), matmul(0)], /instruction 1: wgt row 0/],
    ['a row past the bank', [load(ACT, 0, 17)], /act row 16 of bank 0 does not exist/],
    ['bytes past the end of DRAM', [load(ACT, 1024, 1)], /past the end/],
  ] as const)('stops at %s', (_, instructions, message) => {
    expect(() => interpret(...instructions)).toThrow(message);
  });
});
