/**
 * Graph + Machine -> Dataflow. In: an integer graph (compiler/graph/integer.md) and a checked Machine. Out: the dataflow with
 * its constants, every operation with explicit addresses and semaphores. Layers run one after another in the order of the graph;
 * units overlap within and across layers as far as the data allow.
 */

import {
  collect,
  type Diagnostic,
  DiagnosticError,
  fail,
  InternalError,
  type Result,
  succeed,
} from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Dataflow, DataflowLayer, DataImage } from '../dataflow/index.js';
import { type Graph, type Node, nodeMacs } from '../graph/index.js';
import { beyondAddressSpace, placeOfNode, unsupportedOperator } from './diagnostics.js';
import { layerEmitter } from './layers.js';
import { aliasesOf, legalize } from './legalize/index.js';
import { Session } from './session.js';
import { DramTensors } from './tensors.js';

export interface Schedule {
  readonly dataflow: Dataflow;
  /** Contents of the constant tensors. */
  readonly image: DataImage;
}

/**
 * Schedules an integer graph.
 * @param graph int8 inputs and outputs, the operators of integer.md and shape operators.
 * @returns the schedule, or located diagnostics: an operator without implementation, a vector function that the machine lacks,
 *   a buffer that even the smallest tile does not fit. Warnings (expanded groups) come with a success.
 */
export function schedule(graph: Graph, machine: Machine): Result<Schedule> {
  const legal = legalize(graph, machine);
  if (!legal.ok) return legal;
  const scheduled = collect(() => scheduleLegal(legal.value, graph, machine));
  if (!scheduled.ok) return fail(...legal.diagnostics, ...scheduled.diagnostics);
  return succeed(scheduled.value, legal.diagnostics);
}

/** @param source the graph before legalisation: values that it lacks were made by the scheduler. */
function scheduleLegal(graph: Graph, source: Graph, machine: Machine): Schedule {
  const tensors = new DramTensors(machine);
  const placed = new Map<string, string>();
  const aliases = aliasesOf(graph);
  const home = (value: string) => aliases.get(value) ?? value;
  for (const input of graph.inputs)
    placed.set(input, tensors.activation('input', input, { shape: shapeOf(graph, input) }));
  const nodes = graph.nodes.filter((node) => !aliases.has(node.outputs[0]!));
  const outputs = new Map(graph.outputs.map((name) => [home(name), name]));
  for (const node of nodes) {
    const value = node.outputs[0]!;
    const name = outputs.get(value);
    const kind = name === undefined ? 'tensor' : 'output';
    const made = !source.values.has(value);
    placed.set(
      value,
      tensors.activation(kind, name ?? value, { shape: shapeOf(graph, name ?? value), made }),
    );
  }
  const session = new Session(machine, tensors);
  const tensorOf = (value: string): string | undefined => placed.get(home(value));
  const layers = nodes.map((node) => scheduleNode(graph, node, session, tensorOf));
  if (tensors.bytes > 2 ** 32) throw new DiagnosticError([beyondAddressSpace(graph.name, tensors.bytes)]);
  const bodies = session.emitter.finish();
  return {
    dataflow: {
      name: graph.name,
      machine: machine.name,
      tensors: tensors.all,
      layers: layers.map((layer, i) => ({ ...layer, body: bodies[i]! })),
    },
    image: tensors.image,
  };
}

function shapeOf(graph: Graph, value: string): readonly number[] {
  const found = graph.values.get(value);
  if (found === undefined) throw new InternalError(`value ${value} is not in the graph`);
  return found.type.shape;
}

function scheduleNode(
  graph: Graph,
  node: Node,
  session: Session,
  tensorOf: (value: string) => string | undefined,
): Omit<DataflowLayer, 'body'> {
  const where = placeOfNode(graph.name, node);
  const emit = layerEmitter(node.operator);
  if (emit === undefined) throw new DiagnosticError([unsupported(graph, node)]);
  const { tensors, emitter } = session;
  const output = tensorOf(node.outputs[0]!)!;
  const activations = node.inputs.filter((name) => tensorOf(name) !== undefined);
  const view = (value: string) => tensors.view(tensorOf(value)!, shapeOf(graph, value));
  emitter.beginLayer(where);
  emit(session, {
    node,
    where,
    inputs: activations.map(view),
    output: view(node.outputs[0]!),
    constants: node.inputs.map((name) => graph.values.get(name)),
  });
  const { name, origin } = node;
  return { name, node: origin.name, operator: origin.operator, macs: macsOf(graph, node), output };
}

/** MACs of the network: rewritten nodes remember those of the node that they replace. */
function macsOf(graph: Graph, node: Node): number {
  const macs = node.attributes.macs;
  return typeof macs === 'number' ? macs : nodeMacs(graph, node);
}

function unsupported(graph: Graph, node: Node): Diagnostic {
  const where = placeOfNode(graph.name, node);
  const hint = 'keep it on the host (after the last DequantizeLinear), or rewrite the network without it';
  return unsupportedOperator(where, node.operator, 'the accelerator has no such operation', hint);
}
