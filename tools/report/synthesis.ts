/**
 * What the real tools said of a machine's circuit: the `synthesis` of a RunRecord. Every figure was read from a tool's report or
 * counted in a netlist that a tool wrote; null: this flow has no such figure.
 */

import { z } from 'zod';

const count = z.number().int().nonnegative();

export const fpgaFlows = ['ice40', 'ecp5', 'xilinx', 'gowin', 'intel'] as const;
export type FpgaFlow = (typeof fpgaFlows)[number];
export const synthesisFlows = [...fpgaFlows, 'asic'] as const;
export type SynthesisFlow = (typeof synthesisFlows)[number];

export const resourcesSchema = z.strictObject({
  /** Look-up tables, those that are memory included. */
  luts: count,
  flipFlops: count,
  carries: count,
  dsps: count,
  blockRams: count,
  /** LUTs that are memory. */
  memoryLuts: count,
});

export const netlistCheckSchema = z.strictObject({
  engine: z.literal('rtl'),
  /** What ran on the mapped netlist. */
  subject: z.string(),
  valuesCompared: count,
  mismatches: count,
  cyclesPredicted: count,
  cyclesSimulated: count,
  instructionsCompared: count,
  timeMismatches: count,
  firstMismatch: z.string().nullable(),
});

export const criticalPathSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  nanoseconds: z.number().positive(),
  /** The part of the machine that it ends in. */
  part: z.string(),
});

export const synthesisRecordSchema = z.strictObject({
  flow: z.enum(synthesisFlows),
  /** Device family, or the Liberty file's library. */
  target: z.string(),
  /** Tools that ran, with versions. */
  tools: z.array(z.string()),
  /** Mapped cells by type over the whole design. */
  cells: z.record(z.string(), count),
  /** FPGA flows. */
  resources: resourcesSchema.nullable(),
  /** Cells of each part of the machine; null for flat netlists. */
  parts: z
    .record(z.string(), z.strictObject({ cells: count, squareMicrometres: z.number().nullable() }))
    .nullable(),
  /** ASIC: standard cells without memories and wires. */
  area: z
    .strictObject({
      squareMicrometres: z.number(),
      /** Outside array and requantisers, of all. */
      controlShare: z.number(),
      /** Bits of the memories, which are macros. */
      memoryBits: count,
    })
    .nullable(),
  timing: z
    .strictObject({
      fmaxMegahertz: z.number().positive(),
      basis: z.string(),
      criticalPath: criticalPathSchema.nullable(),
    })
    .nullable(),
  placeAndRoute: z
    .strictObject({
      device: z.string(),
      seed: count,
      utilization: z.record(z.string(), z.strictObject({ used: count, available: count })),
      bitstreamBytes: count.nullable(),
    })
    .nullable(),
  power: z
    .strictObject({
      watts: z.number(),
      dynamicWatts: z.number(),
      leakageWatts: z.number(),
      megahertz: z.number(),
      /** Mean transitions of a net a cycle. */
      activity: z.number(),
      basis: z.string(),
    })
    .nullable(),
  /** The netlist simulated and held against the evaluation; null when left out. */
  netlist: netlistCheckSchema.nullable(),
  notes: z.array(z.string()),
});

export type SynthesisRecord = z.infer<typeof synthesisRecordSchema>;
export type ResourceRecord = z.infer<typeof resourcesSchema>;
export type NetlistCheck = z.infer<typeof netlistCheckSchema>;
export type CriticalPath = z.infer<typeof criticalPathSchema>;

/** True when the netlist ran and nothing differed. */
export function netlistAgrees(check: NetlistCheck): boolean {
  const agreed =
    check.mismatches === 0 && check.timeMismatches === 0 && check.cyclesPredicted === check.cyclesSimulated;
  return agreed && check.valuesCompared > 0;
}
