/** Pictures with their border written out, as load writes it. */

import { type ElementArray, elementArrayOf, type Tensor } from '../../../base/index.js';
import { toNumbers } from '../operators/numeric.js';
import { planes, type Window } from '../operators/window.js';

/** Planes of [N, C, H, W] integer data. */
export interface PaddedPlanes {
  readonly data: ElementArray;
  readonly height: number;
  readonly width: number;
}

/** The input with `value` in its border; pads are top, left, bottom, right and not negative. */
export function padded(x: Tensor, { pads: [top, left, bottom, right] }: Window, value: number): PaddedPlanes {
  const [n, c, h, w] = planes(x.shape);
  const height = h + top + bottom;
  const width = w + left + right;
  const data = elementArrayOf(x.element, n * c * height * width).fill(value);
  const source = toNumbers(x.data);
  for (let plane = 0; plane < n * c; plane++) {
    for (let y = 0; y < h; y++) {
      const from = (plane * h + y) * w;
      const to = (plane * height + y + top) * width + left;
      for (let k = 0; k < w; k++) data[to + k] = source[from + k]!;
    }
  }
  return { data, height, width };
}
