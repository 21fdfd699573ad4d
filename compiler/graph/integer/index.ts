/** The integer operators of `integer.md`: what quantisation produces and what the accelerator runs. */

import { type OperatorTable, operatorsByName } from '../operator.js';
import { integerAdd, integerRescale } from './elementwise.js';
import { integerInterleave } from './interleave.js';
import { integerConv, integerMatMul } from './multiply.js';
import { integerAveragePool, integerMaxPool } from './pooling.js';
import { integerMul } from './product.js';

export { isFactorOf } from './product.js';

export const integerOperators: OperatorTable = operatorsByName(
  integerConv,
  integerMatMul,
  integerAdd,
  integerMul,
  integerMaxPool,
  integerAveragePool,
  integerRescale,
  integerInterleave,
);
