/** The float operators, by family. */

import type { OperatorTable } from '../operator.js';
import { convolutionOperators } from './convolution.js';
import { elementwiseOperators } from './elementwise.js';
import { indexingOperators } from './indexing.js';
import { matmulOperators } from './matmul.js';
import { normalisationOperators } from './normalisation.js';
import { poolingOperators } from './pooling.js';
import { quantizationOperators } from './quantization.js';
import { reductionOperators } from './reduction.js';
import { shapeOperators } from './shape.js';

/** Every operator that importers produce, by name. */
export const floatOperators: OperatorTable = {
  ...convolutionOperators,
  ...matmulOperators,
  ...poolingOperators,
  ...elementwiseOperators,
  ...normalisationOperators,
  ...shapeOperators,
  ...indexingOperators,
  ...reductionOperators,
  ...quantizationOperators,
};
