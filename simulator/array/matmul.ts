/**
 * matmul with every PE register: two sets of counters issue a weight row and an act row a cycle, the array moves, and sums are
 * accumulated in the cycle in which they come out. In: buffers (checked reads). Out: acc rows. It knows no closed form: when it is
 * done is what the counters and the array's depth make it.
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Interpreter } from '../engine/index.js';
import type { Datapath } from './datapath.js';
import { PeArray } from './pe-array.js';

type Fields = InstructionOf<'matmul'>['fields'];

/** What becomes of a vector's column sums. */
interface Destination {
  readonly row: number;
  readonly add: boolean;
  readonly last: boolean;
  /** Cycle in which they are valid. */
  readonly at: number;
}

/** A tile counter and a phase that counts to the tile period. */
class TileCounter {
  tile = 0;
  phase = 0;

  advance(period: number): void {
    this.phase++;
    if (this.phase < period) return;
    this.phase = 0;
    this.tile++;
  }
}

export class MatmulDatapath implements Datapath<{ readonly index: number; readonly fields: Fields }> {
  readonly array: PeArray;
  private readonly sums: Int32Array;
  private fields: Fields | undefined;
  private index = 0;
  private tiles = 0;
  private weights = new TileCounter();
  private vectors = new TileCounter();
  private vectorsStarted = false;
  /** Rows read in the last cycle: they reach the array's edge in this one. */
  private weight: Int8Array | undefined;
  private weightRow = 0;
  private act: Int8Array | undefined;
  private actTarget: Omit<Destination, 'at'> | undefined;
  private readonly underWay: Destination[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly buffers: Interpreter,
  ) {
    this.array = new PeArray(machine);
    this.sums = new Int32Array(machine.array.columns);
  }

  start({ index, fields }: { readonly index: number; readonly fields: Fields }): void {
    this.fields = fields;
    this.index = index;
    this.tiles = fields.nkb * fields.nky * fields.nkx;
    this.weights = new TileCounter();
    this.vectors = new TileCounter();
    this.vectorsStarted = false;
    this.weight = undefined;
    this.act = undefined;
    this.actTarget = undefined;
  }

  tick(now: number): boolean {
    const { rows, columns } = this.machine.array;
    this.buffers.index = this.index;
    this.array.step(this.act, this.weight, this.weightRow, this.sums);
    if (this.actTarget) this.underWay.push({ ...this.actTarget, at: now + rows + columns });
    const out = this.underWay[0]?.at === now ? this.underWay.shift() : undefined;
    if (out) this.accumulate(out);
    this.issue(this.fields!);
    return out?.last ?? false;
  }

  /** Reads a weight row and, from the second cycle on, an act row. A tile's period leaves room for both. */
  private issue(f: Fields): void {
    const { rows } = this.machine.array;
    const count = f.ny * f.nx;
    const period = Math.max(count, rows, 2);
    const { weights, vectors } = this;
    this.act = undefined;
    this.actTarget = undefined;
    if (this.vectorsStarted) {
      if (vectors.tile < this.tiles && vectors.phase < count) this.readAct(f, vectors.tile, vectors.phase);
      vectors.advance(period);
    }
    this.vectorsStarted = true;
    this.weight = undefined;
    if (weights.tile < this.tiles && weights.phase < rows) this.readWeight(f, weights.tile, weights.phase);
    weights.advance(period);
  }

  private readWeight(f: Fields, tile: number, row: number): void {
    const { rows, columns } = this.machine.array;
    const source = f.wgt + tile * rows + row;
    this.buffers.checkRow('wgt', source);
    this.weight = this.buffers.state.wgt.subarray(source * columns, (source + 1) * columns);
    this.weightRow = row;
  }

  private readAct(f: Fields, tile: number, vector: number): void {
    const { rows } = this.machine.array;
    const kx = tile % f.nkx;
    const ky = Math.floor(tile / f.nkx) % f.nky;
    const kb = Math.floor(tile / (f.nkx * f.nky));
    const pixel = Math.floor(vector / f.nx) * f.strideY + (vector % f.nx) * f.strideX;
    const source = this.buffers.actRead(f.act, pixel + kb * f.strideKb + ky * f.strideKy + kx * f.strideKx);
    this.act = this.buffers.state.act.subarray(source * rows, (source + 1) * rows);
    this.actTarget = {
      row: this.buffers.accRowIndex(f.acc, vector),
      add: tile > 0 || f.accumulate === 1,
      last: tile === this.tiles - 1 && vector === f.ny * f.nx - 1,
    };
  }

  private accumulate({ row, add }: Destination): void {
    const { columns } = this.machine.array;
    const unused = 32 - this.machine.elements.accumulatorBits;
    const { acc } = this.buffers.state;
    if (add) this.buffers.checkRow('acc', row);
    for (let c = 0; c < columns; c++) {
      const old = add ? acc[row * columns + c]! : 0;
      acc[row * columns + c] = ((old + this.sums[c]!) << unused) >> unused;
    }
    this.buffers.markRow('acc', row);
  }
}
