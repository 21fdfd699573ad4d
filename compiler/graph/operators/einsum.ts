/** Einsum: sums of products over named axes. Repeated letters take diagonals; an ellipsis is not supported. */

import { elementCount, rowMajorStrides, type Tensor } from '../../../base/index.js';
import { textAttribute } from '../attributes.js';
import {
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { generate, isFloat, toNumbers } from './numeric.js';

interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

function parse(text: string): Equation {
  const [left = '', right] = text.replaceAll(' ', '').split('->');
  if (/[^a-zA-Z,]/.test(left + (right ?? ''))) refuse(`the equation "${text}" has more than letters`);
  const operands = left.split(',').map((part) => [...part]);
  const letters = operands.flat();
  const once = [...new Set(letters)].filter((l) => letters.indexOf(l) === letters.lastIndexOf(l)).sort();
  return { operands, result: right === undefined ? once : [...right] };
}

function extents(call: InferCall, { operands, result }: Equation): Map<string, number> {
  const found = new Map<string, number>();
  if (operands.length !== call.inputs.length) refuse(`the equation has ${operands.length} operands`);
  operands.forEach((letters, index) => {
    const { shape } = inputType(call, index);
    if (letters.length !== shape.length) refuse(`operand ${index} has rank ${shape.length}`);
    letters.forEach((letter, axis) => {
      const extent = found.get(letter) ?? shape[axis]!;
      if (extent !== shape[axis]) refuse(`axis ${letter} is both ${extent} and ${shape[axis]}`);
      found.set(letter, extent);
    });
  });
  for (const letter of result) if (!found.has(letter)) refuse(`axis ${letter} is in no operand`);
  return found;
}

/** Step of every letter inside an operand. */
function stepsOf(letters: readonly string[], shape: readonly number[], order: readonly string[]): number[] {
  const strides = rowMajorStrides(shape);
  return order.map((l) => letters.reduce((sum, own, axis) => sum + (own === l ? strides[axis]! : 0), 0));
}

const einsum: OperatorSpec = {
  name: 'Einsum',
  summary: 'sums of products over named axes',
  attributes: { equation: textAttribute('axes of the operands and of the result, as in "ij,jk->ik"') },
  inputs: { min: 1, max: Number.POSITIVE_INFINITY },
  infer: (call) => {
    const { element } = inputType(call, 0);
    if (!isFloat(element) || call.inputs.some((t) => t?.element !== element))
      refuse('the operands are not of one float type');
    const equation = parse(call.attributes.text('equation'));
    const found = extents(call, equation);
    return [{ element, shape: equation.result.map((letter) => found.get(letter)!) }];
  },
  evaluate: (call) => {
    const equation = parse(call.attributes.text('equation'));
    const tensors = call.inputs.map((_, i) => inputTensor(call, i));
    const found = extents({ inputs: tensors, attributes: call.attributes }, equation);
    const summed = [...found.keys()].filter((letter) => !equation.result.includes(letter));
    const order = [...equation.result, ...summed];
    const shape = order.map((letter) => found.get(letter)!);
    const inner = elementCount(summed.map((letter) => found.get(letter)!));
    const product = products(tensors, equation, order, shape);
    return [
      generate(call.outputs[0]!, (i) => {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += product(i * inner + k);
        return sum;
      }),
    ];
  },
  macs: ({ inputs, attributes }) =>
    elementCount([...extents({ inputs, attributes }, parse(attributes.text('equation'))).values()]),
};

/** The product of all operands at a flat position of the joint index space. */
function products(
  tensors: readonly Tensor[],
  { operands }: Equation,
  order: readonly string[],
  shape: readonly number[],
): (flat: number) => number {
  const outer = rowMajorStrides(shape);
  const steps = tensors.map((t, i) => stepsOf(operands[i]!, t.shape, order));
  const data = tensors.map((t) => toNumbers(t.data));
  return (flat) =>
    data.reduce((value, numbers, operand) => {
      let at = 0;
      for (let axis = 0; axis < shape.length; axis++)
        at += (Math.floor(flat / outer[axis]!) % shape[axis]!) * steps[operand]![axis]!;
      return value * numbers[at]!;
    }, 1);
}

export const einsumOperators: OperatorTable = operatorsByName(einsum);
