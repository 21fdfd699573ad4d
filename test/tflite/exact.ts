/** Quantised TFLite networks beside what TFLite's own kernels gave. In: the shared data, golden.json. Out: comparisons, number by number and layer by layer. */

import { createHash } from 'node:crypto';
import { type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph } from '../../compiler/graph/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { importQuantized } from '../../compiler/quantize/index.js';
import { type ExactCase, inputsOf, networkBytes } from './cases.js';
import { golden } from './golden.js';

/** The network's graph as the compiler quantises it for a machine with a requantiser of that width: the full one, unless stated. */
export function integerGraph(exact: ExactCase, multiplierBits = 32): Graph {
  const network = runPasses(unwrap(importTflite(networkBytes(exact))));
  return unwrap(importQuantized(network, { multiplierBits, weightBits: exact.weightBits })).graph;
}

/** Each input of a case as the graph's tensor, by name. */
export function feeds(exact: ExactCase, graph: Graph): ReadonlyMap<string, Tensor>[] {
  return inputsOf(exact).map((x) => new Map([[graph.inputs[0]!, tensor(exact.element, exact.shape, x)]]));
}

/** Every result of the file that the graph also has, by the name in the file: as bytes, channels last. */
export function layerBytes(
  exact: ExactCase,
  graph: Graph,
  values: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const { origin, outputs } of graph.nodes) {
    const value = values.get(outputs[0]!);
    // int8 values stand for uint8 ones by 128 more; graph outputs keep their element.
    const shift = exact.element === 'uint8' && value?.element === 'int8' ? 128 : 0;
    if (value?.element === 'int8' || value?.element === 'uint8')
      found.set(
        origin.name,
        Uint8Array.from(channelsLast(value), (v) => v + shift),
      );
  }
  return found;
}

function channelsLast({ data, shape }: Tensor): number[] {
  const [, channels = 1, height = 1, width = 1] = shape;
  const values = Array.from(data, Number);
  if (shape.length !== 4) return values;
  const pixels = height * width;
  return values.map((_, i) => values[(i % channels) * pixels + Math.floor(i / channels)]!);
}

export const hashOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 12);

export interface Compared {
  /** Numbers of the network's outputs. */
  readonly numbers: number;
  readonly equal: number;
  /** Results of operators, each in every inference; those that the compiler fused away are not compared. */
  readonly layers: number;
  /** By the names in the file. */
  readonly different: readonly string[];
}

const evaluated = new Map<ExactCase, Compared>();

/** `compareEvaluated` for the full-width requantiser, once a process. */
export function evaluatedOnce(exact: ExactCase): Compared {
  const known = evaluated.get(exact) ?? compareEvaluated(exact);
  evaluated.set(exact, known);
  return known;
}

/** The evaluator's integers beside the recorded ones. */
export function compareEvaluated(exact: ExactCase, graph = integerGraph(exact)): Compared {
  const runs = feeds(exact, graph).map((inputs) => evaluateGraph(graph, inputs, { keep: 'all' }));
  return compareValues(exact, graph, runs);
}

/** @param runs the graph's values of each inference, in the order of the case's inputs, from input `first` on. */
export function compareValues(
  exact: ExactCase,
  graph: Graph,
  runs: readonly ReadonlyMap<string, Tensor>[],
  first = 0,
): Compared {
  const recorded = golden.networks[exact.file]!;
  const outcome = { numbers: 0, equal: 0, layers: 0, different: [] as string[] };
  runs.forEach((values, index) => {
    const k = first + index;
    const expected = Buffer.from(recorded.outputs[k]!, 'base64');
    const found = Uint8Array.from(values.get(graph.outputs[0]!)!.data, Number);
    outcome.numbers += expected.length;
    outcome.equal += expected.filter((value, i) => value === found[i]).length;
    const bytes = layerBytes(exact, graph, values);
    for (const { name, hashes } of recorded.layers) {
      const own = bytes.get(name);
      if (own === undefined) continue;
      outcome.layers += 1;
      if (hashOf(own) !== hashes[k]) outcome.different.push(`${k}: ${name}`);
    }
  });
  return outcome;
}
