/** What follows an operator and is computed with it: a bias, clamps as bounds, or one function as a table. */

import { clamp } from '../../base/index.js';
import type { Node } from '../graph/index.js';
import { clampBounds, isClamp, isTabled, tableOf } from './activations.js';
import { absorbedBias, type ChannelAxis } from './affine.js';
import type { Emission } from './emission.js';
import type { ActivationScale } from './types.js';

interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface Tail extends Bounds {
  /** The value that the fused operator produces. */
  readonly output: string;
  /** A constant added per channel right behind the operator. */
  readonly bias: readonly number[] | undefined;
  /** Scale in which the accumulator is requantised, before the table if there is one. */
  readonly scale: ActivationScale;
  readonly table: readonly number[] | undefined;
  /** Scale of the output: behind the table if there is one. */
  readonly outputScale: ActivationScale;
}

/**
 * The functions right behind a node that its output stage takes over; they are marked as fused.
 * @param biasAxis where the channels lie for an operator that has a bias; absent for one that has none.
 */
export function tailOf(emission: Emission, node: Node, biasAxis?: ChannelAxis): Tail {
  const bias = biasAxis === undefined ? undefined : takeBias(emission, node, biasAxis);
  const { clamps, output } = takeClamps(emission, bias?.output ?? node.outputs[0]!);
  const scale = emission.requiredScale(output, node);
  const next = emission.onlyReader(output);
  const tables = !emission.annotated.sparse && emission.widths.activationBits <= 8;
  if (clamps.length === 0 && next !== undefined && isTabled(next.operator) && tables)
    return tabledTail(emission, next, scale, bias?.values);
  const bounds = clamps
    .map((c) => clampBounds(c, scale, emission.widths.activationBits))
    .reduce(narrowed, emission.range);
  return { output, bias: bias?.values, scale, ...bounds, table: undefined, outputScale: scale };
}

/** The bounds of one clamp after another. */
function narrowed(first: Bounds, next: Bounds): Bounds {
  return { min: clamp(first.min, next.min, next.max), max: clamp(first.max, next.min, next.max) };
}

function takeBias(
  emission: Emission,
  node: Node,
  axis: ChannelAxis,
): { output: string; values: readonly number[] } | undefined {
  const value = node.outputs[0]!;
  const next = emission.onlyReader(value);
  const values = next && absorbedBias(emission.graph, next, value, axis);
  if (next === undefined || values === undefined) return undefined;
  emission.fused.add(next);
  return { output: next.outputs[0]!, values };
}

function takeClamps(emission: Emission, from: string): { clamps: readonly Node[]; output: string } {
  const clamps: Node[] = [];
  let output = from;
  for (
    let next = emission.onlyReader(output);
    next !== undefined && isClamp(next.operator);
    next = emission.onlyReader(output)
  ) {
    clamps.push(next);
    emission.fused.add(next);
    output = next.outputs[0]!;
  }
  return { clamps, output };
}

function tabledTail(
  emission: Emission,
  node: Node,
  scale: ActivationScale,
  bias: readonly number[] | undefined,
): Tail {
  const output = node.outputs[0]!;
  const outputScale = emission.requiredScale(output, node);
  emission.fused.add(node);
  const table = tableOf(node, scale, outputScale, emission.widths.activationBits);
  return { output, bias, scale, ...emission.range, table, outputScale };
}
