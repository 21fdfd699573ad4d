/**
 * Memory that the engine and its helpers (threads) share, and how they agree on who runs which tiles. The engine posts a matmul; whoever
 * is free takes a piece of it (a run of tiles) by counting `untaken` down; the last to finish one makes `left` zero. Helpers keep
 * sums of their own; the engine adds them up. One word holds all that a taker must know, so that a late one never takes a
 * piece of the next matmul under the count of the last.
 */

import { InternalError, invariant } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import { type TileJob, TileRunner } from './tiles.js';

/** Words of `control`. */
const [POSTED, UNTAKEN, LEFT, FAILED] = [0, 1, 2, 3] as const;
/** Vectors, tiles, first weight row, period, tiles of a piece, number of the job. */
const JOB = 4;
const CONTROL_WORDS = 16;
/** Looks at a word before a thread goes to sleep: waking one takes longer than most pieces. */
const SPINS = 20_000;
/** A helper that takes longer for a piece is lost. */
const PATIENCE_MILLISECONDS = 60_000;
/** A piece is at least this long, in cycles and in crossings of the array: each costs a crossing more. */
const PIECE_CYCLES = 1024;
const PIECE_CROSSINGS = 8;
/** More even the threads out, fewer cross the array less often. */
const PIECES_OF_A_THREAD = 3;
const MAXIMUM_TILES = 65536;
const WORD = 4;

/** What a helper is started with: plain data and shared memory. */
export interface SharedTiles {
  readonly machine: Machine;
  /** Least cycles of a piece. */
  readonly pieceCycles: number;
  readonly control: SharedArrayBuffer;
  readonly places: SharedArrayBuffer;
  readonly offsets: SharedArrayBuffer;
  readonly act: SharedArrayBuffer;
  readonly wgt: SharedArrayBuffer;
  /** Sums of each helper: a flag word whether it has any, then rows of C. */
  readonly sums: readonly SharedArrayBuffer[];
}

/** Whether helpers know the machine's PEs: int8 or narrower, one multiplier stage. */
export function canShareTiles({ array, elements }: Machine): boolean {
  if (array.dataflow === 'output-stationary') return false;
  return array.multiplierStages === 1 && Math.max(elements.activationBits, elements.weightBits) <= 8;
}

/**
 * Memory for the engine and `helpers` helpers of a machine of int8 or narrower PEs with one multiplier stage. @param pieceCycles least
 * cycles of a piece.
 */
export function shareTiles(
  machine: Machine,
  helpers: number,
  pieceCycles = Math.max(PIECE_CYCLES, PIECE_CROSSINGS * (machine.array.rows + machine.array.columns)),
): SharedTiles {
  const { activation, weight, accumulator } = machine.buffers;
  const { rows, columns } = machine.array;
  const sumWords = 1 + accumulator.rowsPerBank * columns;
  return {
    machine,
    pieceCycles,
    control: new SharedArrayBuffer(CONTROL_WORDS * WORD),
    places: new SharedArrayBuffer(accumulator.rowsPerBank * WORD),
    offsets: new SharedArrayBuffer(MAXIMUM_TILES * WORD),
    act: new SharedArrayBuffer(activation.banks * activation.rowsPerBank * rows),
    wgt: new SharedArrayBuffer(weight.rows * columns),
    sums: Array.from({ length: helpers }, () => new SharedArrayBuffer(sumWords * WORD)),
  };
}

/** A helper's life: runs pieces of every matmul that is posted. Never returns; the thread is ended from outside. */
export function serveTiles(shared: SharedTiles, helper: number): never {
  const control = new Int32Array(shared.control);
  const sums = new Int32Array(shared.sums[helper]!);
  const pieces = new Pieces(shared);
  for (let seen = 0; ; ) {
    awaitChange(control, POSTED, seen);
    seen = Atomics.load(control, POSTED);
    try {
      pieces.takeAll((soFar) => {
        sums.set(soFar, 1);
        sums[0] = 1;
      });
    } catch (error) {
      Atomics.store(control, FAILED, 1);
      throw error;
    }
  }
}

/** The engine's side. */
export class TilePoster {
  private readonly control: Int32Array;
  private readonly places: Int32Array;
  private readonly offsets: Int32Array;
  private readonly act: Int8Array;
  private readonly wgt: Int8Array;
  private readonly pieces: Pieces;
  private readonly machine: Machine;
  private jobs = 0;

  constructor(private readonly shared: SharedTiles) {
    this.machine = shared.machine;
    this.control = new Int32Array(shared.control);
    this.places = new Int32Array(shared.places);
    this.offsets = new Int32Array(shared.offsets);
    this.act = new Int8Array(shared.act);
    this.wgt = new Int8Array(shared.wgt);
    this.pieces = new Pieces(shared);
  }

