/**
 * Attributes of a node, typed. In: the attribute table of an operator and the raw record of a node. Out: an
 * {@link Attributes} reader whose answers have the stated kind and, where the node is silent, the default.
 */

import { InternalError } from '../../base/index.js';
import type { AttributeValue } from './types.js';

export type AttributeKind = 'number' | 'numbers' | 'text' | 'flag';

/** One row of an operator's attribute table; without `default` the attribute must be given. */
export interface AttributeSpec {
  readonly kind: AttributeKind;
  readonly default?: AttributeValue;
  readonly summary: string;
}

export type AttributeTable = Readonly<Record<string, AttributeSpec>>;

/** A number; required when `fallback` is absent. */
export function numberAttribute(summary: string, fallback?: number): AttributeSpec {
  return spec('number', summary, fallback);
}

/** A list of numbers; required when `fallback` is absent. */
export function numbersAttribute(summary: string, fallback?: readonly number[]): AttributeSpec {
  return spec('numbers', summary, fallback);
}

/** A string; required when `fallback` is absent. */
export function textAttribute(summary: string, fallback?: string): AttributeSpec {
  return spec('text', summary, fallback);
}

/** A boolean; required when `fallback` is absent. */
export function flagAttribute(summary: string, fallback?: boolean): AttributeSpec {
  return spec('flag', summary, fallback);
}

function spec(kind: AttributeKind, summary: string, fallback: AttributeValue | undefined): AttributeSpec {
  return fallback === undefined ? { kind, summary } : { kind, summary, default: fallback };
}

/** Typed access to the attributes of one node. Each method throws {@link InternalError} for a name that the table lacks. */
export interface Attributes {
  /** True when the node itself states the attribute. */
  has(name: string): boolean;
  number(name: string): number;
  numbers(name: string): readonly number[];
  text(name: string): string;
  flag(name: string): boolean;
}

/** What is wrong with `given` under `table`: a list of sentences, empty when all is well. */
export function attributeFaults(
  table: AttributeTable,
  given: Readonly<Record<string, AttributeValue>>,
): string[] {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(table, name))
    .map((name) => `attribute "${name}" is unknown`);
  const wrong = Object.entries(table).flatMap(([name, { kind, default: fallback }]) => {
    const value = Object.hasOwn(given, name) ? given[name] : fallback;
    if (value === undefined) return [`attribute "${name}" is missing`];
    return isKind(value, kind) ? [] : [`attribute "${name}" is not a ${kindWord(kind)}`];
  });
  return [...unknown, ...wrong];
}

function isKind(value: AttributeValue, kind: AttributeKind): boolean {
  if (kind === 'numbers') return Array.isArray(value) && value.every((v) => typeof v === 'number');
  if (kind === 'number') return typeof value === 'number';
  return kind === 'flag' ? typeof value === 'boolean' : typeof value === 'string';
}

function kindWord(kind: AttributeKind): string {
  return { number: 'number', numbers: 'list of numbers', text: 'string', flag: 'flag' }[kind];
}

/** The reader of a record that `attributeFaults` found nothing wrong with. */
export function readAttributes(
  table: AttributeTable,
  given: Readonly<Record<string, AttributeValue>>,
): Attributes {
  const read = (name: string, kind: AttributeKind): AttributeValue => {
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    if (row === undefined || row.kind !== kind)
      throw new InternalError(`no ${kind} attribute "${name}" in the table`);
    const value = Object.hasOwn(given, name) ? given[name] : row.default;
    if (value === undefined || !isKind(value, kind))
      throw new InternalError(`attribute "${name}" is not verified`);
    return value;
  };
  return {
    has: (name) => Object.hasOwn(given, name),
    number: (name) => read(name, 'number') as number,
    numbers: (name) => read(name, 'numbers') as readonly number[],
    text: (name) => read(name, 'text') as string,
    flag: (name) => read(name, 'flag') as boolean,
  };
}
