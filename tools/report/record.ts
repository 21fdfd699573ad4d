/**
 * The RunRecord: everything a run found, as versioned JSON. Every table and page is a function of it; `--json` prints it, and
 * what was written can be read back (`parseRunRecord`). Units are in the names; figures are per inference unless they say otherwise.
 */

import { z } from 'zod';
import { perRegisterClass } from '../../models/activity/index.js';
import { machineSchema } from '../../models/machine/index.js';
import { synthesisRecordSchema } from './synthesis.js';

const count = z.number().int().nonnegative();
const knownSchema = z.enum(['measured', 'read', 'derived', 'recalled', 'assumed', 'simulated']);

/** Register bits that change, by class of register (`models/activity`). */
const togglesSchema = z.strictObject(perRegisterClass(() => count));

const switchedArraySchema = z.strictObject({
  library: z.string(),
  byToggles: z.number(),
  byMeanActivity: z.number(),
  meanActivity: z.number(),
  known: knownSchema,
  source: z.string(),
});

export const layerRecordSchema = z.strictObject({
  name: z.string(),
  /** Segment that it belongs to; present where there are several. */
  segment: count.optional(),
  /** Operator of the network graph after quantisation. */
  operator: z.string(),
  /** Output shape, N C H W. */
  shape: z.array(z.number()),
  /** Whole batch. */
  macs: count,
  /** Share of the run's cycles: the layers' cycles add up to the run's. */
  cycles: count,
  /** Of `cycles`, those in which neither the array nor the vector unit was busy. */
  stallCycles: count,
  /** Cycles in which each unit worked for this layer; units overlap. */
  busyCycles: z.strictObject({ load: count, matmul: count, vector: count, store: count }),
  /** MACs / (cycles * R * C). */
  utilization: z.number(),
  /** Whole batch. */
  energyJoules: z.number(),
  /** DRAM, whole batch. */
  bytesRead: count,
  bytesWritten: count,
  /** In this layer's matmul instructions, whole batch, first input; present where toggles were counted. */
  toggles: togglesSchema.optional(),
});

export const comparisonRecordSchema = z.strictObject({
  device: z.string(),
  kind: z.enum(['this', 'cpu', 'gpu', 'tpu', 'fpga', 'asic']),
  latencySeconds: z.number(),
  throughputPerSecond: z.number(),
  powerWatts: z.number().nullable(),
  energyJoules: z.number().nullable(),
  /** True: dispatch time is unknown and left out, so the latency is at least this. */
  lowerBound: z.boolean(),
  basis: z.string(),
  source: z.string(),
  known: knownSchema,
  description: z.string().optional(),
  /** How the times were found; `assumed`: a model that nobody has held against measurements of this class. */
  how: z.enum(['measured', 'simulated', 'modelled', 'assumed']).optional(),
  /** Numbers that products are computed in. */
  type: z.string().optional(),
  /** Mean absolute error in percent that the model was found to have on rows its fit did not see; null: nobody has looked. */
  error: z
    .strictObject({
      latencyPercent: z.number().nonnegative().nullable(),
      throughputPercent: z.number().nonnegative().nullable(),
      basis: z.string(),
    })
    .nullable()
    .optional(),
  /** Power of the chip or board alone, or with host, memory, fans and supply. */
  powerLevel: z.enum(['device', 'system']).optional(),
  powerScope: z.string().optional(),
  /** Published operations and bytes a second. */
  roof: z
    .strictObject({ operationsPerSecond: z.number().positive(), bytesPerSecond: z.number().positive() })
    .optional(),
  /** Seconds of each of the record's `kernels`, whole batch, and what holds each. */
  kernelSeconds: z.array(z.number().nonnegative()).optional(),
  kernelBounds: z.array(z.enum(['compute', 'memory', 'dispatch'])).optional(),
});

/** What devices dispatch: an operator with the elementwise tails that are fused into it; counts of one inference. */
export const kernelRecordSchema = z.strictObject({
  name: z.string(),
  kind: z.enum([
    'matmul',
    'convolution',
    'depthwise',
    'elementwise',
    'reduction',
    'softmax',
    'normalisation',
    'movement',
  ]),
  macs: z.number().nonnegative(),
  weightElements: z.number().nonnegative(),
  inputElements: z.number().nonnegative(),
  outputElements: z.number().nonnegative(),
  /** Names of the tails. */
  fused: z.array(z.string()),
});

export const verificationRecordSchema = z.strictObject({
  /** Engine that the prediction was held against, or `none`. */
  engine: z.enum(['none', 'array', 'rtl']),
  scope: z.enum(['none', 'sample', 'full']),
  /** Inputs run. */
  inputs: count,
  /** Layers whose stored tensors were compared, of `layersTotal`. */
  layersCompared: count,
  layersTotal: count,
  valuesCompared: count,
  mismatches: count,
  /** First disagreement in values or times, as a sentence; null when there is none. */
  firstMismatch: z.string().nullable(),
  cyclesPredicted: count,
  cyclesSimulated: count,
  /** Instructions whose dispatch, accept and end cycles were held against the prediction, and those that differ. */
  instructionsCompared: count,
  timeMismatches: count,
});

