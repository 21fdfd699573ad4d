/**
 * Verification of networks too large to simulate whole: single layers, compiled on their own with the activations that they
 * really get. One layer of each integer operator, the smallest by MACs; their values and cycles are held like a whole network's.
 */

import { type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, graphMacs, type Node } from '../../compiler/graph/index.js';
import { lower } from '../../compiler/lower/index.js';
import type { Compiled } from '../../compiler/pipeline/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Sample } from './samples.js';
import type { Subject } from './verify.js';

export interface LayerCase {
  readonly subject: Subject;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly label: string;
}

/** @param sample of the network's inputs. */
export function sampleLayers(compiled: Compiled, sample: Sample): LayerCase[] {
  const { machine, segments, quantized } = compiled;
  if (segments.length === 1) {
    const { body } = compiled;
    const values = evaluateGraph(body, bodyInputs(quantized, sample), { keep: 'all' });
    return chooseNodes(body).map((node) => layerCase(machine, body, node, values));
  }
  const values = evaluateGraph(quantized.graph, sample, { keep: 'all' });
  const all = { ...quantized.graph, nodes: segments.flatMap(({ body }) => body.nodes) };
  return chooseNodes(all).map((node) => layerCase(machine, all, node, values));
}

/** The smallest node of each computing operator (convolutions apart by kernel and group), in network order. */
export function chooseNodes(body: Graph): Node[] {
  const smallest = new Map<string, Node>();
  for (const node of body.nodes.filter((n) => n.operator.startsWith('Integer'))) {
    const key = kindOf(body, node);
    const best = smallest.get(key);
    if (best === undefined || weight(body, node) < weight(body, best)) smallest.set(key, node);
  }
  return body.nodes.filter((node) => [...smallest.values()].includes(node));
}

function kindOf(body: Graph, node: Node): string {
  if (node.operator !== 'IntegerConv') return node.operator;
  const kernel = body.values.get(node.inputs[1]!)!.type.shape.slice(2);
  const depthwise = Number(node.attributes.group ?? 1) > 1;
  return `${node.operator} ${depthwise ? 'grouped' : 'dense'} ${kernel.join('x')}`;
}

function weight(body: Graph, node: Node): number {
  const output = body.values.get(node.outputs[0]!)!.type.shape;
  return graphMacs({ ...body, nodes: [node] }) + output.reduce((product, extent) => product * extent, 1);
}

function layerCase(
  machine: Machine,
  body: Graph,
  node: Node,
  values: ReadonlyMap<string, Tensor>,
): LayerCase {
  const activations = [
    ...new Set(node.inputs.filter((name) => name !== '' && body.values.get(name)!.constant === undefined)),
  ];
  const names = new Set([...node.inputs, ...node.outputs]);
  const graph: Graph = {
    name: `${body.name}:${node.name}`,
    inputs: activations,
    outputs: node.outputs,
    values: new Map([...body.values].filter(([name]) => names.has(name))),
    nodes: [node],
  };
  const { dataflow, image } = unwrap(schedule(graph, machine));
  const program = unwrap(lower(dataflow, machine, image));
  const inputs = new Map(activations.map((name) => [name, values.get(name)!]));
  return { subject: { machine, program, body: graph }, inputs, label: `layer ${node.origin.name}` };
}
