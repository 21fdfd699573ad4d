/** Layers written on trial and measured: which of the best mappings to take, whether a result had better stay for the next layer, and whether values had better lie the other way. */

import type { Graph, Node } from '../graph/index.js';
import type { Instruction } from '../isa/index.js';
import { declareTensors, type Subject } from './declare.js';
import type { Trial as ExchangeTrial } from './exchange-choice.js';
import type { HomeShape } from './home-shape.js';
import { scheduleNode } from './node.js';
import type { Placement } from './placement.js';
import { type HomePlanning, planHome } from './plan-home.js';
import { Session, type Trial } from './session.js';
import { noResidents } from './shelf.js';
import type { DramTensors } from './tensors.js';

/** Exact cycles of a program. */
export type Measure = (instructions: readonly Instruction[]) => number;

/** Names of the tensors of a node's activations. */
export function readsOf(placement: Placement, tensors: DramTensors, node: Node): readonly string[] {
  const stored = node.inputs.filter((name) => placement.isStored(name));
  return stored.map((name) => placement.view(tensors, name).tensor);
}

/** The home of a layer's result: none where the two layers together are no quicker for it. */
export function keepOf(
  { keepOnChip, ...planning }: HomePlanning & { readonly keepOnChip: boolean | Measure },
  nodes: readonly Node[],
  index: number,
): HomeShape | undefined {
  const { graph, placement, session } = planning;
  const [node, next] = [nodes[index]!, nodes[index + 1]];
  const planned = planHome(planning, node, next);
  if (planned === undefined || next === undefined || typeof keepOnChip !== 'function') return planned;
  const { tensor } = planned;
  const readers = nodes.filter((reader) => readsOf(placement, session.tensors, reader).includes(tensor));
  const pair = (home: HomeShape | undefined, unsaved: readonly string[]): Session => {
    const staying = { residents: noResidents, unsaved: new Set(unsaved) };
    const scratch = new Session(session.machine, session.tensors.copy(), undefined, staying);
    scratch.keep([], home);
    scheduleNode(graph, node, scratch, placement);
    scratch.beginLayer({ ...firstChoice, made: new Map() });
    scratch.keep(readsOf(placement, scratch.tensors, next), undefined);
    scheduleNode(graph, next, scratch, placement);
    return scratch;
  };
  // What another layer reads, or the host, or this one loads all the same, is stored.
  const alone = readers.length === 1 && !session.tensors.isOutput(tensor);
  const unsaved = alone ? pair(planned, [tensor]) : undefined;
  const kept = unsaved === undefined || unsaved.emitter.loaded.has(tensor) ? pair(planned, []) : unsaved;
  const [before, after] = [pair(undefined, []), kept].map(({ emitter }) =>
    keepOnChip(emitter.instructions()),
  );
  return after! < before! ? planned : undefined;
}

/** What is needed to write a layer on trial. */
interface Decision {
  readonly session: Session;
  readonly placement: Placement;
  readonly made: Map<string, unknown>;
  readonly measure: Measure;
}

export type Choice = Pick<Trial, 'choice' | 'variant'>;
export const firstChoice: Choice = { choice: 0, variant: 0 };

/** The finalist of a node's layer that takes the fewest cycles alone, and the quickest way to write it; of equal ones the first. */
export function decide(graph: Graph, node: Node, { session, placement, made, measure }: Decision): Choice {
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

/** What layers cost with their values in one order or the other: as believed, or as measured. */
export function exchangeTrial(subject: Subject, measure: Measure | undefined): ExchangeTrial {
  const cycles: ExchangeTrial['cycles'] = (nodes, exchanged) => {
    const { tensors, placement } = declareTensors(subject, exchanged);
    const session = new Session(subject.machine, tensors);
    let believed = 0;
    for (const node of nodes) {
      session.beginLayer({ ...firstChoice, made: new Map() });
      scheduleNode(subject.graph, node, session, placement);
      believed += session.takeMapping()?.cost.cycles ?? 0;
    }
    return measure === undefined ? believed : measure(session.emitter.instructions());
  };
  return { cycles, exact: measure !== undefined };
}

/** Equal keys: layers that are written alike, up to names and constants. */
export function layerKey(graph: Graph, { operator, attributes, inputs, outputs }: Node): string {
  const { multiplier: _, shift: __, table, ...form } = attributes;
  const shapes = [...inputs, ...outputs].map((name) => graph.values.get(name)?.type);
  return JSON.stringify([operator, form, table !== undefined, shapes]);
}
