/**
 * The output stage of a node: from its requantisation attributes (compiler/graph/integer.md) to instruction fields, parameter
 * entries and look-up tables. Everything is checked against the machine here.
 */

import { DiagnosticError, InternalError, integerRange, type Place } from '../../base/index.js';
import { constantStep, type Machine, type VectorFunction } from '../../models/machine/index.js';
import type { Node } from '../graph/index.js';
import { beyondRequantizer, coarseConstant, missingFunction } from './diagnostics.js';
import { type ChannelParameter, packParameters } from './pack.js';
import type { Session } from './session.js';

/** Common tail fields of vector instructions. */
export interface OutputFields {
  readonly zeroPoint: number;
  readonly min: number;
  readonly max: number;
  readonly lookup: number;
  readonly table: number;
}

/** A numeric attribute, or `fallback`. */
export function numberOf(node: Node, name: string, fallback?: number): number {
  const value = node.attributes[name] ?? fallback;
  if (typeof value !== 'number') throw new InternalError(`node ${node.name}: attribute ${name} is no number`);
  return value;
}

/** A list attribute (a number counts as a list of one), or `fallback`. */
export function numbersOf(node: Node, name: string, fallback?: readonly number[]): readonly number[] {
  const value = node.attributes[name] ?? fallback;
  if (typeof value === 'number') return [value];
  if (!Array.isArray(value)) throw new InternalError(`node ${node.name}: attribute ${name} is no list`);
  return value as readonly number[];
}

/** The table of a node as a constant tensor, undefined without one. */
export function declareTable(session: Session, node: Node, where: Place): string | undefined {
  const entries = node.attributes.table === undefined ? [] : numbersOf(node, 'table');
  if (entries.length === 0) return undefined;
  requireFunction(session.machine, 'lookup', where);
  return session.tensors.constant(
    'table',
    `${node.name}_table`,
    Uint8Array.from(entries, (entry) => entry & 255),
  );
}

/** A node and its place. */
interface Placed {
  readonly node: Node;
  readonly where: Place;
}

/**
 * Fields of the output stage; loads the table if it is not there.
 * @throws DiagnosticError when the zero point or a bound is not one that instructions can state.
 */
export function outputFields(
  session: Session,
  { node, where }: Placed,
  table: string | undefined,
): OutputFields {
  const { machine } = session;
  const range = integerRange(machine.elements.activationBits);
  const zeroPoint = numberOf(node, 'zeroPoint', 0);
  if (zeroPoint < -128 || zeroPoint > 127)
    throw new DiagnosticError([coarseConstant(where, 'zero point', zeroPoint, 'from -128 to 127')]);
  const clamp = {
    zeroPoint,
    min: lowerConstant(machine, numberOf(node, 'min', range.min), { where, what: 'lower bound' }),
    // n * step + step - 1 for the constant n
    max: lowerConstant(machine, numberOf(node, 'max', range.max) + 1, { where, what: 'upper bound' }) - 1,
  };
  if (table === undefined) return { ...clamp, lookup: 0, table: 0 };
  return { ...clamp, lookup: 1, table: session.table(table) };
}

/** The constant that fills what lies outside a node's input. @throws DiagnosticError when no instruction can state the value. */
export function padConstant(machine: Machine, { node, where }: Placed, fallback: number): number {
  return lowerConstant(machine, numberOf(node, 'padValue', fallback), { where, what: 'padding value' });
}

/** `value` in the steps of instructions' constants. */
function lowerConstant(
  machine: Machine,
  value: number,
  { where, what }: { readonly where: Place; readonly what: string },
): number {
  const step = constantStep(machine);
  if (Number.isInteger(value / step)) return value / step;
  throw new DiagnosticError([coarseConstant(where, what, value, `a multiple of ${step}`)]);
}

/**
 * Parameter entries of channels 0 to `channels` - 1.
 * @param bias one per channel, or one for all.
 * @throws DiagnosticError when a multiplier or shift is beyond the machine.
 */
export function channelParameters(
  machine: Machine,
  node: Node,
  where: Place,
  { channels, bias }: { readonly channels: number; readonly bias: ArrayLike<number> },
): readonly ChannelParameter[] {
  const multiplier = numbersOf(node, 'multiplier');
  const shift = numbersOf(node, 'shift');
  for (const m of multiplier) checkMultiplier(machine, m, where);
  for (const s of shift) checkShift(s, where);
  const at = (list: ArrayLike<number>, i: number) => Number(list[list.length === 1 ? 0 : i]);
  return Array.from({ length: channels }, (_, i) => ({
    bias: at(bias, i),
    multiplier: at(multiplier, i),
    shift: at(shift, i),
  }));
}

export function checkMultiplier(machine: Machine, multiplier: number, where: Place): void {
  const limit = 2 ** (machine.requantization.multiplierBits - 1);
  if (Number.isInteger(multiplier) && multiplier >= 0 && multiplier < limit) return;
  throw new DiagnosticError([beyondRequantizer(where, 'multiplier', multiplier, `from 0 to ${limit - 1}`)]);
}

export function checkShift(shift: number, where: Place): void {
  if (Number.isInteger(shift) && shift >= 1 && shift <= 63) return;
  throw new DiagnosticError([beyondRequantizer(where, 'shift', shift, 'from 1 to 63')]);
}

export function requireFunction(machine: Machine, name: VectorFunction, where: Place): void {
  if (machine.vector.functions.includes(name)) return;
  throw new DiagnosticError([missingFunction(where, machine.name, name)]);
}

/** Declares parameter rows as a constant tensor. */
export function declareParameters(
  session: Session,
  stem: string,
  entries: readonly ChannelParameter[],
): string {
  return session.tensors.constant(
    'parameters',
    `${stem}_parameters`,
    packParameters(session.machine, entries),
  );
}
