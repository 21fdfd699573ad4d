/** What MLPerf calls its accelerators, as GPUs of the project's table: by name, and slices of one (MIG) as shares of it. */

import { type GpuDevice, gpuDevices } from '../../../models/data/index.js';

export interface Accelerator {
  readonly device: GpuDevice;
  /** Devices of one chip and board family: left out of a fit together. */
  readonly family: string;
  /** Slices that a row's throughput is of. */
  readonly slices: number;
}

interface Naming {
  readonly pattern: RegExp;
  readonly device: string;
  readonly family: string;
}

/** The first that matches; names without "NVIDIA" and "Tesla", in lower case. */
const namings: readonly Naming[] = [
  { pattern: /^a100-pcie-40gb/, device: 'a100-pcie-40gb', family: 'A100' },
  { pattern: /^a100[-_]pcie[-_]80gb/, device: 'a100-pcie-80gb', family: 'A100' },
  { pattern: /^a100-sxm4?-40gb/, device: 'a100-sxm-40gb', family: 'A100' },
  { pattern: /^a100-sxm4?-80gb/, device: 'a100-sxm-80gb', family: 'A100' },
  { pattern: /^a10\b/, device: 'a10', family: 'A10' },
  { pattern: /^a2\b/, device: 'a2', family: 'A2' },
  { pattern: /^a30\b/, device: 'a30', family: 'A30' },
  { pattern: /^a40\b/, device: 'a40', family: 'A40' },
  { pattern: /^t4\b/, device: 'tesla-t4', family: 'T4' },
  { pattern: /^v100s/, device: 'tesla-v100s-pcie-32gb', family: 'V100' },
  { pattern: /^v100-sxm/, device: 'tesla-v100-sxm2', family: 'V100' },
  { pattern: /^v100/, device: 'tesla-v100-pcie-32gb', family: 'V100' },
  { pattern: /^(quadro )?rtx ?6000$/, device: 'quadro-rtx-6000', family: 'TU102' },
  { pattern: /^titan rtx/, device: 'titan-rtx', family: 'TU102' },
  { pattern: /^(geforce )?rtx ?2080 ?ti/, device: 'rtx-2080-ti', family: 'TU102' },
  { pattern: /^(geforce )?rtx ?3090$/, device: 'rtx-3090', family: 'GA102' },
  { pattern: /^(geforce )?rtx ?4090$/, device: 'rtx-4090', family: 'AD102' },
  { pattern: /^l4$/, device: 'l4', family: 'L4' },
  { pattern: /^l40$/, device: 'l40', family: 'L40' },
  { pattern: /^l40s/, device: 'l40s', family: 'L40' },
  { pattern: /mi300x/, device: 'mi300x', family: 'MI300X' },
  { pattern: /^h100-(pcie-80gb|80c)/, device: 'h100-pcie-80gb', family: 'H100 PCIe' },
  { pattern: /^h100-sxm/, device: 'h100-sxm-80gb', family: 'H100 SXM' },
  { pattern: /^gh200.*96gb/, device: 'gh200-96gb', family: 'H100 SXM' },
  { pattern: /^h200-sxm/, device: 'h200-sxm', family: 'H100 SXM' },
  { pattern: /^(jetson )?(agx )?orin$/, device: 'jetson-agx-orin-64gb', family: 'AGX Orin' },
  { pattern: /^(jetson )?orin nx/, device: 'jetson-orin-nx-16gb', family: 'Orin NX' },
  { pattern: /^(jetson )?agx xavier/, device: 'jetson-agx-xavier', family: 'AGX Xavier' },
  { pattern: /^(jetson )?xavier nx/, device: 'jetson-xavier-nx', family: 'Xavier NX' },
];

/** Of a 1g slice: 14 multiprocessors, and this share of memory and L2 (NVIDIA's MIG user guide). */
const slicedMemory: Readonly<Record<string, number>> = { A100: 1 / 8, A30: 1 / 4 };
const SLICE_MULTIPROCESSORS = 14;

/** Nothing where the name is none of a GPU in the table. */
export function acceleratorNamed(name: string): Accelerator | undefined {
  const plain = name.toLowerCase().replaceAll(/nvidia |tesla /g, '');
  const naming = namings.find(({ pattern }) => pattern.test(plain));
  const device = gpuDevices.find((gpu) => gpu.name === naming?.device);
  if (naming === undefined || device === undefined) return undefined;
  const mig = /\((\d)x1g\.\d+gb mig\)/.exec(plain);
  if (mig === null) return { device, family: naming.family, slices: 1 };
  const memory = slicedMemory[naming.family];
  if (memory === undefined) return undefined;
  return { device: sliceOf(device, memory), family: naming.family, slices: Number(mig[1]) };
}

function sliceOf(device: GpuDevice, memory: number): GpuDevice {
  const share = SLICE_MULTIPROCESSORS / device.multiprocessors;
  const peaks = Object.entries(device.peakOperationsPerSecond).map(([type, peak]) => [type, peak * share]);
  return {
    ...device,
    multiprocessors: SLICE_MULTIPROCESSORS,
    memoryBytesPerSecond: device.memoryBytesPerSecond * memory,
    l2Bytes: device.l2Bytes * memory,
    thermalWatts: device.thermalWatts * share,
    peakOperationsPerSecond: { ...device.peakOperationsPerSecond, ...Object.fromEntries(peaks) },
  };
}
