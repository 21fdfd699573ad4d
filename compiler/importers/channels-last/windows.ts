/** Convolutions and pooling as TensorFlow means them, on channels-first values. */

import type { Emitter } from './emitter.js';
import type { Shaped } from './values.js';

/** TensorFlow's padding: rows top, bottom, columns left, right when explicit. */
export type Padding = 'SAME' | 'VALID' | readonly [number, number, number, number];

export interface WindowSpec {
  /** Height and width. */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
}

/** `pads` of a window over a picture of `extents`: top, left, bottom, right. SAME puts the odd one behind. */
export function windowPads(
  { kernel, strides, dilations, padding }: WindowSpec,
  extents: readonly number[],
): number[] {
  if (padding === 'VALID') return [0, 0, 0, 0];
  if (padding !== 'SAME') return [padding[0], padding[2], padding[1], padding[3]];
  const total = extents.map((extent, i) => {
    const span = (kernel[i]! - 1) * dilations[i]! + 1;
    return Math.max(0, (Math.ceil(extent / strides[i]!) - 1) * strides[i]! + span - extent);
  });
  const before = total.map((pad) => Math.floor(pad / 2));
  return [...before, ...total.map((pad, i) => pad - before[i]!)];
}

/** Refuses steps that are no steps. */
function windowAttributes(emitter: Emitter, spec: WindowSpec, extents: readonly number[]) {
  for (const value of [...spec.kernel, ...spec.strides, ...spec.dilations])
    if (!Number.isInteger(value) || value < 1)
      emitter.refuse(`${value} is no kernel size, stride or dilation`);
  const { strides, dilations } = spec;
  return { strides, dilations, pads: windowPads(spec, extents) };
}

/** @param weights value [O, I/g, kh, kw]; `bias` value [O]. */
export function convolution(
  emitter: Emitter,
  x: string,
  operands: { readonly weights: string; readonly bias: string | undefined; readonly group: number },
  spec: WindowSpec,
): Shaped {
  const [, height, width] = emitter.rank(x, 4) as [number, number, number, number];
  const { weights, bias, group } = operands;
  const inputs = [emitter.values.first(x), weights, ...(bias === undefined ? [] : [bias])];
  const attributes = { ...windowAttributes(emitter, spec, [height, width]), group };
  return { value: emitter.op('Conv', inputs, attributes), form: 'first' };
}

export function pooling(
  emitter: Emitter,
  operator: 'MaxPool' | 'AveragePool',
  x: string,
  spec: WindowSpec,
): Shaped {
  const [, height, width] = emitter.rank(x, 4) as [number, number, number, number];
  const { dilations: _, ...attributes } = windowAttributes(emitter, spec, [height, width]);
  const value = emitter.op(operator, [emitter.values.first(x)], { ...attributes, kernel: spec.kernel });
  return { value, form: 'first' };
}
