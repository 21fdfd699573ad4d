/**
 * A device of the comparison, whatever its class: what it is, the published parameters that its class's model takes, its power, and how far
 * the model was found to be from measurements. The tables beside this file hold such rows; a user's YAML file is one (models/devices).
 */

import type { CpuDevice } from './cpu-devices.js';
import type { CpuRuntime } from './cpu-fit.js';
import type { DpuDevice } from './dpu-devices.js';
import type { EdgeTpuDevice } from './edge-tpu-devices.js';
import type { GpuDevice } from './gpu-devices.js';
import type { Provenance } from './provenance.js';

export type DeviceClass = 'cpu' | 'gpu' | 'tpu' | 'fpga' | 'asic';

/** Dense operations per second by type; two a MAC. A type that is absent is computed as the next wider one. */
export interface TypedPeaks {
  readonly float32?: number;
  readonly tf32?: number;
  readonly float16?: number;
  readonly bfloat16?: number;
  readonly int8?: number;
  readonly int4?: number;
}

/** Multiprocessors, tiles and waves: models/devices/gpu. */
export interface GpuModel extends Omit<GpuDevice, 'name' | 'description' | 'sources'> {
  readonly kind: 'gpu';
}

/** Cores, lanes, caches under an inference runtime: models/devices/cpu. */
export interface CpuModel extends Omit<CpuDevice, 'name' | 'description' | 'sources'> {
  readonly kind: 'cpu';
  readonly runtime: CpuRuntime;
}

/** Engines of AMD's deep-learning processing unit: models/devices/dpu. */
export interface DpuModel extends Omit<DpuDevice, 'name' | 'description' | 'sources'> {
  readonly kind: 'dpu';
}

/** A small systolic array whose weights stay on chip as far as they fit: models/devices/edge-tpu. */
export interface EdgeTpuModel extends Omit<EdgeTpuDevice, 'name' | 'description' | 'sources'> {
  readonly kind: 'edge-tpu';
}

/** Systolic matrix units with a scratchpad, a vector unit and DRAM (TPU v2 and later): models/devices/matrix-core. */
export interface MatrixCoresModel {
  readonly kind: 'matrix-cores';
  /** One call runs on one core; batches go to all of them. */
  readonly cores: number;
  readonly unitsPerCore: number;
  readonly rows: number;
  readonly columns: number;
  readonly clockHertz: number;
  /** Products a cycle and cell by type, 1 for the type that the units were made for. */
  readonly rates: { readonly bfloat16: number; readonly int8?: number };
  /** All cores together. */
  readonly memoryBytesPerSecond: number;
  readonly scratchpadBytesPerCore: number;
  /** From the call of a kernel to its first transfer, and from its last to the next. */
  readonly callSeconds: number;
}

/** A systolic array that streams weights from DRAM while activations stay on chip (TPU v1): models/devices/matrix-core. */
export interface StreamingCoreModel {
  readonly kind: 'streaming-core';
  readonly rows: number;
  readonly columns: number;
  readonly clockHertz: number;
  /** Weights' DRAM. */
  readonly memoryBytesPerSecond: number;
  readonly fifoTiles: number;
  readonly accumulatorVectors: number;
  readonly handoverCycles: number;
}

/** Peak and bandwidth, and the share of the peak that is reached: what can be said of any device. */
export interface RooflineModel {
  readonly kind: 'roofline';
  readonly peakOperationsPerSecond: TypedPeaks;
  /** Of the peak, that networks reach: 0 to 1. */
  readonly attainedShare: number;
  readonly memoryBytesPerSecond: number;
  /** Weights up to this many bytes stay on chip between inferences and are not streamed. */
  readonly weightCacheBytes: number;
  readonly activationsOnChip: boolean;
  /** Time per dispatched kernel that no roofline explains; null: not known, times are lower bounds. */
  readonly kernelSeconds: number | null;
  /** Cores that a call of one sample does not share; 1 where it is left out. Peak and bandwidth are of all of them. */
  readonly units?: number;
  /** Where the share comes from. */
  readonly basis: string;
}

export type DeviceModel =
  | CpuModel
  | GpuModel
  | DpuModel
  | EdgeTpuModel
  | MatrixCoresModel
  | StreamingCoreModel
  | RooflineModel;

export interface DevicePower {
  /** While it works. */
  readonly watts: number;
  readonly idleWatts?: number;
  /** `device`: the chip or board alone; `system`: with host, memory, fans and supply. */
  readonly level: 'device' | 'system';
  /** What the figure is. */
  readonly scope: string;
}

/** Mean absolute error in percent where predictions were held against published rows that the fit did not see. */
export interface ModelError {
  readonly latencyPercent: number | null;
  readonly throughputPercent: number | null;
  readonly basis: string;
}

export interface Device {
  readonly name: string;
  readonly kind: DeviceClass;
  readonly description: string;
  readonly model: DeviceModel;
  readonly power: DevicePower | null;
  /** null: nobody has held this model against measurements of this class. */
  readonly error: ModelError | null;
  readonly sources: readonly Provenance[];
}
