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
import { planResidents } from './residents.js';
import { Session, type Trial } from './session.js';
import { noResidents, type Residents } from './shelf.js';
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
function scheduleLegal(graph: Graph, source: Graph, machine: Machine, options: ScheduleOptions): Schedule {
  const writer = (residents: Residents) => new ScheduleWriter({ graph, source, machine, options }, residents);
  const plain = writer(noResidents);
  const residents = planResidents(plain.nodes, plain, staysOnShelf(options));
  const without = plain.saved();
  if (residents.rows === 0) return without.schedule;
  const beside = shelved(() => writer(residents).saved());
  const { keepOnChip } = options;
  const cost = typeof keepOnChip === 'function' ? keepOnChip : movedRows;
  return beside !== undefined && cost(beside.instructions) < cost(without.instructions)
    ? beside.schedule
    : without.schedule;
}

/** What does not fit beside a shelf is undefined: it may fit without it. */
function shelved(write: () => Saved): Saved | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

/** Rows that pass between DRAM and the chip. */
function movedRows(instructions: readonly Instruction[]): number {
  return instructions.reduce(
    (sum, { mnemonic, fields }) =>
      mnemonic === 'load' || mnemonic === 'store' ? sum + fields.rows * fields.runs * fields.planes : sum,
    0,
  );
}

/** A schedule, and its instructions. */
interface Saved {
  readonly schedule: Schedule;
  readonly instructions: readonly Instruction[];
}

/** Small results that stay: states of recurrent layers always, all others where results are to be kept. */
function staysOnShelf({ keepOnChip = false }: ScheduleOptions): (node: Node) => boolean {
  return ({ origin }) => keepOnChip !== false || recurrentOperators.has(origin.operator);
}

const recurrentOperators: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN']);

/** The machine as tiles see it: without the shelf. */
function withoutShelf(machine: Machine, rows: number): Machine {
  if (rows === 0) return machine;
  const { activation } = machine.buffers;
  const rest = { ...activation, rowsPerBank: activation.rowsPerBank - rows };
  return { ...machine, buffers: { ...machine.buffers, activation: rest } };
}

/** What is written of a layer once it is decided how. */
interface Decided {
  readonly choice: Choice;
  readonly home: HomeShape | undefined;
}

interface Written extends Saved {
  readonly decisions: readonly Decided[];
  /** Tensors that lie whole in act and that nothing loads. */
  readonly unsaved: ReadonlySet<string>;
}

interface Subject {
  readonly graph: Graph;
  readonly source: Graph;
  readonly machine: Machine;
  readonly options: ScheduleOptions;
}

/** Writes a graph's schedule, once to see what is loaded, and again without the stores that nobody needs. */
class ScheduleWriter {
  readonly nodes: readonly Node[];
  readonly placement: Placement;
  readonly tensors: DramTensors;
  readonly machine: Machine;

  constructor(
    private readonly subject: Subject,
    private readonly residents: Residents,
  ) {
    this.machine = withoutShelf(subject.machine, residents.rows);
    const declared = declare(subject);
    this.placement = declared.placement;
    this.tensors = declared.tensors;
    this.nodes = subject.graph.nodes.filter((node) => this.placement.needsWork(node));
  }

  /** The schedule, in which results stay unsaved where every reader takes them from act. */
  saved(): Saved {
    const first = this.write(new Set());
    if (first.unsaved.size === 0) return first;
    return new ScheduleWriter(this.subject, this.residents).write(first.unsaved, first.decisions);
  }

  /** How many layers write a tensor. */
  private writers(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { outputs } of this.nodes) {
      const { tensor } = this.placement.view(this.tensors, outputs[0]!);
      counts.set(tensor, (counts.get(tensor) ?? 0) + 1);
    }
    return counts;
  }

  /** @param replayed decisions of an earlier writing. */
  private write(unsaved: ReadonlySet<string>, replayed?: readonly Decided[]): Written {
    const { graph, options } = this.subject;
    const { placement, tensors, nodes, residents } = this;
    const { measure, keepOnChip = false } = options;
    const session = new Session(this.machine, tensors, undefined, { residents, unsaved });
    const mappings: (LayerMapping | undefined)[] = [];
    const decisions: Decided[] = [];
    const whole = new Set<string>();
    const writers = this.writers();
    const decided = new Map<string, Choice>();
    const layers = nodes.map((node, index) => {
      const made = new Map<string, unknown>();
      let choice = replayed?.[index]?.choice ?? firstChoice;
      if (measure !== undefined && replayed === undefined) {
        const key = layerKey(graph, node);
        choice = decided.get(key) ?? decide(graph, node, { session, placement, made, measure });
        decided.set(key, choice);
      }
      session.beginLayer({ ...choice, made });
      let home: HomeShape | undefined;
      if (keepOnChip !== false) {
        const planning = { graph, placement, session, keepOnChip };
        home = replayed ? replayed[index]!.home : keepOf(planning, nodes, index);
        session.keep(readsOf(placement, tensors, node), home);
        // Finalists of lines of pixels are none of pictures.
        if (session.keepsPictures) session.beginLayer({ ...firstChoice, made: new Map() });
      }
      decisions.push({ choice, home });
      const layer = scheduleNode(graph, node, session, placement);
      mappings.push(session.takeMapping());
      const { kept } = session;
      if (kept === undefined || writers.get(kept.tensor) !== 1) return layer;
      whole.add(kept.tensor);
      return unsaved.has(kept.tensor) ? { ...layer, kept: kept.place } : layer;
    });
    if (tensors.bytes > 2 ** 32) throw new DiagnosticError([beyondAddressSpace(graph.name, tensors.bytes)]);
    const { loaded } = session.emitter;
    const outputs = new Set(tensors.all.filter(({ kind }) => kind === 'output').map(({ name }) => name));
    const missing = [...unsaved].filter((name) => loaded.has(name));
    if (missing.length > 0) throw new InternalError(`${missing[0]} is loaded and was not stored`);
    const bodies = session.emitter.finish();
    return {
      schedule: {
        dataflow: {
          name: graph.name,
          machine: this.subject.machine.name,
          tensors: tensors.all,
          layers: layers.map((layer, i) => ({ ...layer, body: bodies[i]! })),
        },
        image: tensors.image,
        mappings,
      },
      instructions: session.emitter.instructions(),
      decisions,
      unsaved: new Set([...whole].filter((name) => !loaded.has(name) && !outputs.has(name))),
    };
  }
}

/** The tensors of a graph's values. */
function declare({ graph, source, machine }: Subject) {
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
  return { tensors, placement };
}

export interface ScheduleOptions {
  /**
   * Exact cycles of a program that is one layer alone (the timing engine gives them). With it the few best mappings of a layer are written and
   * measured, and the quickest is taken; without it the one that the closed forms believe to be the best.
   */
  readonly measure?: (instructions: readonly Instruction[]) => number;
  /**
   * Results that fit whole in one bank of act stay there for the next layer, which then does not load them (machines with four banks or more);
   * small ones stay until they are read for the last time. Results that nothing loads are not stored. Left out: states and gates of recurrent
   * layers only. A function that gives exact cycles (as of `measure`): only
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
