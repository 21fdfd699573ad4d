/** StridedSlice: numpy's indexing with its masks. */

import { stridedSlice } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import type { MappingTable } from './mapping.js';

function sliced(call: TensorflowCall): void {
  const [begin, end, strides] = [1, 2, 3].map((i) => call.integers(i)) as [number[], number[], number[]];
  const mask = (name: string) => call.integer(`${name}_mask`);
  const masks = {
    ...{ begin: mask('begin'), end: mask('end'), ellipsis: mask('ellipsis') },
    ...{ newAxis: mask('new_axis'), shrinkAxis: mask('shrink_axis') },
  };
  call.finish(stridedSlice(call, call.input(0), { begin, end, strides, masks }));
}

export const stridedSliceMappings: MappingTable = { StridedSlice: sliced };
