/**
 * Google's TPUs by their published figures, for the matrix-core models. Chips, not boards. 2 * cells * clock of a row is the published peak.
 * The time of a kernel's call is published nowhere: it is fitted on TPU v3 (test/truth) and assumed to be the same on its relatives.
 */

import type { Device, ModelError } from './device.js';
import type { Provenance } from './provenance.js';

const GB = 1e9;
const MIB = 2 ** 20;

const tenLessons: Provenance = {
  citation:
    'N. Jouppi et al., "Ten Lessons From Three Generations Shaped Google\'s TPUv4i", ISCA 2021, Table 1',
  known: 'recalled',
};
const cloud = (version: string): Provenance => ({
  citation: `Google Cloud, TPU ${version}: peak, bandwidth, matrix units (documentation page)`,
  known: 'read',
});
const scalingBook: Provenance = {
  citation: 'J. Austin et al., "How to Scale Your Model", 2025, chapter on TPUs: clock, matrix units, VMEM',
  known: 'read',
};
const assumedPower: Provenance = { citation: 'power: not published by the maker', known: 'assumed' };

/** Fitted on the six rows of the set "TPU v3 cycles" together: 1534 cycles at 940 MHz. */
const CALL_SECONDS = 1534 / 940e6;

const v3Error: ModelError = {
  latencyPercent: 9.5,
  throughputPercent: null,
  basis: 'TPU v3 cycles, each of six rows left out (docs/accuracy.md)',
};
const relatives: ModelError = {
  ...v3Error,
  basis: `${v3Error.basis}; of a relative, not of this chip`,
};

export const tpuDevices: readonly Device[] = [
  {
    name: 'tpu-v1',
    kind: 'tpu',
    description: 'Google TPU v1 (one 256 x 256 array, int8)',
    model: {
      kind: 'streaming-core',
      rows: 256,
      columns: 256,
      clockHertz: 700e6,
      memoryBytesPerSecond: 30 * 2 ** 30,
      fifoTiles: 4,
      accumulatorVectors: 2048,
      handoverCycles: 1024,
    },
    power: { watts: 40, idleWatts: 28, level: 'device', scope: 'busy power of the die' },
    error: {
      latencyPercent: 3.5,
      throughputPercent: 3.5,
      basis: 'cycles of three applications on reconstructed workloads (docs/accuracy.md); host time excluded',
    },
    sources: [
      {
        citation:
          'N. Jouppi et al., "In-Datacenter Performance Analysis of a Tensor Processing Unit", ISCA 2017',
        known: 'read',
      },
      { citation: 'pipeline depth between blocks of columns: four waves of 256 cycles', known: 'assumed' },
    ],
  },
  {
    name: 'tpu-v2',
    kind: 'tpu',
    description: 'Google TPU v2 (2 cores, one 128 x 128 array each, bfloat16)',
    model: {
      kind: 'matrix-cores',
      cores: 2,
      unitsPerCore: 1,
      rows: 128,
      columns: 128,
      clockHertz: 700e6,
      rates: { bfloat16: 1 },
      memoryBytesPerSecond: 700 * GB,
      scratchpadBytesPerCore: 16 * MIB,
      callSeconds: CALL_SECONDS,
    },
    power: {
      watts: 280,
      idleWatts: 53,
      level: 'device',
      scope: 'thermal design power of the chip: an upper bound',
    },
    error: relatives,
    sources: [tenLessons],
  },
  {
    name: 'tpu-v3',
    kind: 'tpu',
    description: 'Google TPU v3 (2 cores, two 128 x 128 arrays each, bfloat16)',
    model: {
      kind: 'matrix-cores',
      cores: 2,
      unitsPerCore: 2,
      rows: 128,
      columns: 128,
      clockHertz: 940e6,
      rates: { bfloat16: 1 },
      memoryBytesPerSecond: 900 * GB,
      scratchpadBytesPerCore: 16 * MIB,
      callSeconds: CALL_SECONDS,
    },
    power: { watts: 220, idleWatts: 84, level: 'device', scope: 'mean measured power of chip and HBM' },
    error: v3Error,
    sources: [cloud('v3'), tenLessons],
  },
  {
    name: 'tpu-v4i',
    kind: 'tpu',
    description: 'Google TPU v4i (one core, four 128 x 128 arrays, bfloat16 and int8)',
    model: {
      kind: 'matrix-cores',
      cores: 1,
      unitsPerCore: 4,
      rows: 128,
      columns: 128,
      clockHertz: 1050e6,
      rates: { bfloat16: 1, int8: 1 },
      memoryBytesPerSecond: 614 * GB,
      scratchpadBytesPerCore: 144 * MIB,
      callSeconds: CALL_SECONDS,
    },
    power: {
      watts: 175,
      idleWatts: 55,
      level: 'device',
      scope: 'thermal design power of the chip: an upper bound',
    },
    error: relatives,
    sources: [tenLessons],
  },
  {
    name: 'tpu-v4',
    kind: 'tpu',
    description: 'Google TPU v4 (2 cores, four 128 x 128 arrays each, bfloat16 and int8)',
    model: {
      kind: 'matrix-cores',
      cores: 2,
      unitsPerCore: 4,
      rows: 128,
      columns: 128,
      clockHertz: 1050e6,
      rates: { bfloat16: 1, int8: 1 },
      memoryBytesPerSecond: 1200 * GB,
      scratchpadBytesPerCore: 80 * MIB,
      callSeconds: CALL_SECONDS,
    },
    power: { watts: 170, idleWatts: 90, level: 'device', scope: 'mean measured power of chip and HBM' },
    error: relatives,
    sources: [
      cloud('v4'),
      { citation: 'N. Jouppi et al., "TPU v4", ISCA 2023, Table 4: power', known: 'read' },
      { citation: 'the same: clock and on-chip memory', known: 'recalled' },
    ],
  },
  {
    name: 'tpu-v5e',
    kind: 'tpu',
    description: 'Google TPU v5e (one core, four 128 x 128 arrays, bfloat16 and int8)',
    model: {
      kind: 'matrix-cores',
      cores: 1,
      unitsPerCore: 4,
      rows: 128,
      columns: 128,
      clockHertz: 1500e6,
      rates: { bfloat16: 1, int8: 2 },
      memoryBytesPerSecond: 819 * GB,
      scratchpadBytesPerCore: 128 * MIB,
      callSeconds: CALL_SECONDS,
    },
    power: null,
    error: relatives,
    sources: [cloud('v5e'), scalingBook, assumedPower],
  },
  {
    name: 'tpu-v5p',
    kind: 'tpu',
    description: 'Google TPU v5p (2 cores, four 128 x 128 arrays each, bfloat16 and int8)',
    model: {
      kind: 'matrix-cores',
      cores: 2,
      unitsPerCore: 4,
      rows: 128,
      columns: 128,
      clockHertz: 1750e6,
      rates: { bfloat16: 1, int8: 2 },
      memoryBytesPerSecond: 2765 * GB,
      scratchpadBytesPerCore: 64 * MIB,
      callSeconds: CALL_SECONDS,
    },
    power: null,
    error: relatives,
    sources: [
      cloud('v5p'),
      { citation: 'clock 1.75 GHz (2 x cells x clock is the published peak) and VMEM', known: 'recalled' },
      assumedPower,
    ],
  },
];
