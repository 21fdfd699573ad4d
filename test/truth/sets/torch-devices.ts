/** What PyTorch and DeepBench call GPUs, as GPUs of the project's table. */

import { type GpuDevice, gpuDevices } from '../../../models/data/index.js';

/** The first that matches the name in lower case, `_` for blanks, without the maker. */
const namings: readonly (readonly [pattern: RegExp, device: string])[] = [
  [/p100.*pcie|^nv_p100/, 'tesla-p100-pcie-16gb'],
  [/\bp4\b|_p4$/, 'tesla-p4'],
  [/t4$/, 'tesla-t4'],
  [/v100-sxm2|^nv_v100/, 'tesla-v100-sxm2'],
  [/v100-pcie-16gb/, 'tesla-v100-pcie-16gb'],
  [/v100-pcie-32gb/, 'tesla-v100-pcie-32gb'],
  [/a100-sxm4-40gb/, 'a100-sxm-40gb'],
  [/a100-sxm4-80gb/, 'a100-sxm-80gb'],
  [/a100-pcie-40gb/, 'a100-pcie-40gb'],
  [/a100[-_]80gb[-_]pcie|a100-pcie-80gb/, 'a100-pcie-80gb'],
  [/h100[-_]pcie/, 'h100-pcie-80gb'],
  [/h100/, 'h100-sxm-80gb'],
  [/h200/, 'h200-sxm'],
  [/^l4$/, 'l4'],
  [/^l40$/, 'l40'],
  [/a10$/, 'a10'],
  [/1080_?ti/, 'gtx-1080-ti'],
  [/m40/, 'tesla-m40'],
  [/titan_?x_pascal/, 'titan-x-pascal'],
  [/titan_?x$/, 'titan-x-maxwell'],
  [/rtx_3090$/, 'rtx-3090'],
  [/rtx_4090$/, 'rtx-4090'],
  [/vegafe/, 'radeon-vega-fe'],
  [/mi25\b/, 'mi25'],
  [/mi100/, 'mi100'],
  [/mi210/, 'mi210'],
];

export function torchDevice(name: string): GpuDevice | undefined {
  const plain = name.toLowerCase().replaceAll(/nvidia_|tesla_|amd_|instinct_|geforce_/g, '');
  const named = namings.find(([pattern]) => pattern.test(plain))?.[1];
  return gpuDevices.find(({ name }) => name === named);
}

/** Boards of one chip are left out of a fit together. */
export function chipOf({ name }: GpuDevice): string {
  return /v100|a100|h100|gh200|h200/.exec(name)?.[0].replace('gh200', 'h100').replace('h200', 'h100') ?? name;
}
