/**
 * Processors by published figures: what models/devices needs to price a network's kernels. Facts only: nothing here was fitted. A user's own
 * processor takes the same record.
 */

import { type CpuCore, cpuCoreSource, cpuCores } from './cpu-cores.js';
import type { Provenance } from './provenance.js';

/** Cores of one kind at one clock. */
export interface CpuCluster {
  readonly core: CpuCore;
  /** Of one socket. */
  readonly cores: number;
  readonly baseHertz: number;
  readonly boostHertz: number;
}

export interface CpuDevice {
  readonly name: string;
  readonly description: string;
  readonly sockets: number;
  /** Fastest first. */
  readonly clusters: readonly CpuCluster[];
  /** Of one socket: all its memory channels. */
  readonly memoryBytesPerSecond: number;
  /** Last-level cache of one socket. */
  readonly lastLevelBytes: number;
  /** Of one socket; null: not published. */
  readonly thermalWatts: number | null;
  readonly sources: readonly Provenance[];
}

const intel: readonly Provenance[] = [
  { citation: 'Intel ARK: cores, clocks, cache, memory channels, thermal design power', known: 'recalled' },
  cpuCoreSource,
];
const boards: readonly Provenance[] = [
  { citation: "the chip maker's product brief: cores, clocks, memory interface", known: 'recalled' },
  cpuCoreSource,
];

/** Cores and their clocks in GHz. */
type ClusterRow = readonly [core: string, cores: number, base: number, boost: number];

function cpu(
  name: string,
  sockets: number,
  clusters: readonly ClusterRow[],
  figures: { readonly gigabytes: number; readonly cacheMiB: number; readonly watts: number | null },
  sources: readonly Provenance[] = intel,
): CpuDevice {
  return {
    name,
    description: clusters.map(([core, cores, base]) => `${cores} x ${core} at ${base} GHz`).join(' + '),
    sockets,
    clusters: clusters.map(([core, cores, base, boost]) => ({
      core: cpuCores.get(core)!,
      cores,
      baseHertz: base * 1e9,
      boostHertz: boost * 1e9,
    })),
    memoryBytesPerSecond: figures.gigabytes * 1e9,
    lastLevelBytes: figures.cacheMiB * 2 ** 20,
    thermalWatts: figures.watts,
    sources,
  };
}