/** A part of the network that the accelerator runs as a program of its own. */
export const segmentRecordSchema = z.strictObject({
  layers: count,
  instructions: count,
  /** Start to done, whole batch. */
  cycles: count,
  /** Tensors that the host gives it and takes from it. */
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
});

/** What the host does, counted, and the time that it takes by the stated rates; whole batch. */
export const hostRecordSchema = z.strictObject({
  operationsPerSecond: z.number().positive(),
  bytesPerSecond: z.number().positive(),
  basis: z.string(),
  known: knownSchema,
  steps: z.array(
    z.strictObject({
      /** Segment that waits for this step; the number of segments for the last one. */
      before: count,
      operators: z.array(
        z.strictObject({ name: z.string(), operator: z.string(), operations: count, bytes: count }),
      ),
      /** Bytes of tensors that go from segment to segment as they are, read and written. */
      copiedBytes: count,
      operations: count,
      bytes: count,
      seconds: z.number(),
    }),
  ),
  operations: count,
  bytes: count,
  seconds: z.number(),
  /** The accelerator's time and the host's; nothing overlaps. */
  latencySeconds: z.number(),
});

export const runRecordSchema = z.strictObject({
  schema: z.literal('systole.run/1'),
  tool: z.string(),
  network: z.strictObject({
    name: z.string(),
    format: z.string(),
    /** Nodes of the imported graph. */
    operators: count,
    operatorCounts: z.record(z.string(), count),
    parameters: count,
    /** One inference. */
    macs: count,
    quantization: z.string(),
    /** Operators that run on the host, outside the accelerator's cycles. */
    hostOperators: z.array(z.string()),
  }),
  machine: machineSchema,
  batch: z.number().int().positive(),
  /** Start to done, whole batch; of several segments, the sum. */
  cycles: count,
  /** Whole batch, the accelerator alone; `host.latencySeconds` has the host's part as well. */
  latencySeconds: z.number(),
  throughputPerSecond: z.number(),
  /** MACs / (cycles * R * C). */
  utilization: z.number(),
  energyJoules: z.number(),
  powerWatts: z.number(),
  energyComponents: z.array(
    z.strictObject({ name: z.string(), joules: z.number(), known: knownSchema, source: z.string() }),
  ),
  area: z.strictObject({
    squareMillimetres: z.number().nullable(),
    arraySquareMillimetres: z.number().nullable(),
    vectorSquareMillimetres: z.number().nullable(),
    memorySquareMillimetres: z.number().nullable(),
    arrayMultipliers: count,
    vectorMultipliers: count,
    memoryBits: count,
    basis: z.string(),
  }),
  unitCycles: z.record(
    z.string(),
    z.strictObject({ busy: count, waiting: z.record(z.string(), count), idle: count }),
  ),
  layers: z.array(layerRecordSchema),
  /** Where the host works in the middle: the accelerator's programs, in the order in which they run; empty where the host computes everything. */
  segments: z.array(segmentRecordSchema).optional(),
  /** Present with `segments`, and where the run stated a host. */
  host: hostRecordSchema.optional(),
  /** Whole run, and the bits that there are of each class: toggles / (bits x cycles) is the class's switching activity. */
  toggles: togglesSchema.optional(),
  registerBits: togglesSchema.optional(),
  /** Joules of the array an inference where toggles were counted, one row a library of cells (`models/energy`); `energyComponents` assumes its switching. */
  arrayEnergy: z.array(switchedArraySchema).optional(),
  comparison: z.array(comparisonRecordSchema),
  /** The network as other devices dispatch it; `kernelSeconds` of the comparison's rows go with it. */
  kernels: z.array(kernelRecordSchema).optional(),
  verification: verificationRecordSchema,
  /** What the synthesis tools said (`systole synth`). */
  synthesis: synthesisRecordSchema.optional(),
  /** Warnings and notes met on the way, rendered. */
  notes: z.array(z.string()),
});

export type RunRecord = z.infer<typeof runRecordSchema>;
export type SegmentRecord = z.infer<typeof segmentRecordSchema>;
export type HostRecord = z.infer<typeof hostRecordSchema>;
export type ComparisonRecord = z.infer<typeof comparisonRecordSchema>;
export type KernelRecord = z.infer<typeof kernelRecordSchema>;
export type LayerRecord = z.infer<typeof layerRecordSchema>;
export type VerificationRecord = z.infer<typeof verificationRecordSchema>;

/** Reads a RunRecord back from JSON text. @throws Error that names the first field at fault. */
export function parseRunRecord(text: string): RunRecord {
  const parsed = runRecordSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new Error(`not a systole.run/1 record: ${issue.path.map(String).join('.')}: ${issue.message}`);
}

/** No layer runs on the accelerator, so there is nothing that an engine could be held against. */
export function isNothingToVerify({ layersTotal }: VerificationRecord): boolean {
  return layersTotal === 0;
}

/**
 * True when every value, every instruction's times and the cycles agreed, and there was something to compare. A record of a run
 * without verification is neither true nor false: ask `engine` first.
 */
export function isVerified(v: VerificationRecord): boolean {
  const agreed = v.mismatches === 0 && v.timeMismatches === 0 && v.cyclesPredicted === v.cyclesSimulated;
  return agreed && v.valuesCompared > 0 && v.instructionsCompared > 0;
}
