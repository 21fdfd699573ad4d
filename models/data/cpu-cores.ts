/**
 * Processor cores by what their makers publish: multiply-accumulates a cycle by type (all SIMD pipes together), whether they issue in order, and
 * the cache of their own. Facts only: nothing here was fitted. A type that is absent is computed as the next wider one.
 */

import type { Provenance } from './provenance.js';

/** Multiply-accumulates a cycle. */
export interface CoreRates {
  readonly float32: number;
  readonly float16?: number;
  readonly bfloat16?: number;
  /** With dot products (SDOT, VNNI, AMX); without them 8-bit products go through 16-bit lanes: see `widening`. */
  readonly int8?: number;
}

export interface CpuCore {
  readonly name: string;
  readonly inOrder: boolean;
  /** Instructions decoded in a cycle. */
  readonly width: number;
  readonly perCycle: CoreRates;
  /** Level-2 bytes of one core (its share, where it is shared). */
  readonly l2Bytes: number;
}

export const cpuCoreSource: Provenance = {
  citation:
    "the cores' software optimisation guides and technical reference manuals (Arm), the optimisation manual (Intel, AMD) and published micro-benchmarks",
  known: 'recalled',
};

const KIB = 1024;

function core(name: string, inOrder: boolean, width: number, l2KiB: number, perCycle: CoreRates): CpuCore {
  return { name, inOrder, width, perCycle, l2Bytes: l2KiB * KIB };
}
/** 128-bit NEON, `pipes` of them, half types and dot products of Armv8.2. */
const neon82 = (pipes: number): CoreRates => ({ float32: 4 * pipes, float16: 8 * pipes, int8: 16 * pipes });
/** The same with 8-bit matrix products (SMMLA). */
const neon86 = (pipes: number): CoreRates => ({ ...neon82(pipes), int8: 32 * pipes });
const avx2: CoreRates = { float32: 16 };
const avx2Vnni: CoreRates = { float32: 16, int8: 64 };
const avx512Vnni = (units: number): CoreRates => ({ float32: 16 * units, int8: 64 * units });
/** Two 512-bit units and the tile unit: 16 x 16 x 64 int8 in 16 cycles. */
const amx: CoreRates = { float32: 32, bfloat16: 512, int8: 1024 };

const list: readonly CpuCore[] = [
  core('cortex-a5', true, 1, 128, { float32: 1 }),
  core('cortex-a7', true, 2, 128, { float32: 2 }),
  core('cortex-a8', true, 2, 256, { float32: 2 }),
  core('cortex-a9', false, 2, 256, { float32: 2 }),
  core('cortex-a15', false, 3, 512, { float32: 4 }),
  core('cortex-a17', false, 2, 256, { float32: 4 }),
  core('cortex-a35', true, 2, 128, { float32: 2 }),
  core('cortex-a53', true, 2, 128, { float32: 4 }),
  core('cortex-a55', true, 2, 128, neon82(1)),
  core('cortex-a57', false, 3, 512, { float32: 4 }),
  core('cortex-a72', false, 3, 256, { float32: 4 }),
  core('cortex-a73', false, 2, 512, { float32: 4 }),
  core('cortex-a75', false, 3, 256, neon82(1)),
  core('cortex-a76', false, 4, 512, neon82(2)),
  core('cortex-a77', false, 4, 512, neon82(2)),
  core('cortex-a78', false, 4, 512, neon82(2)),
  core('cortex-a78ae', false, 4, 256, neon82(2)),
  core('cortex-a510', true, 3, 256, neon86(1)),
  core('cortex-a520', true, 3, 256, neon86(1)),
  core('cortex-a710', false, 5, 512, neon86(2)),
  core('cortex-a715', false, 5, 512, neon86(2)),
  core('cortex-a720', false, 5, 512, neon86(2)),
  core('cortex-x1', false, 5, 1024, neon82(4)),
  core('cortex-x2', false, 5, 1024, neon86(4)),
  core('cortex-x3', false, 6, 1024, neon86(4)),
  core('neoverse-n1', false, 4, 1024, neon82(2)),
  core('neoverse-n2', false, 5, 1024, neon86(2)),
  core('neoverse-v1', false, 5, 1024, neon86(4)),
  core('carmel', false, 4, 1024, { float32: 8, float16: 16 }),
  core('tsv110', false, 4, 512, neon82(2)),
  core('firestorm', false, 8, 3072, neon82(4)),
  core('cyclone', false, 6, 512, { float32: 8 }),
  core('ftc664', false, 4, 512, { float32: 4 }),
  core('tremont', false, 4, 384, { float32: 4 }),
  core('gracemont', false, 5, 512, { float32: 8, int8: 32 }),
  core('skylake', false, 4, 256, avx2),
  core('skylake-server', false, 4, 1024, { float32: 32 }),
  core('cascade-lake', false, 4, 1024, avx512Vnni(2)),
  core('ice-lake-client', false, 5, 512, avx512Vnni(1)),
  core('ice-lake-server', false, 5, 1280, avx512Vnni(2)),
  core('tiger-lake', false, 5, 1280, avx512Vnni(1)),
  core('alder-lake', false, 6, 1280, avx2Vnni),
  core('redwood-cove', false, 6, 2048, avx2Vnni),
  core('sapphire-rapids', false, 6, 2048, amx),
  core('zen2', false, 4, 512, avx2),
  core('zen3', false, 4, 512, avx2),
  core('zen4', false, 4, 1024, avx512Vnni(1)),
];

export const cpuCores: ReadonlyMap<string, CpuCore> = new Map(list.map((row) => [row.name, row]));
