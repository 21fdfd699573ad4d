/**
 * matmul with every PE register: two sets of counters issue a weight row and an act row a cycle, the array moves, and sums are
 * accumulated as they come out. In: buffers (checked reads). Out: acc rows. It knows no closed form: when it is
 * done is what the counters and the array's depth make it.
 *
 * Nobody may touch the buffers that a running matmul names, so the array runs ahead of the clock, a stretch of cycles at
 * a time; in a probe's window it moves cycle by cycle.
 */

import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Interpreter } from '../engine/index.js';
import type { ArrayModel } from './array-model.js';
import type { Datapath } from './datapath.js';
import { readWork, type Work } from './matmul-work.js';
import { PeArray } from './pe-array.js';
import { PlainPeArray } from './plain-array.js';

type Fields = InstructionOf<'matmul'>['fields'];

/** Running cycles before the first weight row and the first act row reach the array's edge. */
const FIRST_WEIGHT = 1;
export const FIRST_ACT = 2;

/** A tile counter and a phase that counts to the tile period. */
class TileCounter {
  tile = 0;
  phase = 0;

  advance(period: number, by = 1): void {
    this.phase += by;
    if (this.phase < period) return;
    this.phase = 0;
    this.tile++;
  }
}

export class MatmulDatapath implements Datapath<{ readonly index: number; readonly fields: Fields }> {
  readonly array: ArrayModel;
  private readonly rows: number;
  private readonly columns: number;
  /** Cycles that a vector takes through the array: it passes R rows and C columns, a step each, and the multiplier. */
  private readonly wave: number;
  private work: Work | undefined;
  private weights = new TileCounter();
  private acts = new TileCounter();
  private sums = new TileCounter();
  /** Cycles of the instruction that the array has made, those that the clock has yet to reach, and the one with the last sum. */
  private made = 0;
  private ahead = 0;
  private lastSum = -1;

  /** @param window cycles in which registers are looked at. @param counting whether toggles are counted. */
  constructor(
    machine: Machine,
    private readonly buffers: Interpreter,
    private readonly window?: { readonly from: number; readonly to: number },
    counting = false,
  ) {
    this.array = makeArray(machine, counting);
    this.rows = machine.array.rows;
    this.columns = machine.array.columns;
    this.wave = this.rows + this.columns - 1 + machine.array.multiplierStages;
  }

  start({ index, fields }: { readonly index: number; readonly fields: Fields }): void {
    this.buffers.index = index;
    this.work = this.read(fields);
    this.weights = new TileCounter();
    this.acts = new TileCounter();
    this.sums = new TileCounter();
    this.made = 0;
    this.ahead = 0;
    this.lastSum = -1;
    const { acc } = this.buffers.state;
    const { vectors, acc: first } = this.work;
    const old = acc.subarray(first * this.columns, (first + vectors) * this.columns);
    this.array.begin(fields.accumulate === 1 ? old : new Int32Array(old.length));
  }

  tick(now: number): boolean {
    const work = this.work!;
    if (this.ahead === 0) this.ahead = this.advance(work, this.stretch(now));
    this.ahead--;
    const done = this.ahead === 0 && this.made - 1 === this.lastSum;
    if (done) this.write(work);
    return done;
  }

  /** Cycles that the array may be ahead of cycle `now`. */
  private stretch(now: number): number {
    const { from, to } = this.window ?? { from: Number.POSITIVE_INFINITY, to: 0 };
    if (now < from) return from - now;
    return now <= to ? 1 : Number.POSITIVE_INFINITY;
  }

  /** Checks every access of the instruction and finds its addresses. */
  read(f: Fields): Work {
    return readWork(this.buffers, f);
  }

  /** Lays down what the edges show, until the streams are full or the last sum is out; moves the array; takes sums. */
  private advance(work: Work, limit: number): number {
    const room = this.array.prepare(limit);
    const from = this.made;
    let count = 0;
    while (count < room && (this.lastSum < 0 || from + count <= this.lastSum)) {
      this.show(work, from + count, count);
      count++;
    }
    this.array.run(count);
    this.made += count;
    this.takeSums(work, from);
    return count;
  }

  /** Cycle `cycle` of the instruction, `ahead` of the array: a weight row and an act row, where the counters have one. */
  private show({ vectors, period, places, offsets, fields }: Work, cycle: number, ahead: number): void {
    const { weights, acts, rows, columns, array } = this;
    const { act, wgt } = this.buffers.state;
    if (cycle >= FIRST_WEIGHT && weights.tile < offsets.length) {
      const { tile, phase } = weights;
      if (phase < rows) array.showWeight(ahead, phase, wgt, (fields.wgt + tile * rows + phase) * columns);
      weights.advance(period);
    }
    const { tile, phase } = acts;
    const streaming = cycle >= FIRST_ACT && tile < offsets.length;
    if (streaming && phase < vectors) array.showAct(ahead, act, (places[phase]! + offsets[tile]!) * rows);
    else array.holdAct(ahead);
    if (!streaming) return;
    if (tile === offsets.length - 1 && phase === vectors - 1) this.lastSum = cycle + this.wave;
    acts.advance(period);
  }

  /** Sums of the cycles from `from` to the latest. A tile's come out one a cycle, then none until its period is over. */
  private takeSums({ vectors, period, offsets }: Work, from: number): void {
    const { sums } = this;
    let cycle = Math.max(from, FIRST_ACT + this.wave);
    while (cycle < this.made && sums.tile < offsets.length) {
      const left = (sums.phase < vectors ? vectors : period) - sums.phase;
      const count = Math.min(left, this.made - cycle);
      if (sums.phase < vectors) this.array.accumulate(sums.phase, this.made - cycle, count);
      sums.advance(period, count);
      cycle += count;
    }
  }

  private write({ vectors, acc }: Work): void {
    this.buffers.state.acc.set(this.array.accumulators(vectors), acc * this.columns);
    for (let n = 0; n < vectors; n++) this.buffers.markRow('acc', acc + n);
  }
}

/** The quick model, of int8 PEs with a product register, where that is what the machine has. */
function makeArray(machine: Machine, counting: boolean): ArrayModel {
  const { activationBits, weightBits } = machine.elements;
  // Narrower elements give the same sums; their registers have fewer bits that could toggle.
  const bits = Math.max(activationBits, weightBits);
  const known = machine.array.multiplierStages === 1 && bits <= 8 && !(counting && bits < 8);
  return known ? new PeArray(machine, counting) : new PlainPeArray(machine, counting);
}
