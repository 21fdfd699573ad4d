/** Every different layer of a network as a network of its own: what the scheduler believes it to cost, and what it costs. */

import { unwrap } from '../../base/index.js';
import type { Graph, Node, Value } from '../../compiler/graph/index.js';
import type { Instruction } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { legalize, type Schedule, schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import { instructionCycles, simulateTiming } from '../../simulator/timing/index.js';

export interface LayerAlone {
  readonly name: string;
  /** Exact cycles, start to done. */
  readonly cycles: number;
  readonly schedule: Schedule;
}

/** Layers that the legaliser makes, each different one once; those that it would cut up again, alone, are left out. */
/** @param exact whether the finalists are measured. */
export function layersAlone(graph: Graph, machine: Machine, exact = false): readonly LayerAlone[] {
  const legal = unwrap(legalize(graph, machine));
  const seen = new Set<string>();
  return legal.nodes.flatMap((node) => {
    const key = keyOf(legal, node);
    if (seen.has(key) || ['Flatten', 'Reshape', 'Slice'].includes(node.operator)) return [];
    seen.add(key);
    const measure = (instructions: readonly Instruction[]) => instructionCycles(machine, instructions);
    const scheduled = unwrap(schedule(layerGraph(legal, node), machine, exact ? { measure } : {}));
    if (scheduled.dataflow.layers.length !== 1) return [];
    const program = unwrap(lower(scheduled.dataflow, machine, scheduled.image));
    return [{ name: node.name, cycles: simulateTiming(machine, program).cycles, schedule: scheduled }];
  });
}

function keyOf(graph: Graph, { operator, attributes, inputs }: Node): string {
  const { strides, pads, group, kernel, dilations } = attributes;
  const shapes = inputs.map((name) => graph.values.get(name)?.type.shape);
  return JSON.stringify([operator, strides, pads, group, kernel, dilations, shapes]);
}

function layerGraph(graph: Graph, node: Node): Graph {
  const value = (name: string): Value => graph.values.get(name)!;
  const names = [...node.inputs, ...node.outputs];
  const activations = node.inputs.filter((name) => value(name).constant === undefined);
  return {
    ...graph,
    name: node.name,
    inputs: [...new Set(activations)],
    outputs: [node.outputs[0]!],
    nodes: [node],
    values: new Map(names.map((name) => [name, value(name)])),
  };
}
