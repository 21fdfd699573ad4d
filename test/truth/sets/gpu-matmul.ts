/** Matrix products on an A100 (LLMCompass): each shape predicted with constants fitted to all other shapes. */

import { type GpuFigures, gpuMatmulSeconds } from '../../../models/devices/index.js';
import { leaveOneOut } from '../fit.js';
import { positive, type Row, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';

const path = 'published/gpu_gemm_llmcompass.json';

/** NVIDIA A100 SXM 80 GB data sheet: 108 multiprocessors, 312 TFLOPS of dense fp16, 2039 GB/s. */
const a100: GpuFigures = {
  multiprocessors: 108,
  peakOperationsPerSecond: 312e12,
  memoryBytesPerSecond: 2039e9,
  elementBytes: 2,
};

/** Call, compute share, memory share, tile overhead, overlap: round figures on both sides of what is plausible, none from these rows. */
const starts = [
  [10e-6, 0.8, 0.8, 50, 2],
  [10e-6, 0.9, 0.9, 100, 8],
  [50e-6, 0.9, 0.7, 20, 4],
] as const;

export const a100Matmul: TruthSet = {
  name: 'GPU matmul, LLMCompass A100, leave-shapes-out',
  unit: 'ms',
  measure: 'mean percent',
  target: 8,
  fit: 'five constants of the device, fitted to the other shapes',
  peer: 'LLMCompass (ISCA 2024): 10.9 % mean over its operators, matmul among them',
  find,
};

function find(tables: Tables): Findings {
  const rows = tables.json(path).filter(({ op, device }) => op === 'matmul' && device === 'A100');
  const model = ([call, compute, memory, overhead, overlap]: readonly number[], row: Row) =>
    1e3 *
    gpuMatmulSeconds(
      a100,
      {
        callSeconds: call!,
        computeShare: compute!,
        memoryShare: memory!,
        tileOverhead: overhead!,
        overlap: overlap!,
      },
      { batch: 1, m: positive(path, row, 'M'), n: positive(path, row, 'N'), k: positive(path, row, 'K') },
    );
  const measured = (row: Row) => positive(path, row, 'latency_ms');
  const points = leaveOneOut(
    rows.map((row) => [row]),
    { measured, model, starts },
  ).map(({ row, predicted }) => ({
    label: `${row.M} x ${row.K} x ${row.N}`,
    published: measured(row),
    predicted,
  }));
  return {
    points,
    notes: ['Times as the artifact of LLMCompass recorded them, fp16; the call includes what PyTorch takes.'],
  };
}
