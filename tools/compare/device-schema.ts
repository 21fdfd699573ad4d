/**
 * The form of a device in a YAML file: the fields of {@link Device}, checked. Rates are in operations, bytes and hertz a second (`92e12`),
 * sizes in bytes, times in seconds.
 */

import { z } from 'zod';
import { cpuCores, type Device } from '../../models/data/index.js';

const positive = z.number().positive();
const count = z.number().int().positive();
const share = z.number().gt(0).max(1);

/** Of every type that the device computes in; dense, two operations a MAC. */
const peaks = z
  .strictObject({
    float32: positive.optional(),
    tf32: positive.optional(),
    float16: positive.optional(),
    bfloat16: positive.optional(),
    int8: positive.optional(),
    int4: positive.optional(),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    message: 'give the peak of one type at least',
  });

const gpu = z.strictObject({
  kind: z.literal('gpu'),
  architecture: z.enum(['maxwell', 'pascal', 'volta', 'turing', 'ampere', 'ada', 'hopper', 'gcn', 'cdna']),
  multiprocessors: count,
  lanesPerMultiprocessor: count,
  baseHertz: positive,
  boostHertz: positive,
  memoryBytesPerSecond: positive,
  l2Bytes: positive,
  thermalWatts: positive,
  processNanometres: positive,
  /** The GPU model needs the rate of the float32 lanes. */
  peakOperationsPerSecond: z.strictObject({
    float32: positive,
    tf32: positive.optional(),
    float16: positive.optional(),
    bfloat16: positive.optional(),
    int8: positive.optional(),
    int4: positive.optional(),
  }),
  companionOperationsPerSecond: positive.optional(),
});

/** Multiply-accumulates a cycle of a core, or the name of a core of the table. */
const core = z.union([
  z.enum([...cpuCores.keys()]).transform((name) => cpuCores.get(name)!),
  z.strictObject({
    name: z.string(),
    inOrder: z.boolean(),
    width: count,
    perCycle: z.strictObject({
      float32: positive,
      float16: positive.optional(),
      bfloat16: positive.optional(),
      int8: positive.optional(),
    }),
    l2Bytes: positive,
  }),
]);

const cpu = z.strictObject({
  kind: z.literal('cpu'),
  runtime: z.enum(['ncnn', 'openvino']),
  sockets: count.default(1),
  /** Fastest first. */
  clusters: z.array(z.strictObject({ core, cores: count, baseHertz: positive, boostHertz: positive })).min(1),
  memoryBytesPerSecond: positive,
  lastLevelBytes: z.number().nonnegative(),
  thermalWatts: positive.nullable().default(null),
});

const dpu = z.strictObject({
  kind: z.literal('dpu'),
  engines: count,
  parallelism: z.strictObject({ pixels: count, inputChannels: count, outputChannels: count }),
  hertz: positive,
  memoryBytesPerSecond: positive,
  hostCores: count,
  hostHertz: positive,
  watts: positive.nullable().default(null),
});

const edgeTpu = z.strictObject({
  kind: z.literal('edge-tpu'),
  rows: count,
  columns: count,
  hertz: positive,
  weightCacheBytes: positive,
  linkBytesPerSecond: positive,
  watts: positive,
});

const matrixCores = z.strictObject({
  kind: z.literal('matrix-cores'),
  cores: count,
  unitsPerCore: count,
  rows: count,
  columns: count,
  clockHertz: positive,
  rates: z.strictObject({ bfloat16: positive, int8: positive.optional() }),
  memoryBytesPerSecond: positive,
  scratchpadBytesPerCore: positive,
  callSeconds: z.number().nonnegative(),
});

const streamingCore = z.strictObject({
  kind: z.literal('streaming-core'),
  rows: count,
  columns: count,
  clockHertz: positive,
  memoryBytesPerSecond: positive,
  fifoTiles: count,
  accumulatorVectors: count,
  handoverCycles: z.number().nonnegative(),
});

const roofline = z.strictObject({
  kind: z.literal('roofline'),
  peakOperationsPerSecond: peaks,
  attainedShare: share,
  memoryBytesPerSecond: positive,
  weightCacheBytes: z.number().nonnegative().default(0),
  activationsOnChip: z.boolean().default(false),
  kernelSeconds: z.number().nonnegative().nullable().default(null),
  units: count.optional(),
  basis: z.string().default('roofline at the stated share of the peak'),
});

const power = z.strictObject({
  watts: positive,
  idleWatts: positive.optional(),
  level: z.enum(['device', 'system']),
  scope: z.string(),
});

const error = z.strictObject({
  latencyPercent: z.number().nonnegative().nullable(),
  throughputPercent: z.number().nonnegative().nullable(),
  basis: z.string(),
});

export const deviceSchema = z.strictObject({
  schema: z.literal('systole.device/1').default('systole.device/1'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, { message: 'letters, digits, dots, dashes and underscores' }),
  kind: z.enum(['cpu', 'gpu', 'tpu', 'fpga', 'asic']),
  description: z.string().default(''),
  model: z.discriminatedUnion('kind', [cpu, gpu, dpu, edgeTpu, matrixCores, streamingCore, roofline]),
  power: power.nullable().default(null),
  error: error.nullable().default(null),
  sources: z
    .array(
      z.strictObject({
        citation: z.string().min(1),
        known: z.enum(['read', 'derived', 'measured', 'recalled', 'assumed']),
      }),
    )
    .min(1, { message: 'say where the figures come from; "assumed" is an answer' }),
});

/** What the schema gives is a device of the table. */
export type CheckedDevice = z.infer<typeof deviceSchema> & Pick<Device, 'name'>;
