/** Integer residual add and rescaling, element by element. */

import { elementArrayOf, scaleRounded, tensor } from '../../../base/index.js';
import { type Attributes, numberAttribute } from '../attributes.js';
import { inputTensor, inputType, type OperatorSpec, refuse } from '../operator.js';
import { requireElement, toNumbers } from '../operators/numeric.js';
import { integerElements, outputStage, requantizeAttributes, requireOutputStage } from './requantize.js';

function operandScale(attributes: Attributes, operand: 'a' | 'b'): (value: number) => number {
  const left = 2 ** attributes.number('leftShift');
  const bias = attributes.number(`${operand}Bias`);
  const scale = {
    multiplier: attributes.number(`${operand}Multiplier`),
    shift: attributes.number(`${operand}Shift`),
  };
  return (value) => scaleRounded(value * left + bias, scale);
}

export const integerAdd: OperatorSpec = {
  name: 'IntegerAdd',
  summary: 'residual add: each operand shifted, biased and scaled, the sum requantised',
  attributes: {
    ...requantizeAttributes,
    leftShift: numberAttribute('operands are shifted left by this first, 0 to 20'),
    aBias: numberAttribute('added to the shifted first operand'),
    aMultiplier: numberAttribute('scale of the first operand'),
    aShift: numberAttribute('shift of the first operand, 1 to 63'),
    bBias: numberAttribute('added to the shifted second operand'),
    bMultiplier: numberAttribute('scale of the second operand'),
    bShift: numberAttribute('shift of the second operand, 1 to 63'),
  },
  inputs: { min: 2, max: 2 },
  infer: (call) => {
    const [a, b] = [inputType(call, 0), inputType(call, 1)];
    requireElement(a, integerElements, 'the first operand');
    requireElement(b, [a.element], 'the second operand');
    if (a.shape.join() !== b.shape.join())
      refuse(`shapes [${a.shape.join(', ')}] and [${b.shape.join(', ')}] differ`);
    requireOutputStage(call.attributes, 1, a.element);
    const left = call.attributes.number('leftShift');
    if (left < 0 || left > 20) refuse(`leftShift ${left} is outside 0 to 20`);
    return [{ element: a.element, shape: a.shape }];
  },
  evaluate: (call) => {
    const [a, b] = [toNumbers(inputTensor(call, 0).data), toNumbers(inputTensor(call, 1).data)];
    const scaleA = operandScale(call.attributes, 'a');
    const scaleB = operandScale(call.attributes, 'b');
    const stage = outputStage(call.attributes);
    const { element, shape } = inputTensor(call, 0);
    const result = elementArrayOf(element, a.length);
    for (let i = 0; i < a.length; i++) result[i] = stage(scaleA(a[i]!) + scaleB(b[i]!), 0);
    return [tensor(element, shape, result)];
  },
};

export const integerRescale: OperatorSpec = {
  name: 'IntegerRescale',
  summary: 'bias, requantisation and look-up of values: a change of scale or a function of one variable',
  attributes: {
    ...requantizeAttributes,
    bias: numberAttribute('added before scaling: minus the zero point', 0),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    requireElement(x, integerElements, 'the input');
    requireOutputStage(call.attributes, x.shape.length >= 2 ? x.shape[1]! : 1, x.element);
    return [{ element: x.element, shape: x.shape }];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const stage = outputStage(call.attributes);
    const bias = call.attributes.number('bias');
    const channels = x.shape.length >= 2 ? x.shape[1]! : 1;
    const plane = x.shape.slice(2).reduce((product, extent) => product * extent, 1);
    const data = toNumbers(x.data);
    const result = elementArrayOf(x.element, data.length);
    for (let i = 0; i < data.length; i++)
      result[i] = stage(data[i]! + bias, Math.floor(i / plane) % channels);
    return [tensor(x.element, x.shape, result)];
  },
};
