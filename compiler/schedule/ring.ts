/**
 * What lies in a buffer, as a ring of pieces: the oldest make room for the newest, and a piece that is still there need not be
 * loaded again. In: keys and row counts. Out: first rows. Waiting until an old piece is no longer needed is the semaphores' work.
 */

import { invariant } from '../../base/index.js';

interface Piece {
  readonly start: number;
  readonly end: number;
}

export class Ring {
  private readonly pieces = new Map<string, Piece>();
  private next = 0;
  /** Next rows of the parts that rotate on their own, by their first row. */
  private readonly within = new Map<number, number>();

  /** @param rows capacity. */
  constructor(readonly rows: number) {}

  /** First row of a piece that is present. */
  find(key: string): number | undefined {
    return this.pieces.get(key)?.start;
  }

  /** Makes room for a piece of `rows` contiguous rows; returns its first row. */
  allocate(key: string, rows: number): number {
    invariant(rows <= this.rows, `a piece of ${rows} rows in a buffer of ${this.rows}`);
    this.reserve(rows);
    const start = this.next;
    this.next = start + rows;
    return this.place(key, start, rows);
  }

  /** Likewise within rows [low, high) alone, which rotate on their own. */
  allocateWithin(
    key: string,
    rows: number,
    { low, high }: { readonly low: number; readonly high: number },
  ): number {
    invariant(rows <= high - low, `a piece of ${rows} rows in ${high - low}`);
    const next = this.within.get(low) ?? low;
    const start = next + rows > high ? low : next;
    this.within.set(low, start + rows);
    return this.place(key, start, rows);
  }

  private place(key: string, start: number, rows: number): number {
    const end = start + rows;
    for (const [other, piece] of this.pieces) {
      if (piece.start < end && start < piece.end) this.pieces.delete(other);
    }
    this.pieces.set(key, { start, end });
    return start;
  }

  /** Makes the next pieces, `rows` rows in all, lie one after another without a gap, so that they all stay together. */
  reserve(rows: number): void {
    if (this.next + rows > this.rows) this.next = 0;
  }
}
