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
    const end = start + rows;
    for (const [other, piece] of this.pieces) {
      if (piece.start < end && start < piece.end) this.pieces.delete(other);
    }
    this.pieces.set(key, { start, end });
    this.next = end;
    return start;
  }

  /** Makes the next pieces, `rows` rows in all, lie one after another without a gap, so that they all stay together. */
  reserve(rows: number): void {
    if (this.next + rows > this.rows) this.next = 0;
  }
}
