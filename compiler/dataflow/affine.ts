/**
 * Affine numbers: constant + sum of coefficient * loop variable. Normal form: a plain number when no variable is left, else
 * terms with distinct variables and coefficients other than 0, sorted by variable.
 */

import type { Affine } from './types.js';

export type AffineTerm = Exclude<Affine, number>['terms'][number];

export const constantOf = (affine: Affine): number => (typeof affine === 'number' ? affine : affine.constant);
export const termsOf = (affine: Affine): readonly AffineTerm[] =>
  typeof affine === 'number' ? [] : affine.terms;

/** The number, when the affine has no variable (after normalising); undefined otherwise. */
export function plainNumber(affine: Affine): number | undefined {
  const normal = normalise(affine);
  return typeof normal === 'number' ? normal : undefined;
}

/** The normal form of constant + terms. */
export function makeAffine(constant: number, terms: readonly AffineTerm[]): Affine {
  const sums = new Map<string, number>();
  for (const { variable, coefficient } of terms) sums.set(variable, (sums.get(variable) ?? 0) + coefficient);
  const kept = [...sums].filter(([, coefficient]) => coefficient !== 0);
  if (kept.length === 0) return constant;
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return { constant, terms: kept.map(([variable, coefficient]) => ({ variable, coefficient })) };
}

export const normalise = (affine: Affine): Affine => makeAffine(constantOf(affine), termsOf(affine));

export function addAffine(a: Affine, b: Affine): Affine {
  return makeAffine(constantOf(a) + constantOf(b), [...termsOf(a), ...termsOf(b)]);
}

/** The value under an assignment of loop variables; undefined when a variable is not assigned. */
export function evaluateAffine(affine: Affine, variables: ReadonlyMap<string, number>): number | undefined {
  if (typeof affine === 'number') return affine;
  let value = affine.constant;
  for (const { variable, coefficient } of affine.terms) {
    const factor = variables.get(variable);
    if (factor === undefined) return undefined;
    value += coefficient * factor;
  }
  return value;
}

/** `11 + 8*i - j`; a zero constant is left out when there are terms. */
export function formatAffine(affine: Affine): string {
  const normal = normalise(affine);
  if (typeof normal === 'number') return String(normal);
  const pieces = normal.terms.map(({ variable, coefficient }) => {
    const size = Math.abs(coefficient);
    return { negative: coefficient < 0, text: size === 1 ? variable : `${size}*${variable}` };
  });
  if (normal.constant !== 0) {
    pieces.unshift({ negative: normal.constant < 0, text: String(Math.abs(normal.constant)) });
  }
  return pieces.map((p, index) => signed(p, index === 0)).join('');
}

function signed({ negative, text }: { negative: boolean; text: string }, first: boolean): string {
  if (first) return negative ? `-${text}` : text;
  return negative ? ` - ${text}` : ` + ${text}`;
}
