/** Operators that compare or accumulate along one axis: extremes' positions, running sums, the k largest. */

import { elementCount, type Tensor } from '../../../base/index.js';
import { flagAttribute, numberAttribute } from '../attributes.js';
import {
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { pick } from './copy.js';
import { generate, normalizeAxis, toNumbers } from './numeric.js';

const axisAttribute = numberAttribute('the axis; negative counts from the end', 0);

/** The lines of a tensor along an axis: line `i` starts at `start(i)`, its elements lie `step` apart. */
function linesOf(x: Tensor, axis: number) {
  const [extent, step] = [x.shape[axis]!, elementCount(x.shape.slice(axis + 1))];
  const count = extent === 0 ? 0 : x.data.length / extent;
  const start = (line: number): number => Math.floor(line / step) * step * extent + (line % step);
  return { extent, step, count, start };
}

function extreme(name: string, summary: string, better: (a: number, b: number) => boolean): OperatorSpec {
  return {
    name,
    summary,
    attributes: {
      axis: axisAttribute,
      keepDims: flagAttribute('keep the axis with extent 1', true),
      selectLast: flagAttribute('of equal ones the last, not the first', false),
    },
    inputs: { min: 1, max: 1 },
    infer: (call) => {
      const { shape, element } = inputType(call, 0);
      if (element === 'bool') refuse('the input is bool');
      const axis = normalizeAxis(call.attributes.number('axis'), shape.length);
      if (shape[axis] === 0) refuse(`axis ${axis} is empty`);
      const keep = call.attributes.flag('keepDims') ? [1] : [];
      return [{ element: 'int64', shape: [...shape.slice(0, axis), ...keep, ...shape.slice(axis + 1)] }];
    },
    evaluate: (call) => {
      const x = inputTensor(call, 0);
      const { start, step, extent } = linesOf(
        x,
        normalizeAxis(call.attributes.number('axis'), x.shape.length),
      );
      const data = toNumbers(x.data);
      const last = call.attributes.flag('selectLast');
      return [
        generate(call.outputs[0]!, (line) => {
          let best = 0;
          const at = (k: number): number => data[start(line) + k * step]!;
          for (let k = 1; k < extent; k++)
            if (better(at(k), at(best)) || (last && at(k) === at(best))) best = k;
          return best;
        }),
      ];
    },
  };
}

const cumSum: OperatorSpec = {
  name: 'CumSum',
  summary: 'running sum along an axis',
  attributes: {
    axis: axisAttribute,
    exclusive: flagAttribute('without the element itself', false),
    reverse: flagAttribute('from the end', false),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const x = inputType(call, 0);
    normalizeAxis(call.attributes.number('axis'), x.shape.length);
    return [x];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    const { start, step, extent, count } = linesOf(x, axis);
    const [exclusive, reverse] = [call.attributes.flag('exclusive'), call.attributes.flag('reverse')];
    const data = toNumbers(x.data);
    const sums = new Float64Array(data.length);
    for (let line = 0; line < count; line++) {
      let sum = 0;
      for (let k = 0; k < extent; k++) {
        const at = start(line) + (reverse ? extent - 1 - k : k) * step;
        if (exclusive) sums[at] = sum;
        sum += data[at]!;
        if (!exclusive) sums[at] = sum;
      }
    }
    return [generate(call.outputs[0]!, (i) => sums[i]!)];
  },
};

const topK: OperatorSpec = {
  name: 'TopK',
  summary: 'the k largest (or smallest) elements along an axis, in order, and their positions',
  attributes: {
    k: numberAttribute('how many'),
    axis: numberAttribute('the axis; negative counts from the end', -1),
    largest: flagAttribute('the largest, not the smallest', true),
  },
  inputs: { min: 1, max: 1 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    const axis = normalizeAxis(call.attributes.number('axis'), shape.length);
    const k = call.attributes.number('k');
    if (!Number.isInteger(k) || k < 0 || k > shape[axis]!) refuse(`k ${k} of an extent of ${shape[axis]}`);
    const picked = shape.map((extent, i) => (i === axis ? k : extent));
    return [
      { element, shape: picked },
      { element: 'int64', shape: picked },
    ];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const axis = normalizeAxis(call.attributes.number('axis'), x.shape.length);
    const { start, step, extent, count } = linesOf(x, axis);
    const { shape } = call.outputs[0]!;
    const [k, sign] = [call.attributes.number('k'), call.attributes.flag('largest') ? -1 : 1];
    const [flat, position] = [new Int32Array(elementCount(shape)), new Int32Array(elementCount(shape))];
    for (let line = 0; line < count; line++) {
      const at = (i: number): number => Number(x.data[start(line) + i * step]);
      const order = Array.from({ length: extent }, (_, i) => i).sort(
        (a, b) => sign * (at(a) - at(b)) || a - b,
      );
      const to = Math.floor(line / step) * step * k + (line % step);
      for (let i = 0; i < k; i++) {
        position[to + i * step] = order[i]!;
        flat[to + i * step] = start(line) + order[i]! * step;
      }
    }
    const positions = generate({ element: 'int64', shape }, (i) => position[i]!);
    return [pick(x, shape, (i) => flat[i]!), positions];
  },
};

export const orderOperators: OperatorTable = operatorsByName(
  extreme('ArgMax', 'position of the largest element along an axis', (a, b) => a > b),
  extreme('ArgMin', 'position of the smallest element along an axis', (a, b) => a < b),
  cumSum,
  topK,
);
