/** Measured cell areas of a processing element (Yosys, no wires), and multiplier areas for the requantiser. */

import type { SourcedNumber } from './provenance.js';

export interface AreaPoint extends SourcedNumber {
  readonly unit: 'um2';
  readonly nodeNanometres: number;
}

/** 8x8-bit weight-stationary PE, 20-bit partial sum, product register (62 flip-flops, one weight register more than ours). */
export const processingElementArea: AreaPoint = {
  value: 1037,
  unit: 'um2',
  nodeNanometres: 45,
  source: {
    citation: 'Yosys 0.23 synthesis of a probe PE with the Nangate45 open cell library',
    known: 'measured',
  },
};

/**
 * A PE's area by its multiplier (activation bits x weight bits) and its register bits, in shares of the PE above: fitted on 33 mixes of 4, 8 and 16
 * bits with 0 to 2 multiplier stages in sg13g2 (5 % off on average, 15 % at most). In asap7, on which it was not fitted, the ratios are 6 % off on average
 * and 19 % at most (`test/models/pe-area.test.ts` measures some of them again).
 */
export const processingElementShares = {
  multiplierBit: 0.00793753,
  registerBit: 0.01019438,
  source: {
    citation: "Yosys 0.55 synthesis (Booth multipliers) of pe.v with IHP's sg13g2, least relative squares",
    known: 'measured',
  },
} as const;

export const multiplier32Area: AreaPoint = {
  value: 3495,
  unit: 'um2',
  nodeNanometres: 45,
  source: {
    citation: "W. Dally, 'High-performance hardware for machine learning', NIPS 2015 tutorial (45 nm)",
    known: 'recalled',
  },
};

export const adder32Area: AreaPoint = {
  value: 137,
  unit: 'um2',
  nodeNanometres: 45,
  source: {
    citation: "W. Dally, 'High-performance hardware for machine learning', NIPS 2015 tutorial (45 nm)",
    known: 'recalled',
  },
};
