/**
 * Writes the schedule of a legal graph, layer by layer. In: graph, machine, options, the small tensors that stay on the shelf. Out: the schedule, in
 * which results are not stored where every reader takes them from act.
 */

import { DiagnosticError, InternalError } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Dataflow, DataImage } from '../dataflow/index.js';
import type { Node } from '../graph/index.js';
import type { Instruction } from '../isa/index.js';
import { declareTensors, type Subject } from './declare.js';
import { beyondAddressSpace } from './diagnostics.js';
import type { Exchange } from './exchange-choice.js';
import type { HomeShape } from './home-shape.js';
import type { LayerMapping } from './mapping.js';
import { scheduleNode } from './node.js';
import type { Placement } from './placement.js';
import { Session } from './session.js';
import type { Residents } from './shelf.js';
import type { DramTensors } from './tensors.js';
import { type Choice, decide, firstChoice, keepOf, layerKey, readsOf } from './trials.js';

export interface Schedule {
  readonly dataflow: Dataflow;
  /** Contents of the constant tensors. */
  readonly image: DataImage;
  /** Of every layer of the dataflow; none for copies. */
  readonly mappings: readonly (LayerMapping | undefined)[];
}

export interface ScheduleOptions {
  /**
   * Exact cycles of a program that is one layer alone (the timing engine gives them). With it the few best mappings of a layer are written and
   * measured, and the quickest is taken; without it the one that the closed forms believe to be the best.
   */
  readonly measure?: (instructions: readonly Instruction[]) => number;
  /**
   * Results that fit whole in one bank of act stay there for the next layer, which then does not load them (machines with four banks or more);
   * small ones stay until they are read for the last time. Results that nothing loads are not stored. A function that gives exact cycles (as
   * of `measure`): only where that is quicker; true: wherever it is possible; left out: small results of recurrent layers only.
   */
  readonly keepOnChip?: boolean | ((instructions: readonly Instruction[]) => number);
}

/** A schedule, and its instructions. */
export interface Saved {
  readonly schedule: Schedule;
  readonly instructions: readonly Instruction[];
}

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

interface WriterSubject extends Subject {
  readonly options: ScheduleOptions;
  readonly exchange: Exchange;
}

/** Writes a graph's schedule, once to see what is loaded, and again without the stores that nobody needs. */
export class ScheduleWriter {
  readonly nodes: readonly Node[];
  readonly placement: Placement;
  readonly tensors: DramTensors;
  readonly machine: Machine;

  constructor(
    private readonly subject: WriterSubject,
    private readonly residents: Residents,
  ) {
    this.machine = withoutShelf(subject.machine, residents.rows);
    const declared = declareTensors(subject, subject.exchange.values);
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
    const { graph, options, exchange } = this.subject;
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
        const key = `${placement.isExchanged(node.outputs[0]!)}${layerKey(graph, node)}`;
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
      mappings.push(withReason(session.takeMapping(), exchange.refused.get(node.name)));
      const { kept } = session;
      // A kept result states where it lies channel by channel block; an exchanged one is stored all the same.
      const exchanged = placement.isExchanged(node.outputs[0]!);
      if (kept === undefined || writers.get(kept.tensor) !== 1 || exchanged) return layer;
      whole.add(kept.tensor);
      return unsaved.has(kept.tensor) ? { ...layer, kept: kept.place } : layer;
    });
    if (tensors.bytes > 2 ** 32) throw new DiagnosticError([beyondAddressSpace(graph.name, tensors.bytes)]);
    const { loaded } = session.emitter;
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
      unsaved: new Set([...whole].filter((name) => !loaded.has(name) && !tensors.isOutput(name))),
    };
  }
}

function withReason(mapping: LayerMapping | undefined, notInputs: string | undefined) {
  return mapping === undefined || notInputs === undefined ? mapping : { ...mapping, notInputs };
}
