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
import type { Instruction } from '../isa/index.js';
import { emitCopies } from './copy.js';
import { beyondAddressSpace, placeOfNode, unsupportedOperator } from './diagnostics.js';
import type { HomeShape } from './home-shape.js';
import { layerEmitter } from './layers.js';
import { joinsPixels, legalize } from './legalize/index.js';
import type { LayerMapping } from './mapping.js';
import { Placement } from './placement.js';
import { type HomePlanning, planHome } from './plan-home.js';
import { Session, type Trial } from './session.js';
import { DramTensors } from './tensors.js';

export interface Schedule {
  readonly dataflow: Dataflow;
  /** Contents of the constant tensors. */
  readonly image: DataImage;
  /** Of every layer of the dataflow; none for copies. */
  readonly mappings: readonly (LayerMapping | undefined)[];
}

/**
 * Schedules an integer graph.
 * @param graph int8 inputs and outputs, the operators of integer.md and shape operators.
 * @returns the schedule, or located diagnostics: an operator without implementation, a vector function that the machine lacks,
 *   a buffer that even the smallest tile does not fit. Warnings (expanded groups) come with a success.
 */
export function schedule(graph: Graph, machine: Machine, options: ScheduleOptions = {}): Result<Schedule> {
  const legal = legalize(graph, machine);
  if (!legal.ok) return legal;
  const scheduled = collect(() => scheduleLegal(legal.value, graph, machine, options));
  if (!scheduled.ok) return fail(...legal.diagnostics, ...scheduled.diagnostics);
  return succeed(scheduled.value, legal.diagnostics);
}

/** @param source the graph before legalisation: values that it lacks were made by the scheduler. */
function scheduleLegal(
  graph: Graph,
  source: Graph,
  machine: Machine,
  { measure, keepOnChip = false }: ScheduleOptions,
): Schedule {
  const tensors = new DramTensors(machine);
  const placement = new Placement(graph, machine.array.rows);
  for (const input of graph.inputs)
    placement.declare(input, tensors.activation('input', input, { shape: shapeOf(graph, input) }));
  const outputs = new Map(graph.outputs.map((name) => [placement.home(name), name]));
  for (const node of graph.nodes) {
    const value = node.outputs[0]!;
    if (!placement.hasTensor(value)) continue;
    const name = outputs.get(value);
    const kind = name === undefined ? 'tensor' : 'output';
    const made = !source.values.has(value);
    placement.declare(
      value,
      tensors.activation(kind, name ?? value, { shape: shapeOf(graph, name ?? value), made }),
    );
  }
  const session = new Session(machine, tensors);
  const nodes = graph.nodes.filter((node) => placement.needsWork(node));
  const mappings: (LayerMapping | undefined)[] = [];
  const decided = new Map<string, Choice>();
  const layers = nodes.map((node, index) => {
    const made = new Map<string, unknown>();
    let choice = firstChoice;
    if (measure !== undefined) {
      const key = layerKey(graph, node);
      choice = decided.get(key) ?? decide(graph, node, { session, placement, made, measure });
      decided.set(key, choice);
    }
    session.beginLayer({ ...choice, made });
    if (keepOnChip !== false) {
      const kept = keepOf({ graph, placement, session, keepOnChip }, nodes, index);
      session.keep(readsOf(placement, tensors, node), kept);
      // Finalists of lines of pixels are none of pictures.
      if (session.keepsPictures) session.beginLayer({ ...firstChoice, made: new Map() });
    }
    const layer = scheduleNode(graph, node, session, placement);
    mappings.push(session.takeMapping());
    return layer;
  });
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
    mappings,
  };
}

export interface ScheduleOptions {
  /**
   * Exact cycles of a program that is one layer alone (the timing engine gives them). With it the few best mappings of a layer are written and
   * measured, and the quickest is taken; without it the one that the closed forms believe to be the best.
   */
  readonly measure?: (instructions: readonly Instruction[]) => number;
  /**
   * Results that fit whole in one bank of act stay there for the next layer, which then does not load them (machines with four banks or more).
   * They are stored all the same, so that every layer's values can be compared. A function that gives exact cycles (as of `measure`): only
   * where the two layers together are quicker for it; true: wherever it is possible.
   */
  readonly keepOnChip?: boolean | ((instructions: readonly Instruction[]) => number);
}

