/** How points are chosen. A strategy is a function of its seed and of the outcomes that it was told, in order; never of time. */

/** A point as a strategy sees it. */
export interface Judged {
  readonly id: number;
  /** Objectives, all to be small; undefined where the machine does not exist or cannot run the networks. */
  readonly costs: readonly number[] | undefined;
  /** Limits that it breaks; 0 where it breaks none. */
  readonly violations: number;
}

export interface Strategy {
  /** Ids to evaluate next; `wait` until everything asked for was told; `done` when there will be no more. */
  next(): readonly number[] | 'wait' | 'done';
  /** Outcomes of a batch, in the order of its ids; batches come in the order in which they were asked for. */
  tell(judged: readonly Judged[]): void;
  /** Evaluations that it expects to ask for. */
  readonly total: number;
}
