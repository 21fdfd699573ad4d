/** The integer operators of `integer.md`: what quantisation produces and what the accelerator runs. */

import { type OperatorTable, operatorsByName } from '../operator.js';

export const integerOperators: OperatorTable = operatorsByName();
