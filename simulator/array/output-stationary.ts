/**
 * matmul on an output-stationary array, every register every cycle: counters issue an act row and a weight row a cycle, the transposer
 * and the array move, finished sums are handed over and drained, and acc rows are written as they come out. In: buffers (checked
 * reads). Out: acc rows. It knows no closed form: when it is done is what the counters and the array's depth make it.
 */

import { invariant } from '../../base/index.js';
import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Interpreter } from '../engine/index.js';
import type { Datapath } from './datapath.js';
import { readWork, type Work } from './matmul-work.js';
import { OsArray, type Turn } from './os-array.js';

type Fields = InstructionOf<'matmul'>['fields'];

/** Running cycles from counting a pixel to its act row at the transposer, and to its weight row at the array. */
const ACT_DELAY = 2;
const WEIGHT_DELAY = 3;

/** What one running cycle counts: a slot of a tile of a block. */
interface Slot {
  /** Pixel of the tile that is read, -1 past the last one. */
  readonly pixel: number;
  readonly tile: number;
  readonly slot: number;
}

/** Sums on their way out: pixel j leaves 2 * j cycles after `from`. */
interface Drain {
  readonly from: number;
  readonly block: number;
  readonly pixels: number;
}

export class OutputStationaryMatmul implements Datapath<{ readonly index: number; readonly fields: Fields }> {
  readonly array: OsArray;
  private readonly rows: number;
  private readonly columns: number;
  private readonly stages: number;
  private readonly unused: number;
  private work: Work | undefined;
  private cycle = 0;
  private block = 0;
  private tile = 0;
  private slot = 0;
  private idle = 0;
  /** The blocks are over in this cycle: nothing counts any more. */
  private endedIn = -1;
  /** Slots that the act and the weight side have yet to take; turns and drains that are due. */
  private readonly history: (Slot | undefined)[] = [];
  private readonly turns: { readonly cycle: number; readonly turn: Turn }[] = [];
  private readonly drains: Drain[] = [];

  /** @param counting whether toggles are counted. */
  constructor(
    machine: Machine,
    private readonly buffers: Interpreter,
    counting = false,
  ) {
    this.array = new OsArray(machine, counting);
    this.rows = machine.array.rows;
    this.columns = machine.array.columns;
    this.stages = machine.array.multiplierStages;
    this.unused = 32 - machine.elements.accumulatorBits;
  }

  start({ index, fields }: { readonly index: number; readonly fields: Fields }): void {
    this.buffers.index = index;
    this.work = readWork(this.buffers, fields);
    this.cycle = 0;
    this.block = 0;
    this.tile = 0;
    this.slot = 0;
    this.idle = 0;
    this.endedIn = -1;
    this.history.length = 0;
    this.array.wake();
  }

  tick(_now: number): boolean {
    const work = this.work!;
    const { vectors } = work;
    if (this.endedIn < 0 && this.block * this.rows >= vectors) {
      this.endedIn = this.cycle;
      this.turn('last', vectors);
    }
    if (this.endedIn < 0 && this.tile === 0 && this.slot === 0 && this.idle === 0)
      this.turn(this.block === 0 ? 'first' : 'next', vectors);
    this.history.push(this.endedIn < 0 ? this.count(work) : undefined);
    if (this.history.length > WEIGHT_DELAY + 1) this.history.shift();
    this.show(work);
    const done = this.drain(work);
    this.cycle++;
    if (done) this.array.rest();
    return done;
  }

  /** A turn that the array makes when the products of this cycle's slot reach its adders, and the drain that follows it. */
  private turn(kind: 'first' | 'next' | 'last', vectors: number): void {
    const cycle = this.cycle + WEIGHT_DELAY + this.stages;
    const block = this.block - 1;
    const pixels = kind === 'first' ? 0 : Math.min(this.rows, vectors - block * this.rows);
    this.turns.push({ cycle, turn: { pixels } });
    if (pixels > 0) this.drains.push({ from: cycle + this.columns, block, pixels });
  }

  /** This cycle's slot; counters go on to the next. Undefined while a block waits for the one before to drain. */
  private count({ vectors, offsets }: Work): Slot | undefined {
    const { rows, tile, slot } = this;
    if (this.idle > 0) {
      this.idle--;
      if (this.idle === 0) this.block++;
      return undefined;
    }
    const place = this.block * rows + slot;
    this.slot = (slot + 1) % rows;
    if (this.slot === 0) this.tile = (tile + 1) % offsets.length;
    if (this.slot === 0 && this.tile === 0) {
      if (offsets.length === 1) this.idle = rows - 1;
      if (this.idle === 0) this.block++;
    }
    return { pixel: place < vectors ? place : -1, tile, slot };
  }

  /** One cycle of the array, with what its edges show. */
  private show({ places, offsets, fields }: Work): void {
    const { array, history, rows, columns } = this;
    const { act, wgt } = this.buffers.state;
    const load = history[history.length - 1 - ACT_DELAY];
    if (load && load.pixel >= 0) array.showAct(act, (places[load.pixel]! + offsets[load.tile]!) * rows);
    const weigh = history[history.length - 1 - WEIGHT_DELAY];
    if (weigh) array.showWeight(wgt, (fields.wgt + weigh.tile * rows + weigh.slot) * columns);
    const turn = this.turns[0]?.cycle === this.cycle ? this.turns.shift()!.turn : undefined;
    array.step({ load: load?.slot === 0, streaming: weigh !== undefined, turn });
  }

  /** Writes the acc row whose sums are out in this cycle. @returns whether it was the last. */
  private drain({ fields, vectors, acc: first }: Work): boolean {
    const drain = this.drains[0];
    if (!drain || this.cycle < drain.from || (this.cycle - drain.from) % 2 === 1) return false;
    const pixel = (this.cycle - drain.from) / 2;
    invariant(pixel < drain.pixels, 'a drain goes on past its last pixel');
    const vector = drain.block * this.rows + pixel;
    const { acc } = this.buffers.state;
    const sums = this.array.sums();
    for (let c = 0; c < this.columns; c++) {
      const place = (first + vector) * this.columns + c;
      const before = fields.accumulate === 1 ? acc[place]! : 0;
      acc[place] = ((before + sums[c]!) << this.unused) >> this.unused;
    }
    this.buffers.markRow('acc', first + vector);
    if (pixel === drain.pixels - 1) this.drains.shift();
    return vector === vectors - 1;
  }
}
