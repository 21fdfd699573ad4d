/**
 * A naive machine for schedules: whole operations as units of time, units interleaved at random as their semaphores allow.
 * A schedule that lacks an order gives wrong values under some interleaving; a byte read before it was written throws.
 */

import { requantize, scaleRounded } from '../../base/index.js';
import type { Dataflow, Operation } from '../../compiler/dataflow/index.js';
import { type UnitName, unitNames } from '../../compiler/isa/index.js';
import { bufferRowFormat, type Machine, PARAMETER_BYTES } from '../../models/machine/index.js';

type Fields = Readonly<Record<string, number>>;
const UNWRITTEN = 9999;
const BUFFERS = ['act', 'wgt', 'par', 'lut'] as const;

export class NaiveMachine {
  readonly dram: Uint8Array;
  private readonly act: Int16Array;
  private readonly wgt: Int8Array;
  private readonly par: Uint8Array;
  private readonly lut = new Int8Array(512);
  private readonly acc: Int32Array;
  private readonly R: number;
  private readonly C: number;
  private readonly V: number;

  constructor(
    private readonly machine: Machine,
    private readonly dataflow: Dataflow,
    image: ReadonlyMap<string, Uint8Array>,
  ) {
    this.R = machine.array.rows;
    this.C = machine.array.columns;
    this.V = machine.vector.lanes;
    const { buffers } = machine;
    this.act = new Int16Array(16 * 65536 * this.R).fill(UNWRITTEN);
    this.wgt = new Int8Array(buffers.weight.rows * this.C);
    this.par = new Uint8Array(buffers.parameter.rows * this.V * PARAMETER_BYTES);
    this.acc = new Int32Array(65536 * this.C);
    this.dram = new Uint8Array(Math.max(...dataflow.tensors.map((t) => t.address + t.bytes)));
    for (const t of dataflow.tensors) {
      const data = image.get(t.name);
      if (data) this.dram.set(data, t.address);
    }
  }

  /** Runs all layers; `choose(n)` picks which of n ready units goes next. */
  run(choose: (count: number) => number): void {
    const operations = this.dataflow.layers.flatMap((layer) => layer.body as readonly Operation[]);
    const queues = new Map<UnitName, Operation[]>(unitNames.map((u) => [u, []]));
    for (const operation of operations) queues.get(unitOfOperation(operation))!.push(operation);
    const next = new Map<UnitName, number>(unitNames.map((u) => [u, 0]));
    const counters = new Map<string, number>();
    const count = (p: string, c: string) => counters.get(`${p}>${c}`) ?? 0;
    for (let left = operations.length; left > 0; left--) {
      const ready = unitNames.filter((u) => {
        const head = queues.get(u)![next.get(u)!];
        return head?.wait.every((p) => count(p, u) > 0) ?? false;
      });
      if (ready.length === 0) throw new Error('deadlock');
      const unit = ready[choose(ready.length)]!;
      const operation = queues.get(unit)![next.get(unit)!]!;
      next.set(unit, next.get(unit)! + 1);
      for (const p of operation.wait) counters.set(`${p}>${unit}`, count(p, unit) - 1);
      this.execute(operation);
      for (const c of operation.signal) {
        counters.set(`${unit}>${c}`, count(unit, c) + 1);
        if (count(unit, c) > 255) throw new Error('semaphore overflow');
      }
    }
    for (const [pair, value] of counters) if (value !== 0) throw new Error(`${pair} ends at ${value}`);
  }

  private execute(operation: Operation): void {
    const f = operation.fields as Fields;
    const tensor = this.dataflow.tensors.find((t) => t.name === operation.dram?.tensor);
    const dram = tensor ? tensor.address + (operation.dram!.offset as number) : 0;
    switch (operation.mnemonic) {
      case 'load':
        this.transfer(f, dram, BUFFERS[f.buffer!]!, true);
        break;
      case 'store':
        this.transfer(f, dram, 'act', false);
        break;
      case 'fill':
        forRows({ ...f, runDramStride: 0, planeDramStride: 0 }, 0, (row) =>
          this.act.fill(f.value!, row * this.R, (row + 1) * this.R),
        );
        break;
      case 'matmul':
        this.matmul(f);
        break;
      case 'requant':
        this.pixels(f, 'dst', f.dstSlot!, (pixel, slice, lane) => {
          const acc = this.acc[(f.acc! + pixel.index) * this.C + slice * this.V + lane]!;
          return this.stage(f, acc, f.par! + (f.eachRow === 1 ? pixel.index : slice), lane);
        });
        break;
      case 'pool':
      case 'dwconv':
        this.window(f, operation.mnemonic);
        break;
      case 'rescale':
        this.pixels(f, 'dst', f.dstSlot!, (p, slice, lane) =>
          this.stage(
            f,
            this.slot(f.src! + p.y * f.srcStrideY! + p.x, f.srcSlot! + slice, f.srcBlock!, lane),
            f.par! + slice,
            lane,
          ),
        );
        break;
      case 'add':
        this.add(f);
        break;
      default:
        throw new Error(operation.mnemonic);
    }
  }

  private transfer(f: Fields, dram: number, buffer: (typeof BUFFERS)[number], load: boolean): void {
    const { pitch, rowBytes } = bufferRowFormat(this.machine, buffer);
    const target = this[buffer];
    forRows(f, pitch, (row, offset) => {
      for (let i = 0; i < rowBytes; i++) {
        const at = row * rowBytes + i;
        if (at >= target.length) throw new Error(`${buffer} row ${row} overruns`);
        if (load) {
          const byte = this.dram[dram + offset + i]!;
          target[at] = buffer === 'par' ? byte : (byte << 24) >> 24;
        } else this.dram[dram + offset + i] = this.read(at);
      }
    });
  }

