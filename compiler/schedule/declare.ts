/** The DRAM tensors of a graph's values, and where the values lie in them. In: a legal graph. Out: tensors and placement. */

import { InternalError } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Graph } from '../graph/index.js';
import { Placement } from './placement.js';
import { DramTensors } from './tensors.js';

/** A legal graph, the one before legalisation, and the machine. */
export interface Subject {
  readonly graph: Graph;
  readonly source: Graph;
  readonly machine: Machine;
}

/** Declares the tensors of a graph's values. @param exchanged stored values that lie with pixels in lanes. */
export function declareTensors({ graph, source, machine }: Subject, exchanged: ReadonlySet<string>) {
  const tensors = new DramTensors(machine);
  const placement = new Placement(graph, machine.array.rows, exchanged);
  const form = (value: string) => ({
    shape: shapeOf(graph, value),
    exchanged: placement.isExchanged(value),
  });
  for (const input of graph.inputs) placement.declare(input, tensors.activation('input', input, form(input)));
  const outputs = new Map(graph.outputs.map((name) => [placement.home(name), name]));
  for (const node of graph.nodes) {
    const value = node.outputs[0]!;
    if (!placement.hasTensor(value)) continue;
    const name = outputs.get(value);
    const kind = name === undefined ? 'tensor' : 'output';
    const made = !source.values.has(value);
    placement.declare(value, tensors.activation(kind, name ?? value, { ...form(name ?? value), made }));
  }
  return { tensors, placement };
}

function shapeOf(graph: Graph, value: string): readonly number[] {
  const found = graph.values.get(value);
  if (found === undefined) throw new InternalError(`value ${value} is not in the graph`);
  return found.type.shape;
}
