/** Product of two computed tensors whose zero points are 0: element by element, or a factor for each channel of a picture. */

import { elementArrayOf, tensor } from '../../../base/index.js';
import { inputTensor, inputType, type OperatorSpec, refuse } from '../operator.js';
import { requireElement, toNumbers } from '../operators/numeric.js';
import { integerElements, outputStage, requantizeAttributes, requireOutputStage } from './requantize.js';

/** Whether the second shape has the pictures and channels of the first, and one pixel (or all of them). */
export function isFactorOf(factor: readonly number[], shape: readonly number[]): boolean {
  if (factor.join() === shape.join()) return true;
  return (
    factor.length === shape.length && factor.every((extent, axis) => extent === (axis < 2 ? shape[axis] : 1))
  );
}

export const integerMul: OperatorSpec = {
  name: 'IntegerMul',
  summary:
    'product of two computed tensors, requantised; the second of the same shape or with one pixel a picture',
  attributes: requantizeAttributes,
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const [x, factor] = [inputType(call, 0), inputType(call, 1)];
    requireElement(x, integerElements, 'the first operand');
    requireElement(factor, [x.element], 'the second operand');
    if (x.shape.length < 2 || !isFactorOf(factor.shape, x.shape))
      refuse(`[${factor.shape.join(', ')}] is no factor of [${x.shape.join(', ')}]`);
    requireOutputStage(call.attributes, 1, x.element);
    return [{ element: x.element, shape: x.shape }];
  },
  evaluate: (call) => {
    const [x, factor] = [inputTensor(call, 0), inputTensor(call, 1)];
    const stage = outputStage(call.attributes);
    const [a, b] = [toNumbers(x.data), toNumbers(factor.data)];
    const pixels = a.length / b.length;
    const result = elementArrayOf(x.element, a.length);
    for (let i = 0; i < a.length; i++) result[i] = stage(a[i]! * b[Math.floor(i / pixels)]!, 0);
    return [tensor(x.element, x.shape, result)];
  },
};
