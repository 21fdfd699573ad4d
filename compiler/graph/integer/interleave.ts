/** Pictures of integers woven into one. */

import { interleave } from '../operators/interleave.js';
import { integerElements } from './requantize.js';

export const integerInterleave = interleave('IntegerInterleave', integerElements);
