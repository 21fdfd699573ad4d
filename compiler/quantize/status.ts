/** Where an operator of the table runs, as the conversions state it: what the documentation says and the tests hold it to. */

import { arithmeticOperators, lookupOperator } from '../graph/index.js';
import { expandedOperators, unrolledOperators } from '../passes/index.js';
import { conversions } from './conversions.js';

/**
 * accelerator: has an integer form (its conditions are in {@link conversions}), or a pass makes it of such operators; folded: gone before the hardware; host: evaluated
 * there in float, before, behind or between the accelerator's segments, its cost counted.
 */
export type OperatorStatus = 'accelerator' | 'folded' | 'host';

/** Operators that passes or the import of a quantised network take away. */
const folded: ReadonlySet<string> = new Set(['Dropout', 'QLinearConv', 'QLinearMatMul']);

/** @param name a key of the operator table. */
export function operatorStatus(name: string): OperatorStatus {
  const integer = name.startsWith('Integer') && lookupOperator(name) !== undefined;
  const made = arithmeticOperators.has(name) || expandedOperators.has(name) || unrolledOperators.has(name);
  if (integer || made || Object.hasOwn(conversions, name)) return 'accelerator';
  return folded.has(name) ? 'folded' : 'host';
}
