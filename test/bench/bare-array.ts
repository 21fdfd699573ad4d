/** The operands and the datapath that the benchmarks of the bare 16 x 16 array share: a 3 x 3 convolution, 32 channels in, 16 x 32 pixels. */

import { InternalError } from '../../base/index.js';
import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Toggles } from '../../models/activity/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { MatmulDatapath } from '../../simulator/array/index.js';
import { Interpreter } from '../../simulator/engine/index.js';
import { randomIntegers } from '../schedule/networks.js';

export const machine = machinePresets.get('edge16')!;
export const { rows, columns } = machine.array;
export const [ny, nx, kernel, blocks] = [16, 32, 3, 2] as const;
export const pitch = nx + kernel - 1;
export const plane = pitch * (ny + kernel - 1);
export const vectors = ny * nx;
export const tiles = blocks * kernel * kernel;
export const fields: InstructionOf<'matmul'>['fields'] = {
  act: 0,
  wgt: 0,
  acc: 0,
  accumulate: 0,
  ny,
  nx,
  strideY: pitch,
  strideX: 1,
  nkb: blocks,
  strideKb: plane,
  nky: kernel,
  strideKy: pitch,
  nkx: kernel,
  strideKx: 1,
};

export interface Operands {
  readonly act: Int8Array;
  readonly wgt: Int8Array;
}

/** Activations as after a ReLU (half of them zero), weights of both signs. */
export function operands(): Operands {
  const random = randomIntegers(3);
  return {
    act: Int8Array.from({ length: blocks * plane * rows }, () => Math.max(0, random(-127, 127))),
    wgt: Int8Array.from({ length: tiles * rows * columns }, () => random(-127, 127)),
  };
}

/** Our side: the datapath as the engine drives it. */
export class Ours {
  private readonly buffers = new Interpreter(machine, new Uint8Array(0));
  private readonly datapath: MatmulDatapath;
  private now = 0;

  constructor({ act, wgt }: Operands, toggles: boolean) {
    this.datapath = new MatmulDatapath(machine, this.buffers, undefined, toggles);
    this.buffers.state.act.set(act);
    this.buffers.state.wgt.set(wgt);
    for (let row = 0; row < blocks * plane; row++) this.buffers.markRow('act', row);
    for (let row = 0; row < tiles * rows; row++) this.buffers.markRow('wgt', row);
  }

  /** @returns cycles. */
  run(repetitions: number): number {
    const from = this.now;
    for (let i = 0; i < repetitions; i++) {
      this.datapath.start({ index: 0, fields });
      while (!this.datapath.tick(this.now++));
    }
    return this.now - from;
  }

  /** Since they were last asked for; undefined without counting. */
  toggles(): Toggles | undefined {
    return this.datapath.array.takeToggles();
  }

  /** The instruction as tiles. */
  work(): ReturnType<MatmulDatapath['read']> {
    return this.datapath.read(fields);
  }

  act(): Int8Array {
    return bytesOf(this.buffers.state.act);
  }

  wgt(): Int8Array {
    return bytesOf(this.buffers.state.wgt);
  }

  sums(): Int32Array {
    return this.buffers.state.acc.slice(0, vectors * columns);
  }
}

function bytesOf(buffer: Int8Array | Int16Array): Int8Array {
  if (buffer instanceof Int8Array) return buffer;
  throw new InternalError('edge16 has buffers of bytes');
}
