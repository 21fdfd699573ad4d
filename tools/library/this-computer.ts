/**
 * This computer as a device of the comparison: cores, clock and vector width as the operating system tells them, bandwidth assumed. A model to
 * set beside a measurement, not a row of the table.
 */

import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Device } from '../../models/data/index.js';

/** Nobody's figures: two channels of DDR4-2666, half of the peak, ten microseconds a kernel. */
const MEMORY_BYTES_PER_SECOND = 40e9;
const SHARE = 0.5;
const KERNEL_SECONDS = 10e-6;

export function thisComputer(): Device {
  const processors = cpus();
  const hertz = Math.max(...processors.map(({ speed }) => speed), 1000) * 1e6;
  const lanes = vectorLanes();
  const peak = processors.length * hertz * lanes * 2 * 2;
  return {
    name: 'this-computer-model',
    kind: 'cpu',
    description: `${processors.length} threads at ${(hertz / 1e9).toFixed(2)} GHz, ${lanes} float32 lanes, two multiply-adds a cycle (assumed)`,
    model: {
      kind: 'roofline',
      peakOperationsPerSecond: { float32: peak },
      attainedShare: SHARE,
      memoryBytesPerSecond: MEMORY_BYTES_PER_SECOND,
      weightCacheBytes: 16 * 2 ** 20,
      activationsOnChip: true,
      kernelSeconds: KERNEL_SECONDS,
      basis: 'roofline at half the peak of the threads, 10 us a kernel, 40 GB/s: assumed',
    },
    power: null,
    error: null,
    sources: [
      { citation: 'operating system: threads, clock, vector extensions', known: 'measured' },
      { citation: 'share of the peak, bandwidth, cache, time of a kernel', known: 'assumed' },
    ],
  };
}

/** Float32 lanes of a vector register; 4 where the system does not tell. */
function vectorLanes(): number {
  try {
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    if (/\bavx512f\b/.test(text)) return 16;
    return /\bavx2\b/.test(text) ? 8 : 4;
  } catch {
    return 4;
  }
}
