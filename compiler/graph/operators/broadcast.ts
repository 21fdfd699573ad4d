/** Multidirectional broadcasting, as numpy and ONNX define it. */

import { elementCount, rowMajorStrides } from '../../../base/index.js';
import { refuse } from '../operator.js';

/** The common shape of all `shapes`; refuses extents that neither agree nor are 1. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((s) => s[axis - (rank - s.length)] ?? 1).filter((extent) => extent !== 1);
    const extent = extents[0] ?? 1;
    if (extents.some((other) => other !== extent))
      refuse(`shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} do not broadcast`);
    return extent;
  });
}

/** For every flat index of `to`, the flat index of the element of `from` that broadcasts there. */
export function broadcastIndex(from: readonly number[], to: readonly number[]): Int32Array {
  const offset = to.length - from.length;
  const strides = rowMajorStrides(from).map((stride, axis) => (from[axis] === 1 ? 0 : stride));
  const index = new Int32Array(elementCount(to));
  const position = new Array<number>(to.length).fill(0);
  let flat = 0;
  for (let i = 0; i < index.length; i++) {
    index[i] = flat;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const stride = axis >= offset ? strides[axis - offset]! : 0;
      position[axis]! += 1;
      flat += stride;
      if (position[axis]! < to[axis]!) break;
      flat -= stride * to[axis]!;
      position[axis] = 0;
    }
  }
  return index;
}
