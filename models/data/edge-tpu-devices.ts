/** Boards with Google's Edge TPU, by published figures; the array's extent is nobody's official number. Constants of its model stand in edge-tpu-fit-values.ts. */

import { edgeTpuFitted } from './edge-tpu-fit-values.js';
import type { Provenance } from './provenance.js';

export interface EdgeTpuDevice {
  readonly name: string;
  readonly description: string;
  readonly rows: number;
  readonly columns: number;
  readonly hertz: number;
  /** On-chip memory that keeps weights between inferences. */
  readonly weightCacheBytes: number;
  /** Bytes a second that the link to the host promises. */
  readonly linkBytesPerSecond: number;
  readonly watts: number;
  readonly sources: readonly Provenance[];
}

const sources: readonly Provenance[] = [
  { citation: 'coral.ai: 4 TOPS, 2 TOPS/W, 8 MB on chip', known: 'recalled' },
  { citation: '64 x 64 at 480 MHz make 3.93 TOPS: widely assumed, not official', known: 'assumed' },
];
const chip = { rows: 64, columns: 64, hertz: 480e6, weightCacheBytes: 8e6, watts: 2, sources } as const;

export const edgeTpuDevices: readonly EdgeTpuDevice[] = [
  { ...chip, name: 'coral-usb', description: 'Coral USB Accelerator, USB 3.0', linkBytesPerSecond: 500e6 },
  {
    ...chip,
    name: 'coral-dev-board',
    description: 'Coral Dev Board, PCIe x1 of an i.MX 8M',
    linkBytesPerSecond: 500e6,
  },
];

export interface EdgeTpuFit {
  /** Of the array's products, and of its columns in depthwise convolutions. */
  readonly productShare: number;
  readonly depthwiseShare: number;
  /** Bytes of activations a cycle, in and out of on-chip memory. */
  readonly activationBytesPerCycle: number;
  /** Of the link's bytes a second, for weights that do not stay on chip. */
  readonly linkShare: number;
  /** Of the on-chip memory that weights may fill. */
  readonly cacheShare: number;
  readonly callSeconds: number;
}

export const edgeTpuFit: EdgeTpuFit = edgeTpuFitted;

export const edgeTpuFitSource: Provenance = {
  citation: 'fitted to Google Coral, Edge TPU performance benchmarks, Table 1',
  known: 'derived',
};
