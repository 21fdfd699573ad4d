/**
 * A set of the truth suite: published or measured values beside what the project's models say, with the error that is asked for. A
 * set that lacks its data is absent and says what is missing: never met.
 */

import { type Point, statisticsOf } from './statistics.js';
import type { Tables } from './tables.js';

export type Measure =
  /** Mean absolute percentage error. */
  | 'mean percent'
  /** Largest absolute percentage error. */
  | 'largest percent'
  /** Largest absolute difference, in the unit of the values. */
  | 'largest difference';

export interface Findings {
  readonly points: readonly Point[];
  /** What a reader must know of these rows: sources, assumptions, what was left out. Lines of Markdown. */
  readonly notes: readonly string[];
}

/** The error of another predictor on the set's rows: a simpler one, or one that sees what the judged one must not. */
export interface Floor {
  readonly what: string;
  /** That it predicts. */
  readonly rows: number;
  /** Mean absolute percentage error. */
  readonly error: number;
}

export interface TruthSet {
  readonly name: string;
  readonly unit: string;
  readonly measure: Measure;
  readonly target: number;
  /** How the parameters were found, or why there are none. */
  readonly fit: string;
  /** What the best published tool reaches on these rows, with its source. */
  readonly peer: string;
  /** Its fits take longer than a unit test may: `npm run truth` alone recomputes it. */
  readonly slow?: boolean;
  readonly find: (tables: Tables) => Findings | Promise<Findings>;
  /** What bounds the error; of sets that miss their target. */
  readonly floors?: (tables: Tables) => readonly Floor[];
}

export interface Judged {
  readonly set: TruthSet;
  readonly findings: Findings | undefined;
  /** Why there are no findings. */
  readonly missing: string | undefined;
  readonly error: number | undefined;
  readonly met: boolean;
  /** Of a set that misses its target, where they were asked for. */
  readonly floors?: readonly Floor[];
}

/** A table that a set needs is not there, or not in the form it should have. */
export class MissingTable extends Error {}

export async function judge(set: TruthSet, tables: Tables): Promise<Judged> {
  try {
    const findings = await set.find(tables);
    const error = errorOf(set.measure, findings.points);
    return { set, findings, missing: undefined, error, met: error <= set.target };
  } catch (error) {
    if (!(error instanceof MissingTable)) throw error;
    return { set, findings: undefined, missing: error.message, error: undefined, met: false };
  }
}

/** With what bounds the error, where the target is missed and the set can tell. */
export function withFloors(judged: Judged, tables: Tables): Judged {
  const { set, findings, met } = judged;
  return findings && !met && set.floors ? { ...judged, floors: set.floors(tables) } : judged;
}

export function errorOf(measure: Measure, points: readonly Point[]): number {
  if (points.length === 0) throw new MissingTable('the table has no rows for this set');
  switch (measure) {
    case 'mean percent':
      return statisticsOf(points).mean;
    case 'largest percent':
      return statisticsOf(points).max;
    case 'largest difference':
      return Math.max(...points.map(({ published, predicted }) => Math.abs(predicted - published)));
  }
}
