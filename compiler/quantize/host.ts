/**
 * Where the accelerator ends. The body of a quantised network is what takes integers of the machine and gives them; QuantizeLinear in front,
 * DequantizeLinear and float operators behind run on the host. In: a QuantizedNetwork. Out: the body, and the host's two parts run.
 */

import type { ElementType, Tensor } from '../../base/index.js';
import { evaluateGraph, type Graph, type Node } from '../graph/index.js';
import type { QuantizedNetwork, Sample } from './types.js';

const activationTypes: ReadonlySet<ElementType> = new Set(['int4', 'int8', 'int16']);

/** Nodes by where they run. */
export interface Partition {
  /** On the host, before the accelerator. */
  readonly prologue: readonly Node[];
  /** On the accelerator. */
  readonly body: readonly Node[];
  /** On the host, after the accelerator. */
  readonly epilogue: readonly Node[];
}

export function partitionHost({ graph }: QuantizedNetwork): Partition {
  const isInteger = (name: string) => activationTypes.has(graph.values.get(name)?.type.element ?? 'string');
  const inBody = (node: Node) =>
    node.outputs.every(isInteger) &&
    node.operator !== 'QuantizeLinear' &&
    node.inputs.every(
      (name) => name === '' || graph.values.get(name)!.constant !== undefined || isInteger(name),
    );
  const body = graph.nodes.filter(inBody);
  const after = new Set(body.flatMap((node) => node.outputs));
  const epilogue: Node[] = [];
  for (const node of graph.nodes) {
    if (body.includes(node) || !node.inputs.some((name) => after.has(name))) continue;
    epilogue.push(node);
    for (const output of node.outputs) after.add(output);
  }
  return {
    body,
    epilogue,
    prologue: graph.nodes.filter((node) => !body.includes(node) && !epilogue.includes(node)),
  };
}

/** The accelerator's graph: integer inputs and outputs. */
export function bodyOf(network: QuantizedNetwork): Graph {
  const { graph } = network;
  const { body } = partitionHost(network);
  const computed = new Set(body.flatMap((node) => node.outputs));
  const activation = (name: string) => name !== '' && graph.values.get(name)!.constant === undefined;
  const inputs = [
    ...new Set(body.flatMap((node) => node.inputs.filter((name) => activation(name) && !computed.has(name)))),
  ];
  const readOutside = new Set(
    graph.nodes.filter((node) => !body.includes(node)).flatMap((node) => node.inputs),
  );
  const outputs = [...computed].filter((name) => readOutside.has(name) || graph.outputs.includes(name));
  return part(graph, body, inputs, outputs);
}

/** A subgraph with the values that it touches. */
function part(
  graph: Graph,
  nodes: readonly Node[],
  inputs: readonly string[],
  outputs: readonly string[],
): Graph {
  const names = new Set([
    ...inputs,
    ...outputs,
    ...nodes.flatMap((node) => [...node.inputs, ...node.outputs]),
  ]);
  return {
    name: graph.name,
    inputs,
    outputs,
    nodes,
    values: new Map([...graph.values].filter(([name]) => names.has(name))),
  };
}

/** Runs the host's prologue: a sample of the network's inputs becomes the body's integer inputs. */
export function bodyInputs(network: QuantizedNetwork, sample: Sample): Map<string, Tensor> {
  const body = bodyOf(network);
  const { prologue } = partitionHost(network);
  const graph = part(network.graph, prologue, network.graph.inputs, []);
  const values = evaluateGraph(graph, sample, { keep: 'all' });
  return new Map(body.inputs.map((name) => [name, values.get(name) ?? sample.get(name)!]));
}

/** Runs the host's epilogue: the body's outputs become the network's. */
export function finishOutputs(
  network: QuantizedNetwork,
  outputs: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const { epilogue } = partitionHost(network);
  const body = bodyOf(network);
  const values = evaluateGraph(
    part(network.graph, epilogue, body.outputs, []),
    new Map(body.outputs.map((name) => [name, outputs.get(name)!])),
    { keep: 'all' },
  );
  return new Map(network.graph.outputs.map((name) => [name, values.get(name)!]));
}
