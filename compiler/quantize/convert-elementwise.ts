/** Residual adds, functions of one variable, concatenation, changes of shape. */

import { fixedPointScale } from '../../base/index.js';
import type { Node } from '../graph/index.js';
import { clampBounds, isClamp, tableOf } from './activations.js';
import type { Emission } from './emission.js';
import { rescaleAttributes, scaledStage, stageAttributes } from './stage.js';
import { tailOf } from './tail.js';
import { twoRoundings } from './two-roundings.js';
import type { ActivationScale } from './types.js';

/** Operands are shifted left by this before scaling, as TFLite does: 20 bits below the point, 15 for 16-bit activations. */
function leftShiftOf({ widths }: Emission): number {
  return widths.activationBits > 8 ? 15 : 20;
}

export function convertAdd(emission: Emission, node: Node): void {
  const [a, b] = node.inputs as [string, string];
  const inputs = [emission.integerOf(a, node), emission.integerOf(b, node)];
  const [scaleA, scaleB] = [emission.scaleOf(a), emission.scaleOf(b)];
  const tail = tailOf(emission, node);
  const common = 2 * Math.max(scaleA.scale, scaleB.scale);
  const bits = emission.multiplierBits;
  const operandA = fixedPointScale(scaleA.scale / common, bits);
  const operandB = fixedPointScale(scaleB.scale / common, bits);
  const leftShift = leftShiftOf(emission);
  const output = emission.node('IntegerAdd', node, inputs, tail.output, {
    leftShift,
    aBias: -scaleA.zeroPoint * 2 ** leftShift,
    aMultiplier: operandA.multiplier,
    aShift: operandA.shift,
    bBias: -scaleB.zeroPoint * 2 ** leftShift,
    bMultiplier: operandB.multiplier,
    bShift: operandB.shift,
    ...stageAttributes([common / (2 ** leftShift * tail.scale.scale)], tail, bits),
  });
  emission.define(tail.output, output, tail.outputScale);
}

/** A clamp or a tabled function that could not be fused. */
export function convertFunction(emission: Emission, node: Node): void {
  const input = node.inputs[0]!;
  const output = node.outputs[0]!;
  const integer = emission.integerOf(input, node);
  const from = emission.scaleOf(input);
  const to = emission.requiredScale(output, node);
  if (isClamp(node.operator)) {
    const bounds = { scale: to, ...clampBounds(node, to, emission.widths.activationBits) };
    convertClamp(emission, node, { integer, from, bounds });
    return;
  }
  const table = tableOf(node, from, to, emission.widths.activationBits);
  const stage = { scale: from, ...emission.range, table };
  const attributes = rescaleAttributes(from, stage, emission.multiplierBits);
  emission.define(output, emission.node('IntegerRescale', node, [integer], output, attributes), to);
}

interface Clamped {
  readonly integer: string;
  readonly from: ActivationScale;
  readonly bounds: { readonly scale: ActivationScale; readonly min: number; readonly max: number };
}

/** Bounds and a change of scale. */
function convertClamp(emission: Emission, node: Node, { integer, from, bounds }: Clamped): void {
  const { multiplierBits, widths, annotated } = emission;
  const output = node.outputs[0]!;
  const twice = annotated.wideKernels
    ? twoRoundings(from.scale / bounds.scale.scale, { multiplierBits, ...widths })
    : undefined;
  const wide = { scale: bounds.scale, ...emission.range };
  const first = { node, suffix: 'first', input: integer, scale: bounds.scale };
  const input =
    twice === undefined ? integer : emission.helper('IntegerRescale', first, scaledStage(twice[0], wide));
  const attributes =
    twice === undefined ? rescaleAttributes(from, bounds, multiplierBits) : scaledStage(twice[1], bounds);
  emission.define(output, emission.node('IntegerRescale', node, [input], output, attributes), bounds.scale);
}

const joins: Readonly<Record<string, string>> = { Concat: 'Concat', Interleave: 'IntegerInterleave' };

/** Inputs are brought to the output's scale where theirs differs. */
export function convertJoin(emission: Emission, node: Node): void {
  const output = node.outputs[0]!;
  const to = emission.requiredScale(output, node);
  const inputs = node.inputs.map((name, index) => {
    const integer = emission.integerOf(name, node);
    const [input, suffix] = [{ integer, scale: emission.scaleOf(name) }, `input${index}`];
    return rescaled(emission, { node, suffix, ...input }, to);
  });
  emission.define(output, emission.node(joins[node.operator]!, node, inputs, output, node.attributes), to);
}

/** The same values in another scale: themselves, or through an IntegerRescale. */
export function rescaled(
  emission: Emission,
  from: { node: Node; suffix: string; integer: string; scale: ActivationScale },
  to: ActivationScale,
): string {
  if (from.scale.scale === to.scale && from.scale.zeroPoint === to.zeroPoint) return from.integer;
  const attributes = rescaleAttributes(from.scale, { scale: to, ...emission.range }, emission.multiplierBits);
  return emission.helper('IntegerRescale', { ...from, input: from.integer, scale: to }, attributes);
}

/** Reshape and its kin move bytes and keep their meaning; a framework that states another scale behind them gets it. */
export function convertShape(emission: Emission, node: Node): void {
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  const stated = emission.annotated.sparse ? emission.annotated.activation(output) : undefined;
  const integer = emission.integerOf(input, node);
  const from = { node, suffix: 'rescale', integer, scale: emission.scaleOf(input) };
  const to = stated ?? from.scale;
  const source = rescaled(emission, from, to);
  emission.define(output, emission.node(node.operator, node, [source], output, node.attributes), to);
}
