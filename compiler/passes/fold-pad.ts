/** fold-pad: zero padding before a convolution, or -infinity before a max pool, becomes the window's own padding. */

import type { AttributeValue, Graph, Node } from '../graph/index.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { type Uses, untilStable, usesOf } from './rewrite.js';

/** The fill that the window's own padding stands for, where the window operator has any. */
function ownFill(node: Node): number | undefined {
  if (node.operator === 'Conv') return 0;
  if (node.operator === 'MaxPool') return Number.NEGATIVE_INFINITY;
  if (node.operator !== 'AveragePool') return undefined;
  // Counted padding is a zero; uncounted padding is nothing that a Pad could make.
  const uncounted =
    node.attributes.countIncludePad !== true && numbers(node.attributes.pads).some((p) => p !== 0);
  return uncounted || node.attributes.ceilMode === true ? undefined : 0;
}

function numbers(value: AttributeValue | undefined): readonly number[] {
  return Array.isArray(value) && value.every((v) => typeof v === 'number')
    ? (value as readonly number[])
    : [];
}

/** The spatial pads of a Pad node that touches spatial axes only, does not crop, and fills with `fill`. */
function spatialPads(graph: Graph, pad: Node, fill: number): readonly number[] | undefined {
  const rank = graph.values.get(pad.inputs[0]!)!.type.shape.length;
  const pads = numbers(pad.attributes.pads);
  if ((pad.attributes.mode ?? 'constant') !== 'constant') return undefined;
  if ((pad.attributes.value ?? 0) !== fill || pads.some((p) => p < 0)) return undefined;
  const outer = [pads[0], pads[1], pads[rank], pads[rank + 1]];
  return outer.some((p) => p !== 0) ? undefined : [...pads.slice(2, rank), ...pads.slice(rank + 2)];
}

function foldOne(graph: Graph): Graph | undefined {
  const uses = usesOf(graph);
  for (const node of graph.nodes) {
    const merged = merge(graph, uses, node);
    if (merged === undefined) continue;
    return removeUnused.run({
      ...graph,
      nodes: graph.nodes.map((other) => (other === node ? merged : other)),
    });
  }
  return undefined;
}

function merge(graph: Graph, uses: Uses, node: Node): Node | undefined {
  const fill = ownFill(node);
  const pad = uses.producer(node.inputs[0] ?? '');
  if (fill === undefined || pad?.operator !== 'Pad') return undefined;
  const extra = spatialPads(graph, pad, fill);
  if (extra === undefined) return undefined;
  const own = numbers(node.attributes.pads);
  const pads = extra.map((p, index) => p + (own[index] ?? 0));
  const counted = node.operator === 'AveragePool' ? { countIncludePad: true } : {};
  const attributes = { ...node.attributes, pads, ...counted };
  return { ...node, inputs: [pad.inputs[0]!, ...node.inputs.slice(1)], attributes };
}

export const foldPad: Pass = {
  name: 'fold-pad',
  summary: 'merges constant padding of the spatial axes into the Conv or pooling window after it',
  run: (graph) => untilStable(graph, foldOne),
};
