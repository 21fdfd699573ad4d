/**
 * Products of two activations: gates of channels, gated units, states of recurrent cells. The accelerator multiplies with one operand
 * in the weights' place, where nothing takes a zero point off, so both get a zero point of 0. In: Mul. Out: IntegerMul.
 */

import { type Graph, isFactorOf, type Node } from '../graph/index.js';
import { rescaled } from './convert-elementwise.js';
import type { Emission } from './emission.js';
import { stageAttributes } from './stage.js';
import { tailOf } from './tail.js';
import type { ActivationScale } from './types.js';

/** The operands with the larger one first, undefined where the other one is no factor of it. */
export function productOf(graph: Graph, node: Node): readonly [string, string] | undefined {
  if (node.operator !== 'Mul') return undefined;
  const [a, b] = node.inputs as [string, string];
  const shape = (name: string) => graph.values.get(name)!.type.shape;
  if (node.inputs.some((name) => graph.values.get(name)!.constant !== undefined) || shape(a).length < 2)
    return undefined;
  if (isFactorOf(shape(b), shape(a))) return [a, b];
  return isFactorOf(shape(a), shape(b)) ? [b, a] : undefined;
}

/** The scale of the same range with a zero point of 0. */
export function symmetric(
  { scale, zeroPoint }: ActivationScale,
  { min, max }: { readonly min: number; readonly max: number },
): ActivationScale {
  if (zeroPoint === 0) return { scale, zeroPoint };
  return { scale: Math.fround((scale * Math.max(max - zeroPoint, zeroPoint - min)) / max), zeroPoint: 0 };
}

export function convertProduct(emission: Emission, node: Node): void {
  const operands = productOf(emission.graph, node)!.map((name, i) => {
    const integer = emission.integerOf(name, node);
    const scale = emission.scaleOf(name);
    const to = symmetric(scale, emission.range);
    return { scale: to, integer: rescaled(emission, { node, suffix: `operand${i}`, integer, scale }, to) };
  });
  const tail = tailOf(emission, node);
  const ratio = (operands[0]!.scale.scale * operands[1]!.scale.scale) / tail.scale.scale;
  const inputs = operands.map(({ integer }) => integer);
  const attributes = stageAttributes([ratio], tail, emission.multiplierBits);
  emission.define(
    tail.output,
    emission.node('IntegerMul', node, inputs, tail.output, attributes),
    tail.outputScale,
  );
}