  private read(at: number): number {
    const value = this.act[at]!;
    if (value === UNWRITTEN)
      throw new Error(`act byte ${at} (row ${Math.floor(at / this.R)}) is read before it is written`);
    return value;
  }

  private matmul(f: Fields): void {
    const { R, C } = this;
    let tile = 0;
    for (let kb = 0; kb < f.nkb!; kb++)
      for (let ky = 0; ky < f.nky!; ky++)
        for (let kx = 0; kx < f.nkx!; kx++, tile++) {
          const base = f.act! + kb * f.strideKb! + ky * f.strideKy! + kx * f.strideKx!;
          for (let y = 0; y < f.ny!; y++)
            for (let x = 0; x < f.nx!; x++) {
              const row = base + y * f.strideY! + x * f.strideX!;
              const acc = (f.acc! + y * f.nx! + x) * C;
              for (let c = 0; c < C; c++) {
                let sum = tile > 0 || f.accumulate ? this.acc[acc + c]! : 0;
                for (let r = 0; r < R; r++)
                  sum += this.read(row * R + r) * this.wgt[(f.wgt! + tile * R + r) * C + c]!;
                this.acc[acc + c] = sum;
              }
            }
        }
  }

  private slot(row: number, slot: number, block: number, lane: number): number {
    const slots = this.R / this.V;
    return this.read((row + Math.floor(slot / slots) * block) * this.R + (slot % slots) * this.V + lane);
  }

  private window(f: Fields, mnemonic: 'pool' | 'dwconv'): void {
    this.pixels(f, 'dst', 0, (p, slice, lane) => {
      let sum = mnemonic === 'pool' && f.mode === 0 ? -1000 : 0;
      for (let ky = 0; ky < f.nky!; ky++)
        for (let kx = 0; kx < f.nkx!; kx++) {
          const row =
            f.src! + p.y * f.srcStrideY! + p.x * f.srcStrideX! + ky * f.strideKy! + kx * f.strideKx!;
          const value = this.slot(row, slice, f.srcBlock!, lane);
          if (mnemonic === 'dwconv') {
            const channel = slice * this.V + lane;
            const block = Math.floor(channel / this.C) * f.nky! * f.nkx!;
            sum += value * this.wgt[(f.wgt! + block + ky * f.nkx! + kx) * this.C + (channel % this.C)]!;
          } else sum = f.mode === 0 ? Math.max(sum, value) : sum + value;
        }
      return this.stage(f, sum, f.par! + slice, lane);
    });
  }

  private add(f: Fields): void {
    this.pixels(f, 'dst', 0, (p, slice, lane) => {
      const side = (base: number, strideY: number, block: number, par: number) => {
        const { bias, multiplier, shift } = this.parameter(par, lane);
        const value = this.slot(base + p.y * strideY + p.x, slice, block, lane);
        return scaleRounded(value * 2 ** f.leftShift! + bias, { multiplier, shift });
      };
      const a = side(f.a!, f.aStrideY!, f.aBlock!, f.par!);
      const b = side(f.b!, f.bStrideY!, f.bBlock!, f.par! + 1);
      return this.stage(f, a + b, f.par! + 2, lane);
    });
  }

  private parameter(row: number, lane: number) {
    const view = new DataView(this.par.buffer, (row * this.V + lane) * PARAMETER_BYTES, PARAMETER_BYTES);
    return { bias: view.getInt32(0, true), multiplier: view.getUint32(4, true), shift: view.getUint8(8) };
  }

  private stage(f: Fields, acc: number, par: number, lane: number): number {
    const { bias, multiplier, shift } = this.parameter(par, lane);
    const q = { multiplier, shift, zeroPoint: f.zeroPoint!, min: f.min!, max: f.max! };
    const value = requantize(acc + bias, q);
    return f.lookup ? this.lut[256 * f.table! + value + 128]! : value;
  }

  private pixels(
    f: Fields,
    target: string,
    firstSlot: number,
    compute: (
      pixel: { readonly y: number; readonly x: number; readonly index: number },
      slice: number,
      lane: number,
    ) => number,
  ): void {
    const slots = this.R / this.V;
    for (let y = 0; y < f.ny!; y++)
      for (let x = 0; x < f.nx!; x++)
        for (let slice = 0; slice < f.slices!; slice++)
          for (let lane = 0; lane < this.V; lane++) {
            const slot = firstSlot + slice;
            const row = f[target]! + y * f.dstStrideY! + x + Math.floor(slot / slots) * f.dstBlock!;
            this.act[row * this.R + (slot % slots) * this.V + lane] = compute(
              { y, x, index: y * f.nx! + x },
              slice,
              lane,
            );
          }
  }
}

function forRows(f: Fields, pitch: number, visit: (row: number, offset: number) => void): void {
  for (let p = 0; p < f.planes!; p++)
    for (let r = 0; r < f.runs!; r++)
      for (let i = 0; i < f.rows!; i++)
        visit(
          f.address! + p * f.planeStride! + r * f.runStride! + i,
          p * f.planeDramStride! + r * f.runDramStride! + i * pitch,
        );
}

function unitOfOperation({ mnemonic }: Operation): UnitName {
  if (mnemonic === 'load' || mnemonic === 'fill') return 'load';
  return mnemonic === 'store' || mnemonic === 'matmul' ? mnemonic : 'vector';
}
