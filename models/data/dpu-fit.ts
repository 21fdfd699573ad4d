/** Constants of the model of DPUs (models/devices/dpu.ts); the fitted ones are in dpu-fit-values.ts, which `npm run fits` writes. */

import { dpuFitted } from './dpu-fit-values.js';
import type { Provenance } from './provenance.js';

export interface DpuFit {
  /** Of an engine's products a cycle, where channels and pixels fill it. */
  readonly productShare: number;
  /** Channels of a depthwise convolution times pixels that an engine computes in a cycle, of its input channels times pixels. */
  readonly depthwiseShare: number;
  /** Bytes a cycle between an engine and memory. */
  readonly engineBytesPerCycle: number;
  /** Of the board's memory bandwidth, for all engines together. */
  readonly memoryShare: number;
  /** Instructions and synchronisation of a layer, in cycles. */
  readonly layerCycles: number;
  /** Work of the host: for a call, for an element of the image, for an element of scores or rows it computes itself, in cycles. */
  readonly callCycles: number;
  readonly imageCycles: number;
  readonly scoreCycles: number;
}

export const dpuFit: DpuFit = dpuFitted;

export const dpuFitSource: Provenance = {
  citation:
    'fitted to the Vitis AI model zoo, releases 1.1, 1.3 and 2.5, networks whose layers are published',
  known: 'derived',
};
