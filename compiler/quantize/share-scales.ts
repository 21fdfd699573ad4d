/** One scale for all that a Concat joins, so that joining moves bytes only. In and out: a scale per activation. */

import { integerRange } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { conversionOf } from './conversions.js';
import { productOf, symmetric } from './convert-product.js';
import type { ActivationScale } from './types.js';

/** An input whose own scale is finer by more than this keeps it, and is rescaled: its other readers would lose over 2 bits. */
const COARSEST = 4;

/**
 * Gives each input of a Concat the scale of the result. Last Concat first, so that a chain of them takes one scale; through
 * operators that keep their input's scale, back to the value that is requantised.
 */
export function shareScales(
  graph: Graph,
  scales: ReadonlyMap<string, ActivationScale>,
): ReadonlyMap<string, ActivationScale> {
  const shared = new Map(scales);
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  for (const node of graph.nodes.toReversed()) {
    const common = shared.get(node.outputs[0]!);
    if ((node.operator !== 'Concat' && node.operator !== 'Interleave') || common === undefined) continue;
    for (const name of node.inputs) {
      const own = shared.get(name);
      if (own === undefined || own.scale * COARSEST < common.scale) continue;
      for (const part of sourcesOf(name, producers)) shared.set(part, common);
    }
  }
  return shared;
}

/** Operands of products get a zero point of 0 from the start, which spares a change of scale in front of each product. */
export function symmetricFactors(
  graph: Graph,
  scales: ReadonlyMap<string, ActivationScale>,
  bits: number,
): ReadonlyMap<string, ActivationScale> {
  const result = new Map(scales);
  for (const name of graph.nodes.flatMap((node) => productOf(graph, node) ?? [])) {
    const scale = result.get(name);
    if (scale !== undefined) result.set(name, symmetric(scale, integerRange(bits)));
  }
  return result;
}

/** A value and those in front of it that have the same scale by construction. */
function sourcesOf(value: string, producers: ReadonlyMap<string, Node>): readonly string[] {
  const names = [value];
  for (
    let node = producers.get(value);
    node !== undefined && conversionOf(node)?.keepsScale;
    node = producers.get(node.inputs[0]!)
  )
    names.push(node.inputs[0]!);
  return names;
}
