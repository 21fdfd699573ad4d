/**
 * The machine family: the only statement of the hardware's sizes. The Verilog's parameters, the timing, the
 * legality checks and the prices all derive from a {@link Machine}. In: YAML/JSON or a preset. Out: a checked value.
 */

import { z } from 'zod';

const integer = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);
const powerOfTwo = (minimum: number, maximum: number) =>
  integer(minimum, maximum).refine((n) => (n & (n - 1)) === 0, { message: 'must be a power of two' });

/** Of 4-bit elements in few rows, and of what the output stage takes. */
export const MINIMUM_ACCUMULATOR_BITS = 12;
export const MAXIMUM_ACCUMULATOR_BITS = 32;

const elementBits = z.union([z.literal(4), z.literal(8), z.literal(16)]);

/**
 * Optional functions of the vector unit; requantisation and element-wise rescaling are always there. `row-parameters`: a requantisation may take a
 * parameter row for each accumulator row instead of one for each slice of channels, as results with channels along rows need (input-stationary).
 */
export const vectorFunctionNames = ['pool', 'depthwise', 'add', 'lookup', 'row-parameters'] as const;

/** What a machine has that does not say: `row-parameters` is asked for. */
const usualFunctions = ['pool', 'depthwise', 'add', 'lookup'] as const;

export const machineSchema = z.strictObject({
  schema: z.literal('systole.machine/1').default('systole.machine/1'),
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]*$/),
  description: z.string().default(''),
  array: z.strictObject({
    /** R: input-channel direction (reduction). */
    rows: integer(1, 256),
    /** C: output-channel direction. */
    columns: integer(1, 256),
    /**
     * Which operand rests in a PE: its weight, or (output-stationary) the sum of one pixel and output channel. Input-stationary is the weight-stationary
     * array with activations in the weights' place wherever the compiler can; it needs the vector function row-parameters.
     */
    dataflow: z
      .enum(['weight-stationary', 'output-stationary', 'input-stationary'])
      .default('weight-stationary'),
    /** Registers in each PE between its operands and the adder: 0 none, 1 the product, 2 two half products besides. */
    multiplierStages: integer(0, 2).default(1),
  }),
  /** Widths in bits. Elements are two's complement integers; activations and weights may differ. */
  elements: z
    .strictObject({
      activationBits: elementBits.default(8),
      weightBits: elementBits.default(8),
      /** 12 to 32: the output stage adds the bias in 32 bits. The scheduler proves that no sum of a network leaves it. */
      accumulatorBits: integer(MINIMUM_ACCUMULATOR_BITS, MAXIMUM_ACCUMULATOR_BITS).default(32),
    })
    .prefault({}),
  /** Buffer depths in rows. Every bank has one read and one write port. */
  buffers: z.strictObject({
    /** Rows of R activation elements. */
    activation: z.strictObject({ banks: integer(3, 8).default(4), rowsPerBank: powerOfTwo(16, 65536) }),
    /**
     * Rows of C weight elements, in one bank or in two halves: with two, matmul and a depthwise convolution of the vector unit can
     * run at once, each on a half of its own.
     */
    weight: z.strictObject({
      rows: powerOfTwo(2, 1048576),
      banks: z.union([z.literal(1), z.literal(2)]).default(1),
    }),
    /** Two banks of rows of C accumulators. */
    accumulator: z.strictObject({ rowsPerBank: powerOfTwo(4, 32768) }),
    /** Rows of V channel parameters (bias, multiplier, shift). */
    parameter: z.strictObject({ rows: powerOfTwo(4, 65536) }),
  }),
  vector: z.strictObject({
    /** V lanes: must divide both R and C. */
    lanes: integer(1, 256),
    functions: z.array(z.enum(vectorFunctionNames)).default([...usualFunctions]),
  }),
  requantization: z.strictObject({ multiplierBits: integer(8, 32).default(32) }).prefault({}),
  bus: z
    .strictObject({
      /** Data width of the AXI4 masters, in bytes. */
      bytes: powerOfTwo(4, 64).default(16),
      maximumBurstBeats: powerOfTwo(1, 256).default(16),
      /** Bits of a byte address on the AXI masters that the machine drives; the ones above are 0. Less makes smaller address counters. */
      addressBits: integer(16, 32).default(32),
    })
    .prefault({}),
  /** Instructions that each unit's queue holds. */
  queueDepth: powerOfTwo(1, 16).default(4),
  /** Counters of a run that the host can read: cycles, and how long each unit was running and waiting; or cycles alone. */
  counters: z.enum(['all', 'cycles']).default('all'),
  /**
   * The deterministic DRAM model, per AXI port: a burst's first beat (or its write response) comes `latency` cycles
   * after its address (last data beat) was accepted, beats follow every `cyclesPerBeat` cycles, `outstanding` read bursts are
   * accepted ahead. Reads and writes do not contend: `cyclesPerBeat` states the sustained rate of each direction.
   */
  memory: z
    .strictObject({
      readLatency: integer(1, 4096).default(40),
      writeLatency: integer(1, 4096).default(20),
      cyclesPerBeat: integer(1, 64).default(1),
      outstanding: integer(1, 64).default(8),
      /** Technology for pricing DRAM traffic; a key of the DRAM energy table. */
      technology: z.string().default('ddr4'),
    })
    .prefault({}),
  clockMegahertz: z.number().positive().max(10000),
  target: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('fpga'),
      family: z.enum(['ice40', 'ecp5', 'xilinx7', 'ultrascale+', 'gowin', 'intel']),
    }),
    z.strictObject({ kind: z.literal('asic'), nodeNanometres: z.number().positive() }),
  ]),
});

export type Machine = z.infer<typeof machineSchema>;
export type MachineInput = z.input<typeof machineSchema>;
export type VectorFunction = (typeof vectorFunctionNames)[number];
