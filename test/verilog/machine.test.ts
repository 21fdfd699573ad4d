import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedPointScale, requantize } from '../../base/index.js';
import { emitTestBench } from '../../compiler/verilog/index.js';
import { bufferRowFormat, type Machine } from '../../models/machine/index.js';
import { hasTool, programOf, runScript, type Shape, smallMachine, withFiles } from './support.js';

const shapes: readonly Shape[] = [
  { rows: 1, columns: 1, lanes: 1, busBytes: 4 },
  { rows: 3, columns: 5, lanes: 1, busBytes: 8 },
  { rows: 4, columns: 4, lanes: 2, busBytes: 16 },
  { rows: 8, columns: 8, lanes: 8, busBytes: 64 },
  { rows: 6, columns: 9, lanes: 3, busBytes: 4 },
];

const ACT = 4096;
const WGT = 8192;
const PAR = 16384;
const OUT = 20480;
const PIXELS = 7;
const BLOCKS = 2;

/** Loads two channel blocks of seven pixels, multiplies by a (2R x C) matrix, requantises and stores. */
function program(machine: Machine): string {
  const { rows, columns } = machine.array;
  const outBlocks = Math.ceil(columns / rows);
  const slices = columns / machine.vector.lanes;
  const plain = 'runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0';
  return `
fill address=2:0 value=-7 rows=${outBlocks * PIXELS} runs=1 runStride=0 planes=1 planeStride=0
load buffer=act address=0 dram=${ACT} rows=${BLOCKS * PIXELS} ${plain}
load buffer=wgt address=0 dram=${WGT} rows=${BLOCKS * rows} ${plain} signal(matmul)
load buffer=par address=0 dram=${PAR} rows=${slices} ${plain} signal(vector)
matmul act=0:0 wgt=0 acc=0:0 accumulate=0 ny=1 nx=${PIXELS} strideY=0 strideX=1 nkb=${BLOCKS} strideKb=${PIXELS} nky=1 strideKy=0 nkx=1 strideKx=0 wait(load) signal(vector)
sync unit=vector wait(load)
requant acc=0:0 par=0 dst=2:0 dstSlot=0 slices=${slices} ny=1 nx=${PIXELS} dstStrideY=0 dstBlock=${PIXELS} zeroPoint=-3 min=-100 max=90 lookup=0 table=0 eachRow=0 wait(matmul) signal(store)
store address=2:0 dram=${OUT} rows=${outBlocks * PIXELS} ${plain} wait(vector)
end`;
}

const byte = (seed: number, index: number) =>
  ((Math.imul(index + 1, 2654435761) ^ Math.imul(seed, 40503)) >>> 11) % 256;
const signed = (value: number) => (value << 24) >> 24;

function build(machine: Machine, seed: number) {
  const { rows, columns } = machine.array;
  const dram = new Uint8Array(32768);
  const code = programOf(machine, program(machine), 0, dram.length);
  dram.set(code.words, 0);
  const pitch = { act: 0, wgt: 0, par: 0 };
  for (const name of ['act', 'wgt', 'par'] as const) pitch[name] = bufferRowFormat(machine, name).pitch;
  const activation = (pixel: number, k: number) => signed(byte(seed, k * PIXELS + pixel));
  const weight = (k: number, c: number) => signed(byte(seed + 1, k * columns + c));
  const scale = fixedPointScale(0.37 / (rows * 64), 31);
  for (let k = 0; k < BLOCKS * rows; k++) {
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const row = Math.floor(k / rows) * PIXELS + pixel;
      dram[ACT + row * pitch.act + (k % rows)] = activation(pixel, k);
    }
    for (let c = 0; c < columns; c++) dram[WGT + k * pitch.wgt + c] = weight(k, c);
  }
  const view = new DataView(dram.buffer);
  const { lanes } = machine.vector;
  const bias = (c: number) => (byte(seed + 2, c) - 128) * 37;
  for (let c = 0; c < columns; c++) {
    const at = PAR + Math.floor(c / lanes) * pitch.par + (c % lanes) * 9;
    view.setInt32(at, bias(c), true);
    view.setUint32(at + 4, scale.multiplier, true);
    view.setUint8(at + 8, scale.shift);
  }
  const outRows = Math.ceil(columns / rows) * PIXELS;
  const bytes = new Uint8Array(outRows * pitch.act);
  const mask = new Uint8Array(bytes.length).fill(1);
  for (let row = 0; row < outRows; row++) bytes.fill(-7, row * pitch.act, row * pitch.act + rows);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    for (let c = 0; c < columns; c++) {
      let sum = bias(c);
      for (let k = 0; k < BLOCKS * rows; k++) sum += activation(pixel, k) * weight(k, c);
      const at = (Math.floor(c / rows) * PIXELS + pixel) * pitch.act + (c % rows);
      bytes[at] = requantize(sum, { ...scale, zeroPoint: -3, min: -100, max: 90 });
    }
  }
  return emitTestBench({ machine, program: code, dram, golden: [{ address: OUT, bytes, mask }] }).files;
}

describe.skipIf(!hasTool('iverilog'))('the whole machine in Icarus Verilog', () => {
  it.each(shapes)(
    'computes load, fill, matmul, requant, store on $rows x $columns',
    (shape) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 99 }), (seed, stalls) => {
          withFiles(build(smallMachine(shape), seed), (folder) => {
            expect(runScript(folder, 'run_icarus.sh', '+runs=2').output.match(/^PASS/gm)).toHaveLength(2);
            expect(runScript(folder, 'run_icarus.sh', `+stalls=${stalls}`).pass).toBe(true);
            expect(runScript(folder, 'run_icarus.sh', '+corrupt').pass).toBe(false);
          });
        }),
        { numRuns: 1 },
      );
    },
    60_000,
  );
});

describe.skipIf(!hasTool('iverilog') || !hasTool('verilator'))('the whole machine in both simulators', () => {
  it('has the same events in the same cycles', () => {
    withFiles(build(smallMachine(shapes[1]!), 5), (folder) => {
      const lines = (script: string) =>
        runScript(folder, script, '+trace').output.match(/^(trace|cycles|PASS).*$/gm);
      const expected = lines('run_icarus.sh');
      expect(expected?.at(-1)).toMatch(/^PASS/);
      expect(lines('run_verilator.sh')).toEqual(expected);
    });
  }, 120_000);
});
