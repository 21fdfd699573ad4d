/** The operator table: the one list of everything that a graph may compute. */

import { integerOperators } from './integer/index.js';
import type { OperatorSpec, OperatorTable } from './operator.js';
import { floatOperators } from './operators/index.js';

/** Every operator, float and integer, by name. */
export const operatorTable: OperatorTable = { ...floatOperators, ...integerOperators };

/** The spec of an operator, or undefined; safe for any name a file may hold. */
export function lookupOperator(name: string): OperatorSpec | undefined {
  return Object.hasOwn(operatorTable, name) ? operatorTable[name] : undefined;
}
