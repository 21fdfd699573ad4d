/** Topological order. In: the nodes as the file lists them. Out: the same nodes, each after its producers. */

import type { Diagnostic } from '../../../base/index.js';
import type { OnnxNode } from '../wire/index.js';
import { cyclicGraph, type NodePlace, redefinedValue, undefinedInput } from './diagnostics.js';

/** A node with the place that its diagnostics name. */
export interface PlacedNode {
  readonly node: OnnxNode;
  readonly place: NodePlace;
}

export interface Ordered {
  readonly nodes: readonly PlacedNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Orders the nodes, stably. Reports tensors defined twice, inputs that nothing defines, and one cycle.
 * @param defined names of the graph inputs and initializers.
 */
export function orderNodes(
  network: string,
  nodes: readonly PlacedNode[],
  defined: ReadonlySet<string>,
): Ordered {
  const diagnostics: Diagnostic[] = [];
  const producers = new Map<string, PlacedNode>();
  for (const placed of nodes) {
    for (const name of placed.node.output) {
      if (name === '') continue;
      if (producers.has(name) || defined.has(name)) diagnostics.push(redefinedValue(network, name));
      producers.set(name, placed);
    }
  }
  for (const { node, place } of nodes) {
    const lost = node.input.filter((name) => name !== '' && !defined.has(name) && !producers.has(name));
    diagnostics.push(...new Set(lost.map((name) => undefinedInput(place, name))));
  }
  if (diagnostics.length > 0) return { nodes: [], diagnostics };
  return visitAll(network, nodes, producers);
}

interface Frame {
  readonly placed: PlacedNode;
  next: number;
}

/** Depth-first, with an explicit stack: networks may be thousands of nodes deep. */
function visitAll(
  network: string,
  nodes: readonly PlacedNode[],
  producers: ReadonlyMap<string, PlacedNode>,
): Ordered {
  const done = new Set<PlacedNode>();
  const open = new Set<PlacedNode>();
  for (const first of nodes) {
    if (done.has(first)) continue;
    const stack: Frame[] = [{ placed: first, next: 0 }];
    open.add(first);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const { placed } = frame;
      if (frame.next === placed.node.input.length) {
        done.add(placed);
        open.delete(placed);
        stack.pop();
        continue;
      }
      const producer = producers.get(placed.node.input[frame.next++]!);
      if (producer === undefined || done.has(producer)) continue;
      if (open.has(producer))
        return { nodes: [], diagnostics: [cyclicGraph(network, cycleOf(stack, producer))] };
      open.add(producer);
      stack.push({ placed: producer, next: 0 });
    }
  }
  return { nodes: [...done], diagnostics: [] };
}

/** The nodes from `start` to the top of the stack and back to `start`, in the direction of the data. */
function cycleOf(stack: readonly Frame[], start: PlacedNode): NodePlace[] {
  const from = stack.findIndex((frame) => frame.placed === start);
  const path = stack.slice(from).map((frame) => frame.placed.place);
  return [path[0]!, ...path.slice(1).reverse(), path[0]!];
}
