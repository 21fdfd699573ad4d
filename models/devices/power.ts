/**
 * Power under load, at two levels that must not be mixed: a board as its own sensor reads it, and a whole system at the wall with host, fans and power
 * supply. In: power limits, rates that were reached. Out: watts in their parts; energy of an inference is watts over inferences a second.
 */

import {
  type BoardPowerFit,
  boardPowerFit,
  type GpuDevice,
  type SystemPowerFit,
  systemPowerFit,
} from '../data/index.js';

export interface PowerWatts {
  /** What the watts are of. */
  readonly level: 'device' | 'system';
  readonly idleWatts: number;
  /** Beyond idle: computing, and memory where it is told apart. */
  readonly computeWatts: number;
  readonly memoryWatts: number;
  /** Of the host and everything else that is no accelerator; 0 at device level. */
  readonly hostWatts: number;
  readonly watts: number;
}

/** A board's own power at a rate of float32 vector operations and bytes from memory; never above its limit. */
export function devicePower(
  device: Pick<GpuDevice, 'thermalWatts' | 'processNanometres'>,
  load: { readonly operationsPerSecond: number; readonly bytesPerSecond: number },
  fit: BoardPowerFit = boardPowerFit,
): PowerWatts {
  const idleWatts = fit.activeShare * device.thermalWatts;
  const computeWatts = load.operationsPerSecond * fit.joulesPerOperation * device.processNanometres;
  const memoryWatts = load.bytesPerSecond * fit.joulesPerByte;
  const watts = Math.min(device.thermalWatts, idleWatts + computeWatts + memoryWatts);
  return { level: 'device', idleWatts, computeWatts, memoryWatts, hostWatts: 0, watts };
}

/** Accelerators in a host. */
export interface PoweredSystem {
  readonly accelerators: number;
  /** Power limit of one; of a module with its processor, the module's. */
  readonly acceleratorWatts: number;
  /** Thermal design power of the host's processors together; 0 where they are in the module. */
  readonly hostWatts: number;
}

/**
 * Wall power of a whole system.
 * @param load utilisation: operations a second over the peak of those accelerators that are at work, 0 to 1
 */
export function systemPower(
  system: PoweredSystem,
  load: { readonly atWork: number; readonly utilisation: number },
  fit: SystemPowerFit = systemPowerFit,
): PowerWatts {
  const { accelerators, acceleratorWatts } = system;
  const busy = Math.min(1, load.utilisation) ** fit.utilisationPower;
  const idleWatts = fit.idleShare * accelerators * acceleratorWatts;
  const computeWatts = fit.workShare * load.atWork * acceleratorWatts * busy;
  const work = (load.atWork / accelerators) * busy;
  const rest = system.hostWatts >= SERVER_WATTS ? fit.serverWatts : fit.boardWatts;
  const hostWatts = rest + system.hostWatts * (fit.hostShare + fit.hostWorkShare * work);
  const watts = idleWatts + computeWatts + hostWatts;
  return { level: 'system', idleWatts, computeWatts, memoryWatts: 0, hostWatts, watts };
}

/** Processors of less are on small boards. */
const SERVER_WATTS = 50;
