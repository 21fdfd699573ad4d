/**
 * Some tiles of a matmul on an array of their own: how a matmul's work is shared out. In: where act and weight rows lie, which tiles.
 * Out: their sums, to be added to those of the other tiles; integer sums may be added in any order. Between the
 * tiles of different runs the array's registers are not those of the machine, so nobody counts toggles here.
 */

import type { Machine } from '../../models/machine/index.js';
import { PeArray } from './pe-array.js';

/** A matmul as its edges see it. */
export interface TileJob {
  /** Act row of each vector of a tile whose offset is 0, and what each tile adds. */
  readonly places: Int32Array;
  readonly offsets: Int32Array;
  /** Weight row 0 of tile 0. */
  readonly weightRow: number;
  /** Cycles from tile to tile. */
  readonly period: number;
}

/** What a cycle shows: weight rows from the first cycle on, vectors a cycle later. */
class Edge {
  row = 0;
  /** Below 0 before the first. */
  vector = -1;
  streamed: number;

  constructor(
    private readonly period: number,
    public tile: number,
  ) {
    this.streamed = tile;
  }

  advance(): void {
    if (++this.row === this.period) {
      this.row = 0;
      this.tile++;
    }
    if (++this.vector === this.period) {
      this.vector = 0;
      this.streamed++;
    }
  }
}

export class TileRunner {
  private readonly array: PeArray;
  private readonly rows: number;
  private readonly columns: number;

  /** @param act rows of R bytes. @param wgt rows of C bytes. */
  constructor(
    machine: Machine,
    private readonly act: Int8Array,
    private readonly wgt: Int8Array,
  ) {
    this.array = new PeArray(machine);
    this.rows = machine.array.rows;
    this.columns = machine.array.columns;
  }

  /**
   * Runs tiles `from` to `to - 1`. @param before sums of earlier tiles of the job that theirs are added to; zeros when absent.
   * @returns the sums, a row of C a vector; valid until the next call, for which they may be `before`.
   */
  run(job: TileJob, from: number, to: number, before?: Int32Array): Int32Array {
    const { array } = this;
    const vectors = job.places.length;
    const cycles = this.drained(job, to - from - 1, vectors - 1) + 1;
    array.begin(before ?? new Int32Array(vectors * this.columns));
    const edge = new Edge(job.period, from);
    for (let made = 0; made < cycles; ) {
      const count = array.prepare(cycles - made);
      for (let ahead = 0; ahead < count; ahead++, edge.advance()) this.show(job, to, edge, ahead);
      array.run(count);
      this.takeSums(job, to - from, made, made + count);
      made += count;
    }
    return array.accumulators(vectors);
  }

  /** Cycle in which the sums of a vector are out: it enters a cycle after its tile's first weight row and crosses the array. */
  private drained({ period }: TileJob, tile: number, vector: number): number {
    return 1 + tile * period + vector + this.rows + this.columns;
  }

  private show({ places, offsets, weightRow }: TileJob, to: number, edge: Edge, ahead: number): void {
    const { rows, columns, array } = this;
    const { tile, row, streamed, vector } = edge;
    if (tile < to && row < rows)
      array.showWeight(ahead, row, this.wgt, (weightRow + tile * rows + row) * columns);
    if (streamed < to && vector >= 0 && vector < places.length)
      array.showAct(ahead, this.act, (places[vector]! + offsets[streamed]!) * rows);
  }

  /** Adds up what came out in cycles `begin` to `end - 1`, runs of vectors at a time. */
  private takeSums(job: TileJob, tiles: number, begin: number, end: number): void {
    const vectors = job.places.length;
    const first = this.drained(job, 0, 0);
    for (let cycle = Math.max(begin, first); cycle < end; ) {
      const tile = Math.floor((cycle - first) / job.period);
      const vector = (cycle - first) % job.period;
      if (tile >= tiles) return;
      const count = Math.min((vector < vectors ? vectors : job.period) - vector, end - cycle);
      if (vector < vectors) this.array.accumulate(vector, end - cycle, count);
      cycle += count;
    }
  }
}