  /** Shows a matmul, and the act and weight rows that it reads, to the helpers. */
  post({ places, offsets, weightRow, period }: TileJob, act: Int8Array, wgt: Int8Array): void {
    const { control } = this;
    const { rows, columns } = this.machine.array;
    invariant(offsets.length <= MAXIMUM_TILES, 'a matmul has more tiles than its fields can count');
    this.places.set(places);
    this.offsets.set(offsets);
    const [low, high] = [
      extreme(places, Math.min) + extreme(offsets, Math.min),
      extreme(places, Math.max) + extreme(offsets, Math.max) + 1,
    ];
    this.act.set(act.subarray(low * rows, high * rows), low * rows);
    const weights = [weightRow * columns, (weightRow + offsets.length * rows) * columns] as const;
    this.wgt.set(wgt.subarray(...weights), weights[0]);
    const threads = this.shared.sums.length + 1;
    const fewest = Math.ceil(offsets.length / (PIECES_OF_A_THREAD * threads));
    const each = Math.max(fewest, Math.ceil(this.shared.pieceCycles / period));
    const pieces = Math.ceil(offsets.length / each);
    for (const sums of this.shared.sums) new Int32Array(sums)[0] = 0;
    this.jobs++;
    control.set([places.length, offsets.length, weightRow, period, each, this.jobs], JOB);
    Atomics.store(control, LEFT, pieces);
    Atomics.store(control, UNTAKEN, pieces);
    Atomics.add(control, POSTED, 1);
    Atomics.notify(control, POSTED);
  }

  /** Helps with what nobody has taken, waits for the others. @returns all sums: rows of C, not yet wrapped to the accumulator's bits. */
  collect(): Int32Array {
    const { control, shared } = this;
    const total = new Int32Array(control[JOB]! * this.machine.array.columns);
    const add = (more: Int32Array) => {
      for (let i = 0; i < total.length; i++) total[i]! += more[i]!;
    };
    let own: Int32Array | undefined;
    this.pieces.takeAll((soFar) => {
      own = soFar;
    });
    if (own) total.set(own);
    for (let left = Atomics.load(control, LEFT); left > 0; left = Atomics.load(control, LEFT)) {
      awaitChange(control, LEFT, left);
      if (Atomics.load(control, FAILED) !== 0) throw new InternalError('a helper of the array engine failed');
    }
    for (const buffer of shared.sums) {
      const sums = new Int32Array(buffer);
      if (sums[0] === 1) add(sums.subarray(1));
    }
    return total;
  }
}

/** Takes pieces of the matmul that is posted, until there are no more. */
class Pieces {
  private readonly control: Int32Array;
  private readonly runner: TileRunner;
  private readonly places: Int32Array;
  private readonly offsets: Int32Array;

  constructor({ machine, control, places, offsets, act, wgt }: SharedTiles) {
    this.control = new Int32Array(control);
    this.places = new Int32Array(places);
    this.offsets = new Int32Array(offsets);
    this.runner = new TileRunner(machine, new Int8Array(act), new Int8Array(wgt));
  }

  /**
   * The next matmul may be posted while this one's last piece is being put away, so a call may go on into it: sums are those of one job.
   * @param use gets, after each piece, the sums of all pieces of its job taken so far; others see them as soon as it returns.
   */
  takeAll(use: (sums: Int32Array) => void): void {
    const { control } = this;
    let sums: Int32Array | undefined;
    let current = 0;
    for (;;) {
      const piece = Atomics.sub(control, UNTAKEN, 1) - 1;
      if (piece < 0) return;
      const [vectors = 0, tiles = 0, weightRow = 0, period = 0, each = 0, number = 0] = control.subarray(JOB);
      if (number !== current) sums = undefined;
      current = number;
      const job = { places: this.places.subarray(0, vectors), offsets: this.offsets, weightRow, period };
      sums = this.runner.run(job, piece * each, Math.min(tiles, (piece + 1) * each), sums);
      use(sums);
      Atomics.sub(control, LEFT, 1);
      Atomics.notify(control, LEFT);
    }
  }
}

/** Returns when a word is no longer `old`. Looks often at first, then sleeps. */
function awaitChange(words: Int32Array, index: number, old: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, index) !== old) return;
  const lost = index === LEFT ? PATIENCE_MILLISECONDS : Number.POSITIVE_INFINITY;
  if (Atomics.wait(words, index, old, lost) === 'timed-out')
    throw new InternalError('a helper of the array engine does not answer');
}

function extreme(values: Int32Array, choose: (a: number, b: number) => number): number {
  return values.reduce((best, value) => choose(best, value));
}
