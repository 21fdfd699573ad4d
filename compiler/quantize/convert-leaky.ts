/**
 * LeakyRelu of 16-bit activations, which have no tables: what is above zero and what is below it, each in a scale of its own, and their sum. In: a LeakyRelu. Out: two
 * IntegerRescale, and an IntegerAdd that changes nothing of the first and, in a file with TFLite's kernels, rounds the second for the second time.
 */

import { type FixedPointScale, fixedPointScale } from '../../base/index.js';
import type { Node } from '../graph/index.js';
import type { Emission } from './emission.js';
import { scaledStage } from './stage.js';
import { twoRoundings } from './two-roundings.js';
import type { ActivationScale, Annotated } from './types.js';

/** Whether an operator of one value is done without a table. */
export function isTwoLines(node: Node): boolean {
  return node.operator === 'LeakyRelu';
}

/** Why it cannot be done so between two scales, or undefined. Scales that nothing states are another matter. */
export function twoLinesRefused(annotated: Annotated, node: Node): string | undefined {
  if (alphaOf(node) < 0) return 'no multiplier is below zero, as its slope is';
  const [from, to] = [node.inputs[0]!, node.outputs[0]!].map((name) => annotated.activation(name));
  if (from === undefined || to === undefined) return undefined;
  // What is below zero is kept one less than it is, so the range's end must stay unused.
  const fits = slopeOf(node, from, to) * 2 ** 15 < 2 ** 15 - 1;
  return fits ? undefined : 'its slope leads to the end of the range of its result';
}

const alphaOf = (node: Node): number => Number(node.attributes.alpha ?? 0.01);

/** In single precision, as TFLite computes it. */
function slopeOf(node: Node, from: ActivationScale, to: ActivationScale): number {
  return Math.fround(Math.fround(Math.fround(alphaOf(node)) * Math.fround(from.scale)) / to.scale);
}

/**
 * Its activations are symmetric: zero points are 0. Machines state upper bounds of 16-bit values as one less than a multiple of 256, so what is below zero is kept one
 * less than it is, at most -1, and the sum adds 1 again.
 */
export function convertTwoLines(emission: Emission, node: Node): void {
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  const integer = emission.integerOf(input, node);
  const from = emission.scaleOf(input);
  const to = emission.requiredScale(output, node);
  const { scale } = to;
  const sides = [
    {
      suffix: 'above',
      ratio: Math.fround(from.scale / scale),
      zeroPoint: 0,
      min: 0,
      max: emission.range.max,
    },
    { suffix: 'below', ratio: slopeOf(node, from, to), zeroPoint: -1, min: emission.range.min, max: -1 },
  ];
  const unit = { multiplier: 2 ** (emission.multiplierBits - 2), shift: emission.multiplierBits - 2 };
  const [a, b] = sides.map(({ suffix, ratio, zeroPoint, ...bounds }) => {
    const meaning = { scale, zeroPoint };
    const [first, second = unit] = rounded(emission, ratio);
    const place = { node, suffix, input: integer, scale: meaning };
    const stage = { ...scaledStage(first, { scale: meaning, ...bounds }), bias: 0 };
    return { integer: emission.helper('IntegerRescale', place, stage), ...second };
  }) as [Side, Side];
  const attributes = {
    ...{ leftShift: 0, aBias: 0, aMultiplier: a.multiplier, aShift: a.shift },
    ...{ bBias: 1, bMultiplier: b.multiplier, bShift: b.shift },
    ...scaledStage(unit, { scale: to, ...emission.range }),
  };
  const parts = [a.integer, b.integer];
  emission.define(output, emission.node('IntegerAdd', node, parts, output, attributes), to);
}

/** One side of zero as it enters the sum, with the scale that it gets there. */
interface Side extends FixedPointScale {
  readonly integer: string;
}

/** A ratio as one scale, or as two where a file's kernels round twice. */
function rounded(
  { annotated, multiplierBits, widths }: Emission,
  ratio: number,
): readonly [FixedPointScale, FixedPointScale?] {
  const twice = annotated.wideKernels ? twoRoundings(ratio, { multiplierBits, ...widths }) : undefined;
  return twice ?? [fixedPointScale(ratio, multiplierBits)];
}