export const cpuDevices: readonly CpuDevice[] = [
  cpu('xeon-silver-4216r', 2, [['cascade-lake', 16, 2.2, 3.2]], {
    gigabytes: 115.2,
    cacheMiB: 22,
    watts: 125,
  }),
  cpu('xeon-gold-5218t', 2, [['cascade-lake', 16, 2.1, 3.8]], { gigabytes: 128, cacheMiB: 22, watts: 105 }),
  cpu('xeon-gold-6248', 2, [['cascade-lake', 20, 2.5, 3.9]], {
    gigabytes: 140.8,
    cacheMiB: 27.5,
    watts: 150,
  }),
  cpu('xeon-platinum-8259cl', 1, [['cascade-lake', 24, 2.5, 3.5]], {
    gigabytes: 140.8,
    cacheMiB: 35.75,
    watts: 210,
  }),
  cpu('xeon-platinum-8270', 2, [['cascade-lake', 26, 2.7, 4]], {
    gigabytes: 140.8,
    cacheMiB: 35.75,
    watts: 205,
  }),
  cpu('xeon-platinum-8276', 2, [['cascade-lake', 28, 2.2, 4]], {
    gigabytes: 140.8,
    cacheMiB: 38.5,
    watts: 165,
  }),
  cpu('xeon-platinum-8280', 2, [['cascade-lake', 28, 2.7, 4]], {
    gigabytes: 140.8,
    cacheMiB: 38.5,
    watts: 205,
  }),
  cpu('xeon-platinum-9282', 2, [['cascade-lake', 56, 2.6, 3.8]], {
    gigabytes: 281.6,
    cacheMiB: 77,
    watts: 400,
  }),
  cpu('xeon-platinum-8380h', 4, [['cascade-lake', 28, 2.9, 4.3]], {
    gigabytes: 153.6,
    cacheMiB: 38.5,
    watts: 250,
  }),
  cpu('xeon-silver-4316', 2, [['ice-lake-server', 20, 2.3, 3.4]], {
    gigabytes: 170.6,
    cacheMiB: 30,
    watts: 150,
  }),
  cpu('xeon-platinum-8352m', 2, [['ice-lake-server', 32, 2.3, 3.5]], {
    gigabytes: 204.8,
    cacheMiB: 48,
    watts: 185,
  }),
  cpu('xeon-platinum-8380', 2, [['ice-lake-server', 40, 2.3, 3.4]], {
    gigabytes: 204.8,
    cacheMiB: 60,
    watts: 270,
  }),
  cpu('xeon-platinum-8480+', 2, [['sapphire-rapids', 56, 2, 3.8]], {
    gigabytes: 307.2,
    cacheMiB: 105,
    watts: 350,
  }),
  cpu('xeon-platinum-8490h', 2, [['sapphire-rapids', 60, 1.9, 3.5]], {
    gigabytes: 307.2,
    cacheMiB: 112.5,
    watts: 350,
  }),
  cpu('xeon-platinum-8580', 2, [['sapphire-rapids', 60, 2, 4]], {
    gigabytes: 358.4,
    cacheMiB: 300,
    watts: 350,
  }),
  cpu('xeon-platinum-8592+', 2, [['sapphire-rapids', 64, 1.9, 3.9]], {
    gigabytes: 358.4,
    cacheMiB: 320,
    watts: 350,
  }),
  cpu('xeon-6980p', 2, [['sapphire-rapids', 128, 2, 3.9]], { gigabytes: 844.8, cacheMiB: 504, watts: 500 }),
  cpu('xeon-w1290p', 1, [['skylake', 10, 3.7, 5.3]], { gigabytes: 46.9, cacheMiB: 20, watts: 125 }),
  cpu('xeon-e-2124g', 1, [['skylake', 4, 3.4, 4.5]], { gigabytes: 42.7, cacheMiB: 8, watts: 71 }),
  cpu('core-i3-8100', 1, [['skylake', 4, 3.6, 3.6]], { gigabytes: 38.4, cacheMiB: 6, watts: 65 }),
  cpu('core-i5-8500', 1, [['skylake', 6, 3, 4.1]], { gigabytes: 42.7, cacheMiB: 9, watts: 65 }),
  cpu('core-i5-6500te', 1, [['skylake', 4, 2.3, 3.3]], { gigabytes: 34.1, cacheMiB: 6, watts: 35 }),
  cpu('core-i5-10500te', 1, [['skylake', 6, 2.3, 3.7]], { gigabytes: 42.7, cacheMiB: 12, watts: 35 }),
  cpu('core-i7-8700t', 1, [['skylake', 6, 2.4, 4]], { gigabytes: 42.7, cacheMiB: 12, watts: 35 }),
  cpu('core-i9-10900te', 1, [['skylake', 10, 1.8, 4.5]], { gigabytes: 46.9, cacheMiB: 20, watts: 35 }),
  cpu('core-i9-10920x', 1, [['cascade-lake', 12, 3.5, 4.6]], { gigabytes: 94, cacheMiB: 19.25, watts: 165 }),
  cpu('core-i3-1005g1', 1, [['ice-lake-client', 2, 1.2, 3.4]], { gigabytes: 59.7, cacheMiB: 4, watts: 15 }),
  cpu('core-i7-1185g7', 1, [['tiger-lake', 4, 3, 4.8]], { gigabytes: 68.3, cacheMiB: 12, watts: 28 }),
  cpu('core-i7-1185gre', 1, [['tiger-lake', 4, 2.8, 4.4]], { gigabytes: 59.7, cacheMiB: 12, watts: 28 }),
  cpu('celeron-6305e', 1, [['tiger-lake', 2, 1.8, 1.8]], { gigabytes: 51.2, cacheMiB: 4, watts: 15 }),
  cpu(
    'core-i5-1235u',
    1,
    [
      ['alder-lake', 2, 1.3, 4.4],
      ['gracemont', 8, 0.9, 3.3],
    ],
    { gigabytes: 51.2, cacheMiB: 12, watts: 15 },
  ),
  cpu(
    'core-i5-1335u',
    1,
    [
      ['alder-lake', 2, 1.3, 4.6],
      ['gracemont', 8, 0.9, 3.4],
    ],
    { gigabytes: 51.2, cacheMiB: 12, watts: 15 },
  ),
  cpu(
    'core-i7-1355u',
    1,
    [
      ['alder-lake', 2, 1.7, 5],
      ['gracemont', 8, 1.2, 3.7],
    ],
    { gigabytes: 51.2, cacheMiB: 12, watts: 15 },
  ),
  cpu(
    'core-i7-1360p',
    1,
    [
      ['alder-lake', 4, 2.2, 5],
      ['gracemont', 8, 1.6, 3.7],
    ],
    { gigabytes: 51.2, cacheMiB: 18, watts: 28 },
  ),
  cpu(
    'core-i9-12900te',
    1,
    [
      ['alder-lake', 8, 1.1, 4.8],
      ['gracemont', 8, 1, 3.6],
    ],
    { gigabytes: 76.8, cacheMiB: 30, watts: 35 },
  ),
  cpu(
    'core-i5-13600k',
    1,
    [
      ['alder-lake', 6, 3.5, 5.1],
      ['gracemont', 8, 2.6, 3.9],
    ],
    { gigabytes: 89.6, cacheMiB: 24, watts: 125 },
  ),
  cpu(
    'core-i9-13900k',
    1,
    [
      ['alder-lake', 8, 3, 5.8],
      ['gracemont', 16, 2.2, 4.3],
    ],
    { gigabytes: 89.6, cacheMiB: 36, watts: 125 },
  ),
  cpu(
    'core-ultra-7-165h',
    1,
    [
      ['redwood-cove', 6, 1.4, 5],
      ['gracemont', 8, 0.9, 3.8],
    ],
    { gigabytes: 89.6, cacheMiB: 24, watts: 28 },
  ),
  cpu(
    'core-ultra-7-155h',
    1,
    [
      ['redwood-cove', 6, 1.4, 4.8],
      ['gracemont', 8, 0.9, 3.8],
    ],
    { gigabytes: 89.6, cacheMiB: 24, watts: 28 },
  ),
  cpu('atom-x6425e', 1, [['tremont', 4, 2, 3]], { gigabytes: 51.2, cacheMiB: 4, watts: 12 }),
  cpu(
    'raspberry-pi-3b+',
    1,
    [['cortex-a53', 4, 1.4, 1.4]],
    { gigabytes: 3.6, cacheMiB: 0, watts: null },
    boards,
  ),
  cpu(
    'raspberry-pi-4b',
    1,
    [['cortex-a72', 4, 1.8, 1.8]],
    { gigabytes: 12.8, cacheMiB: 0, watts: 6.4 },
    boards,
  ),
  cpu(
    'raspberry-pi-5',
    1,
    [['cortex-a76', 4, 2.4, 2.4]],
    { gigabytes: 17.1, cacheMiB: 2, watts: 12 },
    boards,
  ),
  cpu(
    'rockchip-rk3588',
    1,
    [
      ['cortex-a76', 4, 2.4, 2.4],
      ['cortex-a55', 4, 1.8, 1.8],
    ],
    { gigabytes: 34.1, cacheMiB: 3, watts: null },
    boards,
  ),
  cpu(
    'jetson-agx-xavier-cpu',
    1,
    [['carmel', 8, 2.2, 2.2]],
    { gigabytes: 136.5, cacheMiB: 4, watts: null },
    boards,
  ),
  cpu('apple-m1', 1, [['firestorm', 4, 3.2, 3.2]], { gigabytes: 68.3, cacheMiB: 8, watts: null }, boards),
];
