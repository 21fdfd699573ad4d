/**
 * Report rows by SCALE-Sim's own stall-free definitions: somebody else's machine. In: products, an array and a dataflow. Out: rows; what follows from
 * SCALE-Sim's trace of its memories (start and stop cycles, DRAM) has no closed form and is missing.
 */

import {
  type ArraySize,
  type MatrixProduct,
  type ScaleSimDataflow,
  scaleSimCounts,
} from '../../models/analytic/index.js';
import type { ReportRow } from './reports.js';

/** A layer as SCALE-Sim sees it: `copies` like products one after another. */
export interface NamedProduct extends MatrixProduct {
  readonly layer: string;
  readonly copies: number;
}

export const definitionsBasis = `By SCALE-Sim's own stall-free definitions (its CALC mode), not by a run of Systole: every fold loads, streams and
drains before the next, and memory never stalls. Depthwise layers, which SCALE-Sim lists channel by channel, are one line here.
N/A: start and stop cycles and DRAM traffic follow from SCALE-Sim's trace of its memories and have no closed form.`;

export function definitionRow(
  { layer, copies, ...product }: NamedProduct,
  dataflow: ScaleSimDataflow,
  array: ArraySize,
): ReportRow {
  const counts = scaleSimCounts(dataflow, product, array);
  const cycles = copies * counts.cycles;
  const macs = copies * product.m * product.n * product.k;
  const none = { ifmap: undefined, filter: undefined, ofmap: undefined };
  return {
    layer,
    cyclesWithPrefetch: undefined,
    cycles,
    stallCycles: 0,
    overallPercent: (macs * 100) / (cycles * array.rows * array.columns),
    mappingPercent: 100 * counts.mappingEfficiency,
    computePercent: 100 * counts.computeUtilization,
    sram: {
      ifmap: { words: copies * counts.ifmapReads },
      filter: { words: copies * counts.filterReads },
      ofmap: { words: copies * counts.ofmapWrites },
    },
    dram: none,
  };
}
