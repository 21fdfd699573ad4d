/** Constants of the models of power (models/devices/power.ts); the fitted ones are in power-fit-values.ts, which `npm run fits` writes. */

import { boardPowerFitted, systemPowerFitted } from './power-fit-values.js';
import type { Provenance } from './provenance.js';

/** Of a board alone, as its own sensor reads it. */
export interface BoardPowerFit {
  /** Of the power limit, with clocks up and nothing computed. */
  readonly activeShare: number;
  /** Of a float32 operation of the vector lanes, by nanometre of the process; and of a byte from memory. */
  readonly joulesPerOperation: number;
  readonly joulesPerByte: number;
}

/** Of a whole system at the wall. */
export interface SystemPowerFit {
  /** Of an accelerator's power limit: idle, and at work beyond it. */
  readonly idleShare: number;
  readonly workShare: number;
  /** Power of the utilisation (of the peak rate) with which work grows. */
  readonly utilisationPower: number;
  /** Of the thermal design power of the host's processors: idle, and more with accelerators fully at work. */
  readonly hostShare: number;
  readonly hostWorkShare: number;
  /** Of anything else, in a server and on a small board. */
  readonly serverWatts: number;
  readonly boardWatts: number;
}

export const boardPowerFit: BoardPowerFit = boardPowerFitted;
export const systemPowerFit: SystemPowerFit = systemPowerFitted;

export const powerFitSources: readonly Provenance[] = [
  {
    citation: 'fitted to MLPerf Inference power results, v1.0 to v3.0 (wall power of whole systems)',
    known: 'derived',
  },
  {
    citation: 'fitted to D. Ernst, gpu-benches, roofline sweep with power read from the board',
    known: 'derived',
  },
];
