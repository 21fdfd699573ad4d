/**
 * The passes of float networks, for a network that its framework has quantised: those that change no rounding. In: an annotated network. Out: one of the same integers, in
 * terms of what the accelerator has. Channel shuffles become a Gather; transposed convolutions, pools of one axis, maxima of two or of large planes, and reads of one
 * position become what they become in float networks; functions of one value become one table, in which every value that has integers of its own is
 * rounded to them. Means of large planes in two windows and LSTM, GRU and RNN step by step would round where the file states nothing: they are left.
 */

import type { Graph, Node } from '../graph/index.js';
import {
  exactPoolRules,
  exactRules,
  expandBy,
  type FusedMeaning,
  fuseFunctionsOf,
  fuseShuffles,
  removeUnused,
  sinkIntoPhases,
} from '../passes/index.js';
import { conversionOf } from './conversions.js';
import { productOf } from './convert-product.js';
import type { ActivationScale, Annotated, QuantizedWeights } from './types.js';

/** What the machine has beyond convolutions. */
export interface StatedForm {
  /** Look-up tables of 8-bit activations. */
  readonly tables: boolean;
  /** Pools and sums. */
  readonly expanded: boolean;
}

export function expandStated(annotated: Annotated, { tables, expanded }: StatedForm): Annotated {
  const rules = expanded ? { ...exactRules, ...exactPoolRules } : exactRules;
  const shuffled = fuseShuffles.run(annotated.graph);
  const fused = tables ? fuseFunctionsOf(shuffled, statedMeaning(annotated)) : shuffled;
  const phased = sinkIntoPhases(expandBy(fused, rules), (node) => !isStated(annotated, node.inputs[0]!));
  if (phased === annotated.graph) return annotated;
  return withNewValues(annotated, removeUnused.run(phased));
}

const isStated = ({ activation }: Annotated, value: string): boolean => activation(value) !== undefined;

/** A function goes from stated integers to stated integers, and what it writes down on the way is rounded as QuantizeLinear does. */
function statedMeaning({ graph, activation }: Annotated): FusedMeaning {
  // TFLite's kernels multiply in fixed point: there only what the host would compute in float becomes a table.
  const shifted = (node: Node) =>
    (productOf(graph, node) ?? []).some((name) => (activation(name)?.zeroPoint ?? 0) !== 0);
  return {
    written: (value, term) => roundedTerm(term, activation(value)),
    allows: (nodes, input, output) =>
      activation(input) !== undefined &&
      activation(output) !== undefined &&
      (graph.kernels !== 'tflite' || [...nodes].some(shifted)),
  };
}

/** scale * clamp(round(term / scale)), halves to even, in single precision. */
function roundedTerm(term: string, stated: ActivationScale | undefined): string {
  if (stated === undefined) return term;
  const { scale, zeroPoint } = stated;
  return `Mul(Clip{min=${-128 - zeroPoint},max=${127 - zeroPoint}}(Round(Div(${term},${scale}))),${scale})`;
}

/** Scales of the values and integers of the weights that the passes have added. */
function withNewValues(annotated: Annotated, graph: Graph): Annotated {
  const known = annotated.graph;
  const scales = new Map<string, ActivationScale>();
  const scaleOf = (name: string) => scales.get(name) ?? annotated.activation(name);
  const isNew = (name: string) => !known.values.has(name) && graph.values.get(name)?.constant === undefined;
  // What a join or a move makes of new values has their scale.
  for (const { operator, inputs, outputs } of graph.nodes.toReversed()) {
    const scale = scaleOf(outputs[0]!);
    const keeps = operator === 'Interleave' || operator === 'Concat' || keepsScale(operator);
    if (scale === undefined || !keeps) continue;
    for (const name of inputs) if (isNew(name) && scaleOf(name) === undefined) scales.set(name, scale);
  }
  const weights = newWeights(annotated, graph);
  return {
    ...annotated,
    graph,
    activation: scaleOf,
    weights: (name) => weights.get(name) ?? annotated.weights(name),
  };
}

function keepsScale(operator: string): boolean {
  return conversionOf({ operator } as Node)?.keepsScale === true;
}

/** Convolutions that were phases of a transposed one have its weights, rearranged: their integers are known from their real values. */
function newWeights(
  { graph: known, weights }: Annotated,
  graph: Graph,
): ReadonlyMap<string, QuantizedWeights> {
  const transposed = new Map(
    known.nodes
      .filter(({ operator }) => operator === 'ConvTranspose')
      .map((node) => [node.origin.name, node]),
  );
  const found = new Map<string, QuantizedWeights>();
  for (const { operator, origin, inputs } of graph.nodes) {
    const source = operator === 'Conv' ? transposed.get(origin.name) : undefined;
    const stored = source === undefined ? undefined : weights(source.inputs[1]!);
    if (stored === undefined || known.values.has(inputs[1]!)) continue;
    const { data, shape } = graph.values.get(inputs[1]!)!.constant!;
    found.set(inputs[1]!, rearranged(stored, data as Float32Array, shape[0]!));
  }
  return found;
}

/** Real weights [O, ...] as the integers that they come from. */
function rearranged(
  { data, element, scale }: QuantizedWeights,
  real: Float32Array,
  channels: number,
): QuantizedWeights {
  const each = real.length / channels;
  const scales = Array.from({ length: channels }, (_, o) => scale[o % scale.length]!);
  const integers = data.slice(0, 0).constructor as new (length: number) => QuantizedWeights['data'];
  const result = new integers(real.length);
  for (let i = 0; i < real.length; i++) result[i] = Math.round(real[i]! / scales[Math.floor(i / each)]!);
  return { data: result, element, scale: scale.length === 1 ? scale : scales, axis: 0 };
}
