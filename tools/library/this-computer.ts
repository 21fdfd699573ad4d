/**
 * This computer as a device of the comparison: threads, clock and vector extensions as the operating system tells them, memory and cache assumed.
 * A model to set beside a measurement, not a row of the table.
 */

import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { CpuCore, Device } from '../../models/data/index.js';

/** Nobody's figures: two channels of DDR4-2666, the last-level cache of a small server, a core of four decoded instructions. */
const MEMORY_BYTES_PER_SECOND = 42.7e9;
const LAST_LEVEL_BYTES = 32 * 2 ** 20;
const L2_BYTES = 2 ** 20;

export function thisComputer(): Device {
  const processors = cpus();
  const hertz = Math.max(...processors.map(({ speed }) => speed), 1000) * 1e6;
  const core = coreOf(processors[0]?.model.trim() ?? 'unknown');
  return {
    name: 'this-computer-model',
    kind: 'cpu',
    description: `${processors.length} threads at ${(hertz / 1e9).toFixed(2)} GHz, counted as cores; ${2 * core.perCycle.float32} float32 operations a cycle (assumed)`,
    model: {
      kind: 'cpu',
      runtime: 'openvino',
      sockets: 1,
      clusters: [{ core, cores: Math.max(1, processors.length), baseHertz: hertz, boostHertz: hertz }],
      memoryBytesPerSecond: MEMORY_BYTES_PER_SECOND,
      lastLevelBytes: LAST_LEVEL_BYTES,
      thermalWatts: null,
    },
    power: null,
    error: null,
    sources: [
      { citation: 'operating system: threads, clock, vector extensions', known: 'measured' },
      {
        citation: 'two fused multiply-adds a cycle, memory, caches; constants of another runtime',
        known: 'assumed',
      },
    ],
  };
}

/** Two fused multiply-adds a cycle in the widest registers; 8-bit dot products where there are. */
function coreOf(name: string): CpuCore {
  const flags = processorFlags();
  const lanes = flags.has('avx512f') ? 16 : flags.has('avx2') ? 8 : 4;
  const dots = flags.has('avx512_vnni') || flags.has('avx_vnni') || flags.has('asimddp');
  const perCycle = { float32: 2 * lanes, ...(dots && { int8: 8 * lanes }) };
  return { name, inOrder: false, width: 4, perCycle, l2Bytes: L2_BYTES };
}

/** Empty where the system does not tell. */
function processorFlags(): ReadonlySet<string> {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return new Set((line?.[1] ?? '').trim().split(/\s+/));
  } catch {
    return new Set();
  }
}
