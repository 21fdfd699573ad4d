/** One node of a legal graph to operations of a session. */

import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import type { DataflowLayer } from '../dataflow/index.js';
import { type Graph, type Node, nodeMacs } from '../graph/index.js';
import { emitCopies } from './copy.js';
import { placeOfNode, unsupportedOperator } from './diagnostics.js';
import { layerEmitter } from './layers.js';
import { joinsPixels } from './legalize/index.js';
import type { Placement } from './placement.js';
import type { Session } from './session.js';

/** @returns the layer that the operations belong to. */
export function scheduleNode(
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
    const exchanged = placement.isExchanged(node.outputs[0]!);
    emit(session, {
      node,
      where,
      inputs,
      output,
      exchanged,
      constants: node.inputs.map((n) => graph.values.get(n)),
    });
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
