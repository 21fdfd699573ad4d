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
