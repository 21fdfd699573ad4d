/** Pictures woven into one: the rows and columns of the parts alternate, as the phases of a transposed convolution do. */

import type { ElementType } from '../../../base/index.js';
import { numbersAttribute } from '../attributes.js';
import { type InferCall, inputTensor, inputType, type OperatorSpec, refuse } from '../operator.js';
import { generate, requireElement, toNumbers } from './numeric.js';

/** Extent of an axis whose phases have these extents; phase i holds i, i + phases, ... */
function wovenExtent(parts: readonly number[]): number {
  const extent = parts.reduce((sum, part) => sum + part, 0);
  parts.forEach((part, phase) => {
    const needed = Math.ceil((extent - phase) / parts.length);
    if (part !== needed) refuse(`phase ${phase} of ${extent} has extent ${part}, not ${needed}`);
  });
  return extent;
}

function wovenShape(call: InferCall): readonly number[] {
  const [rows, columns] = call.attributes.numbers('strides') as [number, number];
  if (call.inputs.length !== rows * columns)
    refuse(`${call.inputs.length} parts do not make ${rows} x ${columns} phases`);
  const shapes = call.inputs.map((_, i) => inputType(call, i).shape);
  if (shapes.some((shape) => shape.length !== 4)) refuse('a part is no picture [N, C, H, W]');
  const heights = Array.from({ length: rows }, (_, i) => shapes[i * columns]![2]!);
  const widths = Array.from({ length: columns }, (_, j) => shapes[j]![3]!);
  const [n, c] = shapes[0] as [number, number];
  shapes.forEach((shape, at) => {
    const wanted = [n, c, heights[Math.floor(at / columns)], widths[at % columns]];
    if (shape.join() !== wanted.join())
      refuse(`part ${at} is [${shape.join(', ')}], not [${wanted.join(', ')}]`);
  });
  return [n, c, wovenExtent(heights), wovenExtent(widths)];
}

/** The operator under a name, for tensors of some element types. */
export const interleave = (name: string, elements: readonly ElementType[]): OperatorSpec => ({
  name,
  summary: 'pixel (y, x) is pixel (y / rows, x / columns) of part (y mod rows, x mod columns)',
  attributes: { strides: numbersAttribute('rows and columns of parts') },
  inputs: { min: 1, max: Number.POSITIVE_INFINITY },
  infer: (call) => {
    const { element } = inputType(call, 0);
    call.inputs.forEach((_, i) => {
      requireElement(inputType(call, i), i === 0 ? elements : [element], `part ${i}`);
    });
    return [{ element, shape: wovenShape(call) }];
  },
  evaluate: (call) => {
    const [rows, columns] = call.attributes.numbers('strides') as [number, number];
    const { element, shape } = call.outputs[0]!;
    const [height, width] = shape.slice(2) as [number, number];
    const parts = call.inputs.map((_, i) => inputTensor(call, i));
    const data = parts.map((part) => toNumbers(part.data));
    const pixel = (i: number) => {
      const x = i % width;
      const y = Math.floor(i / width) % height;
      const plane = Math.floor(i / (width * height));
      const at = (y % rows) * columns + (x % columns);
      const [h, w] = parts[at]!.shape.slice(2) as [number, number];
      return data[at]![(plane * h + Math.floor(y / rows)) * w + Math.floor(x / columns)]!;
    };
    return [generate({ element, shape }, pixel)];
  },
});

/** Of floats: what a pass makes of operators that have phases. */
export const floatInterleave = interleave('Interleave', ['float32']);
