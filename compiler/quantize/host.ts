/**
 * Networks of one segment: what the host prepares, the accelerator's graph, what the host finishes. In: a QuantizedNetwork. Out: its
 * parts, and the host's two run. `segments.ts` has networks of several.
 */

import { InternalError, type Tensor } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { runHost, type SegmentPlan, segmentPlan, subgraph } from './segments.js';
import type { QuantizedNetwork, Sample } from './types.js';

/** Nodes by where they run. */
export interface Partition {
  /** On the host, before the accelerator. */
  readonly prologue: readonly Node[];
  /** On the accelerator. */
  readonly body: readonly Node[];
  /** On the host, after the accelerator. */
  readonly epilogue: readonly Node[];
}

/** @throws InternalError when the host works in the middle too. */
export function partitionHost(network: QuantizedNetwork): Partition {
  const { segments, host } = onePart(network);
  return { prologue: host[0]!, body: segments[0]?.nodes ?? [], epilogue: host[1] ?? [] };
}

/** The accelerator's graph: integer inputs and outputs; without nodes where everything runs on the host. */
export function bodyOf(network: QuantizedNetwork): Graph {
  return onePart(network).segments[0] ?? subgraph(network.graph, [], [], []);
}

function onePart(network: QuantizedNetwork): SegmentPlan {
  const plan = segmentPlan(network);
  if (plan.segments.length > 1)
    throw new InternalError(`network ${network.graph.name} has ${plan.segments.length} segments, not one`);
  return plan;
}

/** Runs the host's prologue: a sample of the network's inputs becomes the first segment's integer inputs. */
export function bodyInputs(network: QuantizedNetwork, sample: Sample): Map<string, Tensor> {
  const { segments, host } = segmentPlan(network);
  const values = new Map(sample);
  runHost(network.graph, host[0]!, values);
  return new Map((segments[0]?.inputs ?? []).map((name) => [name, values.get(name)!]));
}

/** Runs the host's epilogue: the body's outputs become the network's. */
export function finishOutputs(
  network: QuantizedNetwork,
  outputs: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const { epilogue } = partitionHost(network);
  const values = new Map(outputs);
  runHost(network.graph, epilogue, values);
  return new Map(network.graph.outputs.map((name) => [name, values.get(name)!]));
}
