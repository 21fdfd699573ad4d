/** What the libraries of a maker attain at their best, over the makers' own peaks: facts of accelerators in general, fitted to none. */

import type { GpuDevice } from './gpu-devices.js';
import type { Provenance } from './provenance.js';

export interface GpuMaker {
  readonly name: 'amd' | 'nvidia';
  /** Of the dense peak that is published, in the best shape that a search found: the mean of the maker's accelerators. */
  readonly matmulShare: number;
}

/** NVIDIA: A100 SXM 86.9 %, A100 PCIe 81.1, H100 SXM 80.3, B300 78.6. AMD: MI355X 68.0, MI325X 60.4, MI300X 51.4. All bfloat16. */
const nvidia: GpuMaker = { name: 'nvidia', matmulShare: 0.817 };
const amd: GpuMaker = { name: 'amd', matmulShare: 0.599 };

export const gpuMakerSource: Provenance = {
  citation: "S. Bekman, Machine Learning Engineering, table 'Maximum Achievable Matmul FLOPS'",
  known: 'derived',
};

export function gpuMaker({ architecture }: GpuDevice): GpuMaker {
  return architecture === 'gcn' || architecture === 'cdna' ? amd : nvidia;
}
