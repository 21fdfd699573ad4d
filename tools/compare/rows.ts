/** A network on devices as rows of a RunRecord's comparison. In: its kernels, devices, a batch. Out: rows, each with its basis, error and sources. */

import { type Device, weakest } from '../../models/data/index.js';
import { fuseTails, type Kernel, type KernelType, predictOnDevice } from '../../models/devices/index.js';
import type { ComparisonRecord, KernelRecord } from '../report/index.js';

/** @param batch inferences dispatched together. @param type that devices compute in where they can. */
export function deviceRow(
  device: Device,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType = 'int8',
): ComparisonRecord {
  const { kernels: rows, ...found } = predictOnDevice(device, kernels, batch, type);
  const { error } = device;
  const power = device.power === null ? null : { ...device.power, ...found.power };
  const joules = power === null ? null : power.watts / found.throughputPerSecond;
  return {
    device: device.name,
    kind: device.kind,
    description: device.description,
    latencySeconds: found.latencySeconds,
    throughputPerSecond: found.throughputPerSecond,
    powerWatts: power?.watts ?? null,
    energyJoules: joules,
    lowerBound: found.lowerBound,
    how: error === null ? 'assumed' : 'modelled',
    type: found.type,
    error: error === null ? null : { ...error },
    ...(power && { powerLevel: power.level, powerScope: power.scope }),
    roof: { ...found.roof },
    kernelSeconds: rows.map(({ seconds }) => seconds),
    kernelBounds: rows.map(({ bound }) => bound),
    basis: `${found.lowerBound ? 'lower bound' : 'estimate'}: ${found.basis}; power: ${power?.scope ?? 'not published'}`,
    source: device.sources.map(({ citation, known }) => `${citation} (${known})`).join('; '),
    known: weakest(device.sources.map(({ known }) => known)),
  };
}

/** Kernels as they are dispatched, for the record. */
export function kernelRecords(kernels: readonly Kernel[]): KernelRecord[] {
  const tails: string[][] = [];
  for (const kernel of kernels) {
    if (kernel.fusable && tails.length > 0) tails.at(-1)!.push(kernel.name);
    else tails.push([]);
  }
  return fuseTails(kernels).map(({ name, kind, macs, weightElements, inputElements, outputElements }, i) => ({
    name,
    kind,
    macs,
    weightElements,
    inputElements,
    outputElements,
    fused: tails[i]!,
  }));
}
