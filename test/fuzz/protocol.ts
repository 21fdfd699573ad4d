/** What the fuzzer's parent and its children share: limits and the records that the children write. */

/** An input may take this long (processor time, so that a busy machine changes nothing) and this much memory, the process included. */
export const CPU_LIMIT_S = 5;
export const MEMORY_LIMIT_MIB = 1024;
/** A child that says nothing for so long hangs. */
export const SILENCE_LIMIT_S = 30;

export interface Finding {
  readonly seed: number;
  readonly index: number;
  /** The formats of the run: they take turns, so they belong to the case's number. */
  readonly formats: readonly string[];
  readonly format: string;
  readonly file: string;
  readonly detail: string;
}

export interface Counts {
  /** The first case that was not run. */
  readonly next: number;
  /** Cases by format and verdict. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
