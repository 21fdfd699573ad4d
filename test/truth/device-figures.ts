/**
 * Holds the figures of the project's GPUs against a list of published ones, so that no device's parameters can be moved towards its rows. In:
 * `devices.json` of the tables. Out: a line for every figure that differs.
 */

import { type GpuDevice, gpuDevices } from '../../models/data/index.js';

/** A device of the list; figures in SI units, clocks in MHz, null where none is known. */
export interface ListedDevice {
  readonly name: string;
  readonly peak?: Readonly<Record<string, number | null>>;
  readonly mem_bw?: number | null;
  readonly tdp_w?: number | null;
  readonly base_MHz?: number | null;
  readonly boost_MHz?: number | null;
}

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
export function figureDifferences(list: readonly ListedDevice[]): readonly string[] {
  return gpuDevices.flatMap((device) => {
    const row = list.find(({ name }) => name === listed[device.name]);
    return row === undefined ? [] : figuresOf(device, row).flatMap((figure) => difference(device.name, figure));
  });
}

/** How many figures the list holds ours against. */
export function heldFigures(list: readonly ListedDevice[]): number {
  return gpuDevices.reduce((sum, device) => {
    const row = list.find(({ name }) => name === listed[device.name]);
    return sum + (row === undefined ? 0 : figuresOf(device, row).filter(({ published }) => published).length);
  }, 0);
}

interface Figure {
  readonly name: string;
  readonly ours: number | undefined;
  readonly published: number | null | undefined;
}

function figuresOf(device: GpuDevice, row: ListedDevice): readonly Figure[] {
  const { peakOperationsPerSecond: peak, companionOperationsPerSecond: beside = 0 } = device;
  // Volta's int8 is in its lanes, which the list leaves out; a Jetson's list counts its fixed-function engines.
  return [
    { name: 'float32', ours: peak.float32, published: row.peak?.fp32 },
    { name: 'float16', ours: peak.float16, published: row.peak?.fp16_bf16_tensor },
    { name: 'int8', ours: peak.int8 && peak.int8 + beside, published: row.peak?.int8 },
    { name: 'memory', ours: device.memoryBytesPerSecond, published: row.mem_bw },
    { name: 'power', ours: device.thermalWatts, published: row.tdp_w },
    { name: 'base clock', ours: device.baseHertz, published: row.base_MHz && row.base_MHz * 1e6 },
    { name: 'boost clock', ours: device.boostHertz, published: row.boost_MHz && row.boost_MHz * 1e6 },
  ];
}

function difference(device: string, { name, ours, published }: Figure): readonly string[] {
  if (!published || ours === undefined || Math.abs(ours / published - 1) <= TOLERANCE) return [];
  return [`${device}: ${name} is ${ours}, published ${published}`];
}
