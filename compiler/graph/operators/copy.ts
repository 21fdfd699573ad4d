/** Strided copies: what every shape operator does with its elements, whatever their type. */

import { allocate, elementCount, type Tensor, type TensorData, tensor } from '../../../base/index.js';

/** A tensor of `shape` whose element `i` is `source` element `index(i)`; -1 keeps the fill. */
export function pick(
  source: Tensor,
  shape: readonly number[],
  index: (flat: number) => number,
  fill = 0,
): Tensor {
  const data = allocate(source.element, elementCount(shape));
  if (fill !== 0) fillWith(data, fill);
  for (let i = 0; i < data.length; i++) {
    const from = index(i);
    if (from >= 0) data[i] = source.data[from]!;
  }
  return tensor(source.element, shape, data);
}

function fillWith(data: TensorData, fill: number): void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(fill));
  else data.fill(fill);
}

/** Where the elements of an affine view lie: one start, and a step per axis of the view. */
export interface View {
  readonly shape: readonly number[];
  readonly start: number;
  readonly steps: readonly number[];
}

/** The elements of a view, in row-major order of the view's shape. */
export function copyView(source: Tensor, { shape, start, steps }: View): Tensor {
  const position = new Array<number>(shape.length).fill(0);
  let at = start;
  return pick(source, shape, () => {
    const here = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis]! += 1;
      at += steps[axis]!;
      if (position[axis]! < shape[axis]!) break;
      at -= steps[axis]! * shape[axis]!;
      position[axis] = 0;
    }
    return here;
  });
}
