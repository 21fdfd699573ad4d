import { buffers } from './buffers.js';
import { dataflow } from './dataflow.js';
import { precision } from './precision.js';
import type { Study } from './study.js';

/** Of docs/studies, in the order in which its index lists them. */
export const studies: readonly Study[] = [dataflow, buffers, precision];
