/** How a number is known. Every row of the tables carries one of these with its citation. */

export type Known =
  /** Read in the cited publication or its own data files. */
  | 'read'
  /** Computed here from numbers that were read; the derivation is stated. */
  | 'derived'
  /** Run here with the named tool. */
  | 'measured'
  /** From memory of the cited source: may inform a comparison, never gate one. */
  | 'recalled'
  /** Nobody's number: an assumption, stated as one. */
  | 'assumed';

export interface Provenance {
  readonly citation: string;
  readonly known: Known;
}

/** A physical quantity with its unit in the field that holds it, and where it comes from. */
export interface SourcedNumber {
  readonly value: number;
  readonly source: Provenance;
}

/** `weakest([a, b])`: the least certain way of knowing among those that went into a figure. */
export function weakest(knowns: readonly Known[]): Known {
  const order: readonly Known[] = ['measured', 'read', 'derived', 'recalled', 'assumed'];
  return knowns.reduce(
    (worst, known) => (order.indexOf(known) > order.indexOf(worst) ? known : worst),
    'measured' as Known,
  );
}
