/**
 * Holds the figures of the project's GPUs against a list of published ones, so that no device's parameters can be moved towards its rows. In:
 * `devices.json` of the tables. Out: a line for every figure that differs.
 */

import { type GpuDevice, gpuDevices } from '../../models/data/index.js';
import type { Row } from './tables.js';

/** Of ours, as the list calls them; what is absent here is not in the list, or as another variant. */
const listed: Readonly<Record<string, string>> = {
  'tesla-m40': 'NVIDIA M40',
  'titan-x-maxwell': 'NVIDIA GeForce GTX TITAN X',
  'gtx-1080-ti': 'NVIDIA GeForce GTX 1080 Ti',
  'tesla-p4': 'NVIDIA Tesla P4',
  'tesla-p100-pcie-16gb': 'NVIDIA Tesla P100 PCIe 16GB',
  'tesla-v100-pcie-16gb': 'NVIDIA Tesla V100 PCIe 16 GB',
  'tesla-v100-pcie-32gb': 'NVIDIA Tesla V100 PCIe 32 GB',
  'tesla-v100-sxm2': 'NVIDIA Tesla V100 SXM2 16 GB',
  'tesla-v100s-pcie-32gb': 'NVIDIA Tesla V100S PCIe 32 GB',
  'tesla-t4': 'NVIDIA Tesla T4',
  'rtx-2080-ti': 'NVIDIA GeForce RTX 2080 Ti 11GB',
  'quadro-rtx-6000': 'NVIDIA Quadro RTX 6000',
  'a100-pcie-80gb': 'NVIDIA A100 PCIe',
  'a100-sxm-40gb': 'NVIDIA A100 SXM4 40 GB',
  'a100-sxm-80gb': 'NVIDIA A100 SXM4 80 GB',
  a40: 'NVIDIA A40 PCIe',
  a10: 'NVIDIA A10 PCIe',
  'rtx-3090': 'NVIDIA GeForce RTX 3090',
  l4: 'NVIDIA L4',
  l40: 'NVIDIA L40',
  'rtx-4090': 'NVIDIA GeForce RTX 4090',
  'h100-pcie-80gb': 'NVIDIA H100 PCIe',
  'h100-sxm-80gb': 'NVIDIA H100 SXM5 80GB',
  'h200-sxm': 'NVIDIA H200 SXM',
  'jetson-xavier-nx': 'NVIDIA Jetson Xavier NX',
  'jetson-agx-xavier': 'NVIDIA Jetson AGX Xavier',
  'jetson-orin-nano-8gb': 'NVIDIA Jetson Orin Nano 8GB',
  'jetson-orin-nx-16gb': 'NVIDIA Jetson Orin NX 16GB',
  'jetson-agx-orin-64gb': 'NVIDIA Jetson AGX Orin 64GB',
  mi210: 'AMD Instinct MI210',
  mi250x: 'AMD Radeon Instinct MI250X',
  mi300x: 'AMD Instinct MI300X',
};

/** What sources differ by among themselves. */
const TOLERANCE = 0.035;

/** A line for every figure that is not the list's. */
export function figureDifferences(list: readonly Row[]): readonly string[] {
  return gpuDevices.flatMap((device) => {
    const row = list.find(({ name }) => name === listed[device.name]);
    return row === undefined
      ? []
      : figuresOf(device, row).flatMap((figure) => difference(device.name, figure));
  });
}

/** How many figures the list holds ours against. */
export function heldFigures(list: readonly Row[]): number {
  return gpuDevices.reduce((sum, device) => {
    const row = list.find(({ name }) => name === listed[device.name]);
    return (
      sum + (row === undefined ? 0 : figuresOf(device, row).filter(({ published }) => published > 0).length)
    );
  }, 0);
}

interface Figure {
  readonly name: string;
  readonly ours: number | undefined;
  /** Zero where the list has none. */
  readonly published: number;
}

function figuresOf(device: GpuDevice, row: Row): readonly Figure[] {
  const { peakOperationsPerSecond: peak, companionOperationsPerSecond: beside = 0 } = device;
  const peaks = (row.peak ?? {}) as Row;
  const megahertz = (field: string) => Number(row[field] ?? 0) * 1e6;
  // A list of a Jetson counts its fixed-function engines.
  return [
    { name: 'float32', ours: peak.float32, published: Number(peaks.fp32 ?? 0) },
    { name: 'float16', ours: peak.float16, published: Number(peaks.fp16_bf16_tensor ?? 0) },
    { name: 'int8', ours: peak.int8 && peak.int8 + beside, published: Number(peaks.int8 ?? 0) },
    { name: 'memory', ours: device.memoryBytesPerSecond, published: Number(row.mem_bw ?? 0) },
    { name: 'power', ours: device.thermalWatts, published: Number(row.tdp_w ?? 0) },
    { name: 'base clock', ours: device.baseHertz, published: megahertz('base_MHz') },
    { name: 'boost clock', ours: device.boostHertz, published: megahertz('boost_MHz') },
  ];
}

function difference(device: string, { name, ours, published }: Figure): readonly string[] {
  if (published === 0 || ours === undefined || Math.abs(ours / published - 1) <= TOLERANCE) return [];
  return [`${device}: ${name} is ${ours}, published ${published}`];
}