/** Names of the tensors of a node's activations. */
function readsOf(placement: Placement, tensors: DramTensors, node: Node): readonly string[] {
  const stored = node.inputs.filter((name) => placement.isStored(name));
  return stored.map((name) => placement.view(tensors, name).tensor);
}

/** The home of a layer's result: none where the two layers together are no quicker for it. */
function keepOf(
  { keepOnChip, ...planning }: HomePlanning & { readonly keepOnChip: ScheduleOptions['keepOnChip'] },
  nodes: readonly Node[],
  index: number,
): HomeShape | undefined {
  const { graph, placement, session } = planning;
  const [node, next] = [nodes[index]!, nodes[index + 1]];
  const planned = planHome(planning, node, next);
  if (planned === undefined || next === undefined || typeof keepOnChip !== 'function') return planned;
  const cycles = [undefined, planned].map((home) => {
    const scratch = new Session(session.machine, session.tensors.copy());
    scratch.keep([], home);
    scheduleNode(graph, node, scratch, placement);
    scratch.beginLayer({ ...firstChoice, made: new Map() });
    scratch.keep(readsOf(placement, scratch.tensors, next), undefined);
    scheduleNode(graph, next, scratch, placement);
    return keepOnChip(scratch.emitter.instructions());
  });
  return cycles[1]! < cycles[0]! ? planned : undefined;
}

/** What is needed to write a layer on trial. */
interface Decision {
  readonly session: Session;
  readonly placement: Placement;
  readonly made: Map<string, unknown>;
  readonly measure: NonNullable<ScheduleOptions['measure']>;
}

type Choice = Pick<Trial, 'choice' | 'variant'>;
const firstChoice: Choice = { choice: 0, variant: 0 };

/** The finalist of a node's layer that takes the fewest cycles alone, and the quickest way to write it; of equal ones the first. */
function decide(graph: Graph, node: Node, { session, placement, made, measure }: Decision): Choice {
  let best = { ...firstChoice, cycles: Number.POSITIVE_INFINITY };
  const trial = (choice: Choice): Session => {
    const scratch = new Session(session.machine, session.tensors.copy(), { ...choice, made });
    scheduleNode(graph, node, scratch, placement);
    if (scratch.finalists === 1 && scratch.variants === 1) return scratch;
    const cycles = measure(scratch.emitter.instructions());
    if (cycles < best.cycles) best = { ...choice, cycles };
    return scratch;
  };
  const { finalists } = trial(firstChoice);
  for (let choice = 1; choice < finalists; choice++) trial({ choice, variant: 0 });
  const { choice } = best;
  const { variants } = choice === 0 && finalists === 1 ? trial(firstChoice) : trial({ choice, variant: 1 });
  for (let variant = 2; variant < variants; variant++) trial({ choice, variant });
  return best;
}

/** Equal keys: layers that are written alike, up to names and constants. */
function layerKey(graph: Graph, { operator, attributes, inputs, outputs }: Node): string {
  const { multiplier: _, shift: __, table, ...form } = attributes;
  const shapes = [...inputs, ...outputs].map((name) => graph.values.get(name)?.type);
  return JSON.stringify([operator, form, table !== undefined, shapes]);
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
  placement: Placement,
): Omit<DataflowLayer, 'body'> {
  const where = placeOfNode(graph.name, node);
  const { tensors, emitter } = session;
  const output = placement.view(tensors, node.outputs[0]!);
  emitter.beginLayer(where);
  if (node.operator === 'Slice' || joinsPixels(graph, node)) {
    emitCopies(session, placement.copies(tensors, node));
  } else {
    const emit = layerEmitter(node.operator);
    if (emit === undefined) throw new DiagnosticError([unsupported(graph, node)]);
    const activations = node.inputs.filter((name) => placement.isStored(name));
    const inputs = activations.map((name) => placement.view(tensors, name));
    emit(session, { node, where, inputs, output, constants: node.inputs.map((n) => graph.values.get(n)) });
  }
  const { name, origin } = node;
  return {
    name,
    node: origin.name,
    operator: origin.operator,
    macs: macsOf(graph, node),
    output: output.tensor,
  };
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
