/**
 * What a matmul reads and writes, with every access checked before the first cycle, for any array. In: buffers and the instruction's
 * fields. Out: addresses. Throws EngineStop 'illegal' as the interpreter does.
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Interpreter } from '../engine/index.js';

type Fields = InstructionOf<'matmul'>['fields'];

/** An instruction under way. */
export interface Work {
  readonly fields: Fields;
  readonly vectors: number;
  /** Of the weight tiles of a weight-stationary array. */
  readonly period: number;
  /** Act row of each vector of the first tile, and what each tile adds. */
  readonly places: Int32Array;
  readonly offsets: readonly number[];
  /** First acc row. */
  readonly acc: number;
}

/** Checks every access of the instruction and finds its addresses. */
export function readWork(buffers: Interpreter, f: Fields): Work {
  const { rows } = buffers.machine.array;
  const vectors = f.ny * f.nx;
  const offsets: number[] = [];
  for (let kb = 0; kb < f.nkb; kb++)
    for (let ky = 0; ky < f.nky; ky++)
      for (let kx = 0; kx < f.nkx; kx++) offsets.push(kb * f.strideKb + ky * f.strideKy + kx * f.strideKx);
  const pixels = Int32Array.from(
    { length: vectors },
    (_, n) => Math.floor(n / f.nx) * f.strideY + (n % f.nx) * f.strideX,
  );
  const base = buffers.actRead(f.act, offsets[0]! + pixels[0]!) - offsets[0]! - pixels[0]!;
  for (let row = 0; row < offsets.length * rows; row++) buffers.checkRow('wgt', f.wgt + row);
  checkActs(buffers, f, offsets, pixels);
  const acc = buffers.accRowIndex(f.acc, 0);
  buffers.accRowIndex(f.acc, vectors - 1);
  if (f.accumulate === 1) for (let n = 0; n < vectors; n++) buffers.checkRow('acc', acc + n);
  const places = pixels.map((pixel) => base + pixel);
  return { fields: f, vectors, period: Math.max(vectors, rows, 2), places, offsets, acc };
}

/** Each act row that is read, once. */
function checkActs(buffers: Interpreter, f: Fields, offsets: readonly number[], pixels: Int32Array): void {
  const seen = new Uint8Array(2 ** 16);
  for (const offset of offsets) {
    for (const pixel of pixels) {
      const row = offset + pixel;
      if (row >= 0 && row < seen.length) {
        if (seen[row] === 1) continue;
        seen[row] = 1;
      }
      buffers.actRead(f.act, row);
    }
  }
}
