/**
 * Latency, throughput, power and energy of a network on somebody else's device: a roofline over the network's operators at
 * the efficiency that one published result reached, plus a per-operator overhead (models/data/devices). In: the operators'
 * sizes. Out: a {@link ComparisonRow} that names its basis. Estimates, all of them, and labelled so.
 */

import { type DeviceRow, type Known, weakest } from '../data/index.js';

/** What a device needs to know of one operator, per inference. */
export interface OperatorDemand {
  readonly macs: number;
  readonly weightBytes: number;
  readonly activationBytes: number;
}

export interface ComparisonRow {
  readonly device: string;
  readonly kind: 'this' | DeviceRow['kind'];
  readonly latencySeconds: number;
  readonly throughputPerSecond: number;
  readonly powerWatts: number | null;
  /** Per inference. */
  readonly energyJoules: number | null;
  /** True: the dispatch overhead is unknown and left out, so the latency is at least this. */
  readonly lowerBound: boolean;
  readonly basis: string;
  readonly source: string;
  readonly known: Known;
}

/** @param batch inferences dispatched together, 1 or more. */
export function compareOnDevice(
  device: DeviceRow,
  operators: readonly OperatorDemand[],
  batch: number,
): ComparisonRow {
  const batchSeconds = rooflineSeconds(device, operators, batch);
  return {
    device: device.name,
    kind: device.kind,
    latencySeconds: batchSeconds,
    throughputPerSecond: batch / batchSeconds,
    powerWatts: device.powerWatts,
    energyJoules: device.powerWatts === null ? null : (device.powerWatts * batchSeconds) / batch,
    lowerBound: device.overheadSecondsPerOperator === null,
    basis: `${device.overheadSecondsPerOperator === null ? 'lower bound' : 'estimate'}: ${device.basis}; power: ${device.powerScope}`,
    source: device.sources.map((s) => s.citation).join('; '),
    known: weakest(device.sources.map((s) => s.known)),
  };
}

function rooflineSeconds(device: DeviceRow, operators: readonly OperatorDemand[], batch: number): number {
  const weights = operators.reduce((sum, o) => sum + o.weightBytes, 0);
  const streamed = Math.max(0, weights - device.weightCacheBytes) / Math.max(weights, 1);
  return operators.reduce((sum, operator) => {
    const compute = (2 * operator.macs * batch) / device.attainedOperationsPerSecond;
    const activations = device.activationsOnChip ? 0 : operator.activationBytes * batch;
    const memory = (operator.weightBytes * streamed + activations) / device.memoryBytesPerSecond;
    return sum + Math.max(compute, memory) + (device.overheadSecondsPerOperator ?? 0);
  }, 0);
}
