/**
 * Boards with AMD's deep-learning processing unit (DPU), by what its product guides publish: products of one engine, engines, clocks, memory. Facts
 * only: nothing here was fitted.
 */

import type { Provenance } from './provenance.js';

/** What an engine computes in a cycle: output pixels of a row, input channels, output channels. */
export interface DpuParallelism {
  readonly pixels: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
}

export interface DpuDevice {
  readonly name: string;
  readonly description: string;
  readonly engines: number;
  readonly parallelism: DpuParallelism;
  readonly hertz: number;
  readonly memoryBytesPerSecond: number;
  /** Processor that prepares images and reads results: cores, and cycles a second of one, in those of a Cortex-A53. */
  readonly hostCores: number;
  readonly hostHertz: number;
  /** Of the board; null: not published. */
  readonly watts: number | null;
  readonly sources: readonly Provenance[];
}

/** Architectures of the DPU for Zynq by operations a cycle (PG338, Table 1), and the engines of the Alveo cards' DPUCAHX8H. */
export const dpuArchitectures: ReadonlyMap<string, DpuParallelism> = new Map(
  (
    [
      ['B512', 4, 8, 8],
      ['B800', 4, 10, 10],
      ['B1024', 8, 8, 8],
      ['B1152', 4, 12, 12],
      ['B1600', 8, 10, 10],
      ['B2304', 8, 12, 12],
      ['B3136', 8, 14, 14],
      ['B4096', 8, 16, 16],
      ['DPUCAHX8H', 8, 16, 16],
    ] as const
  ).map(([name, pixels, inputChannels, outputChannels]) => [name, { pixels, inputChannels, outputChannels }]),
);

const guides: readonly Provenance[] = [
  {
    citation: 'Xilinx, DPU for Convolutional Neural Network (PG338), Table 1 and Table 12',
    known: 'recalled',
  },
  { citation: 'Vitis AI model zoo: engines, architecture and clock of each board', known: 'read' },
  { citation: "the boards' user guides: processor and memory", known: 'recalled' },
];

interface Board {
  readonly architecture: string;
  readonly engines: number;
  readonly megahertz: number;
  readonly gigabytes: number;
  readonly hostCores: number;
  readonly hostGigahertz: number;
  readonly watts: number | null;
}

function board(name: string, row: Board): DpuDevice {
  return {
    name,
    description: `${row.engines} x ${row.architecture} at ${row.megahertz} MHz`,
    engines: row.engines,
    parallelism: dpuArchitectures.get(row.architecture)!,
    hertz: row.megahertz * 1e6,
    memoryBytesPerSecond: row.gigabytes * 1e9,
    hostCores: row.hostCores,
    hostHertz: row.hostGigahertz * 1e9,
    watts: row.watts,
    sources: guides,
  };
}

/** Four Cortex-A53; a server's cores are counted as 16 that do four times as much in a cycle. */
const zynq = { hostCores: 4, watts: null } as const;
const server = { hostCores: 16, hostGigahertz: 12 } as const;

export const dpuDevices: readonly DpuDevice[] = [
  board('zcu102-dpu-b4096', {
    ...zynq,
    architecture: 'B4096',
    engines: 3,
    megahertz: 281,
    gigabytes: 19.2,
    hostGigahertz: 1.2,
  }),
  board('zcu104-dpu-b4096', {
    ...zynq,
    architecture: 'B4096',
    engines: 2,
    megahertz: 300,
    gigabytes: 19.2,
    hostGigahertz: 1.2,
  }),
  board('kv260-dpu-b4096', {
    ...zynq,
    architecture: 'B4096',
    engines: 1,
    megahertz: 300,
    gigabytes: 19.2,
    hostGigahertz: 1.33,
  }),
  board('ultra96-dpu-b1600', {
    ...zynq,
    architecture: 'B1600',
    engines: 1,
    megahertz: 287,
    gigabytes: 8.5,
    hostGigahertz: 1.2,
  }),
  board('alveo-u50-dpu', {
    ...server,
    architecture: 'DPUCAHX8H',
    engines: 9,
    megahertz: 275,
    gigabytes: 316,
    watts: 75,
  }),
  board('alveo-u280-dpu', {
    ...server,
    architecture: 'DPUCAHX8H',
    engines: 14,
    megahertz: 300,
    gigabytes: 460,
    watts: 225,
  }),
  board('alveo-u55c-dpu', {
    ...server,
    architecture: 'DPUCAHX8H',
    engines: 11,
    megahertz: 300,
    gigabytes: 460,
    watts: 150,
  }),
];
