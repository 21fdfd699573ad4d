/** Fields of a Machine by path (`array.rows`). In: a Machine. Out: their names, types and values, or a plain machine with others. */

import type { Machine } from '../../models/machine/index.js';
import type { Scalar, ScalarType } from './expression.js';

type Plain = Record<string, unknown>;

/** Scalar fields and their types: what an expression can read. */
export function machineFields(machine: Machine): ReadonlyMap<string, ScalarType> {
  return new Map(
    leaves(machine as unknown as Plain).flatMap(([path, value]) =>
      typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
        ? [[path, typeof value as ScalarType] as const]
        : [],
    ),
  );
}

/** Every field that can be set, lists among them; the other kind of target's as well. */
export function fieldNames(machine: Machine): ReadonlySet<string> {
  const paths = leaves(machine as unknown as Plain).map(([path]) => path);
  return new Set([...paths.filter((path) => path !== 'schema' && path !== 'name' && path !== 'description')]);
}

function leaves(value: Plain, prefix = ''): (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, item]) => {
    const path = `${prefix}${key}`;
    if (typeof item === 'object' && item !== null && !Array.isArray(item))
      return leaves(item as Plain, `${path}.`);
    return [[path, item] as const];
  });
}

/** The value at a path. */
export function fieldOf(machine: Machine | Plain, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Plain | undefined)?.[key], machine);
}

/** A number, string or truth at a path; NaN where there is none. */
export function scalarOf(machine: Machine | Plain, path: string): Scalar {
  const value = fieldOf(machine, path);
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : Number.NaN;
}

/** A copy with other values in some fields; fields that it lacks are made. */
export function withFields(machine: Machine, fields: readonly (readonly [string, unknown])[]): Plain {
  const copy: Plain = { ...machine };
  for (const [path, value] of fields) setField(copy, path.split('.'), value);
  return copy;
}

function setField(at: Plain, [key, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    at[key!] = value;
    return;
  }
  const inner = { ...(at[key!] as Plain | undefined) };
  at[key!] = inner;
  setField(inner, rest, value);
}
