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

/** Watts of a mapped core whose nets change each as often as they do. */
const switchedPowerSchema = z.strictObject({
  watts: z.number(),
  /** Inside cells with all nets at rest: clock pins. */
  clockWatts: z.number(),
  /** Inside cells when their nets change. */
  internalWatts: z.number(),
  /** Charging nets. */
  switchingWatts: z.number(),
  leakageWatts: z.number(),
  /** Transitions a cell and cycle. */
  meanActivity: z.number(),
  /** Watts by part of the machine. */
  parts: z.record(z.string(), z.number()),
});

export const switchedRecordSchema = z.strictObject({
  /** The whole network: the array at the array engine's toggles, the rest as in `layers`, or at the mean activity without it. */
  network: switchedPowerSchema,
  /** The layers that the mapped netlist ran: every cell at the changes that were simulated. */
  layers: switchedPowerSchema.extend({ subject: z.string(), cycles: count }).nullable(),
  /** The array in those layers: by its simulated cells, by the array engine's toggles, and the toggles of its registers in both. */
  array: z
    .strictObject({
      byCells: z.number(),
      byToggles: z.number(),
      byMeanActivity: z.number(),
      togglesOfCells: count,
      togglesOfEngine: count,
    })
    .nullable(),
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
      /** The same with toggles; null where none were counted or OpenSTA is not there. */
      switched: switchedRecordSchema.nullable().default(null),
    })
    .nullable(),
  /** The netlist simulated and held against the evaluation; null when left out. */
  netlist: netlistCheckSchema.nullable(),
  notes: z.array(z.string()),
});

export type SynthesisRecord = z.infer<typeof synthesisRecordSchema>;
export type SwitchedPower = z.infer<typeof switchedPowerSchema>;
export type SwitchedRecord = z.infer<typeof switchedRecordSchema>;
export type ResourceRecord = z.infer<typeof resourcesSchema>;
export type NetlistCheck = z.infer<typeof netlistCheckSchema>;
export type CriticalPath = z.infer<typeof criticalPathSchema>;

/** True when the netlist ran and nothing differed. */
export function netlistAgrees(check: NetlistCheck): boolean {
  const agreed =
    check.mismatches === 0 && check.timeMismatches === 0 && check.cyclesPredicted === check.cyclesSimulated;
  return agreed && check.valuesCompared > 0;
}
