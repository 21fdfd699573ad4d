/**
 * Coefficients of the SRAM model in `models/memory`: least squares on the logarithm of 91 single-port configurations (itrs-hp
 * cells, 1 KiB to 4 MiB, 32 to 256 bits wide, 22 to 90 nm) computed with CACTI 7, per quantity q:
 *
 *     ln q = c0 + c1 s + c2 s^2 + c3 ln(width/64) + c4 ln(node/45),    s = ln(bytes/1024)
 *
 * A second port multiplies energies and leakage by 1.25 and area by 2.05 (median of 10 two-port configurations at 45 nm).
 */

import type { Provenance } from './provenance.js';

export const sramSource: Provenance = {
  citation: 'CACTI 7, 91 configurations, fitted here (sram-fit.ts)',
  known: 'derived',
};

export interface SramFit {
  readonly coefficients: readonly [number, number, number, number, number];
  /** Median and largest absolute relative error on the fitted configurations. */
  readonly medianError: number;
  readonly maximumError: number;
}

export const sramFit = {
  readPicojoules: {
    coefficients: [0.2836, 0.7489, -0.025, 0.461, 1.7498],
    medianError: 0.08,
    maximumError: 0.397,
  },
  writePicojoules: {
    coefficients: [1.0166, 0.3946, 0.0057, 0.734, 1.7927],
    medianError: 0.055,
    maximumError: 0.244,
  },
  /** Leakage varies by cell and node: the weakest of the fits. */
  leakageMilliwatts: {
    coefficients: [-0.7394, 0.9264, 0.0044, -0.0186, 0.9533],
    medianError: 0.457,
    maximumError: 2.325,
  },
  areaSquareMillimetres: {
    coefficients: [-5.58, 0.9348, 0.0051, 0.0458, 1.9489],
    medianError: 0.04,
    maximumError: 0.268,
  },
} as const satisfies Record<string, SramFit>;

export const secondPortFactor = { energy: 1.25, leakage: 1.25, area: 2.05 } as const;
/** Nodes and sizes that the fit has seen; beyond them a figure is an extrapolation and says so. */
export const sramFitRange = {
  nodeNanometres: [22, 90],
  bytes: [1024, 4194304],
  widthBits: [32, 256],
} as const;
