/**
 * The points of a space by number: mixed radix over the parameters' values, the last parameter fastest. In: a Space and an id. Out: a
 * Machine, or why there is none at that point.
 */

import { renderDiagnostic } from '../../base/index.js';
import { checkMachine, type Machine } from '../../models/machine/index.js';
import type { Environment } from './expression.js';
import { scalarOf, withFields } from './fields.js';
import type { FieldValue, Space } from './space.js';

/** Index of each parameter's value at a point. */
export function genesOf({ parameters }: Space, id: number): number[] {
  const genes = new Array<number>(parameters.length);
  let rest = id;
  for (let i = parameters.length - 1; i >= 0; i--) {
    const { length } = parameters[i]!.values;
    genes[i] = rest % length;
    rest = Math.floor(rest / length);
  }
  return genes;
}

/** The point of such indices. */
export function idOf({ parameters }: Space, genes: readonly number[]): number {
  return parameters.reduce((id, { values }, i) => id * values.length + genes[i]!, 0);
}

/** Values of the parameters at a point, by path. */
export function assignment(space: Space, id: number): readonly (readonly [string, FieldValue])[] {
  const genes = genesOf(space, id);
  return space.parameters.map(({ path, values }, i) => [path, values[genes[i]!]!] as const);
}

export type PointMachine =
  | { readonly ok: true; readonly machine: Machine }
  /** `constraint`: one of the space's own; `machine`: a rule that every machine obeys. */
  | { readonly ok: false; readonly reason: 'constraint' | 'machine'; readonly message: string };

/** The machine of a point, checked. */
export function machineAt(space: Space, id: number): PointMachine {
  const plain = plainAt(space, id);
  const broken = brokenConstraint(space, plain);
  if (broken !== undefined) return { ok: false, reason: 'constraint', message: broken };
  const result = checkMachine({ ...plain, name: pointName(space, id), description: '' });
  if (result.ok) return { ok: true, machine: result.value };
  return { ok: false, reason: 'machine', message: result.diagnostics.map(renderDiagnostic).join('\n') };
}

/** Whether the space's own constraints hold; cheap beside the checks of {@link machineAt}. */
export function isAllowed(space: Space, id: number): boolean {
  return space.constraints.length === 0 || brokenConstraint(space, plainAt(space, id)) === undefined;
}

/** Name of the machine at a point; Verilog and records carry it. */
export function pointName(space: Space, id: number): string {
  return `${space.name}-${id}`;
}

function plainAt(space: Space, id: number): Record<string, unknown> {
  let plain = withFields(space.base, assignment(space, id));
  for (const { path, expression } of space.derived)
    plain = withFields(plain as unknown as Machine, [[path, expression.evaluate(environmentIn(plain))]]);
  return plain;
}

function brokenConstraint(space: Space, plain: Record<string, unknown>): string | undefined {
  const environment = environmentIn(plain);
  return space.constraints.find((constraint) => constraint.evaluate(environment) !== true)?.text;
}

function environmentIn(plain: Record<string, unknown>): Environment {
  return (name) => scalarOf(plain, name);
}
