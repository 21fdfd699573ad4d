/** The float operators, by family. */

import type { OperatorTable } from '../operator.js';
import { activationOperators } from './activations.js';
import { attentionOperators } from './attention.js';
import { convolutionOperators } from './convolution.js';
import { einsumOperators } from './einsum.js';
import { elementwiseOperators } from './elementwise.js';
import { functionOperator } from './function.js';
import { indexingOperators } from './indexing.js';
import { floatInterleave } from './interleave.js';
import { layerNormalisationOperators } from './layer-normalisation.js';
import { logicOperators } from './logic.js';
import { matmulOperators } from './matmul.js';
import { normalisationOperators } from './normalisation.js';
import { orderOperators } from './order.js';
import { poolingOperators } from './pooling.js';
import { quantizationOperators } from './quantization.js';
import { rearrangeOperators } from './rearrange.js';
import { recurrentOperators } from './recurrent.js';
import { reductionOperators } from './reduction.js';
import { resizeOperators } from './resize.js';
import { scatterOperators } from './scatter.js';
import { shapeOperators } from './shape.js';
import { transposedOperators } from './transposed.js';

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
  ...activationOperators,
  Function: functionOperator,
  ...logicOperators,
  ...rearrangeOperators,
  ...scatterOperators,
  ...orderOperators,
  ...transposedOperators,
  Interleave: floatInterleave,
  ...layerNormalisationOperators,
  ...resizeOperators,
  ...attentionOperators,
  ...recurrentOperators,
  ...einsumOperators,
  ...quantizationOperators,
};
