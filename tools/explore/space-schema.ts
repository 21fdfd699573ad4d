/** The text form of a design space (docs/exploration.md), before names and expressions mean anything. */

import { z } from 'zod';

const scalar = z.union([z.number(), z.string(), z.boolean()]);

/** From `from` to `to`, both included: adding `step`, or multiplying by `factor`. */
const range = z
  .strictObject({
    from: z.number(),
    to: z.number(),
    step: z.number().positive().optional(),
    factor: z.number().gt(1).optional(),
  })
  .refine(({ step, factor }) => (step === undefined) !== (factor === undefined), {
    message: 'give one of `step` (linear) and `factor` (powers)',
  })
  .refine(({ from, factor }) => factor === undefined || from > 0, {
    message: 'powers start above 0',
  });

/** A list or a range; lists hold scalars or, for a field like vector.functions, lists. */
const values = z.union([z.array(z.union([scalar, z.array(scalar)])), range]);

export type ValueSet = z.infer<typeof values>;

export const spaceSchema = z.strictObject({
  schema: z.literal('systole.space/1').default('systole.space/1'),
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/),
  description: z.string().default(''),
  /** What no parameter sets: a preset's name, or a mapping as a machine file holds it. */
  machine: z.union([z.string(), z.record(z.string(), z.unknown())]),
  parameters: z.record(z.string(), values),
  /** Fields that follow from others: path -> expression. */
  derived: z.record(z.string(), scalar).default({}),
  constraints: z.array(z.string()).default([]),
  objectives: z
    .array(
      z.union([
        z.string(),
        z.strictObject({
          name: z.string(),
          expression: z.string(),
          goal: z.enum(['minimize', 'maximize']).default('minimize'),
        }),
      ]),
    )
    .min(1)
    .max(6)
    .default(['latency', 'energy']),
  limits: z.array(z.string()).default([]),
  /** An FPGA that machines must fit, by name (docs/exploration.md). */
  fits: z.string().optional(),
  /** Weight of each network by its name; 1 where nothing is said. */
  weights: z.record(z.string(), z.number().nonnegative()).default({}),
});

export type SpaceText = z.infer<typeof spaceSchema>;

/** The values of a set, in order. */
export function valuesOf(set: ValueSet): readonly (number | string | boolean | readonly unknown[])[] {
  if (Array.isArray(set)) return set;
  const { from, to, step, factor } = set;
  const found: number[] = [];
  // Counted, not summed up: no drift.
  for (let k = 0; found.length < 100_000; k++) {
    const value = factor === undefined ? from + k * step! : from * factor ** k;
    if (value > to * (1 + 1e-12)) break;
    found.push(value);
  }
  return found;
}
