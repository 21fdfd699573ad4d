/**
 * From an annotated float graph to the integer graph of compiler/graph/integer.md. In: float operators with a scale per
 * activation. Out: integer operators between QuantizeLinear and DequantizeLinear; float operators of the host stay as they are. All faults are collected.
 */

import { type Diagnostic, DiagnosticError, errorDiagnostic, type Result, succeed } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { conversionOf } from './conversions.js';
import { placeOf } from './diagnostics.js';
import { Emission } from './emission.js';
import { hostNodes } from './host-nodes.js';
import type { Annotated, QuantizeOptions } from './types.js';

/** @param options multiplierBits (default 32), elements (default int8), refused. */
export function emitInteger(annotated: Annotated, options: QuantizeOptions): Result<Graph> {
  const emission = new Emission(annotated, options.multiplierBits ?? 32, options.elements);
  const { graph, builder } = emission;
  for (const name of graph.inputs) emission.floats.add(builder.input(name, graph.values.get(name)!.type));
  const { host, diagnostics } = hostNodes(annotated, emission.uses, {
    refused: options.refused ?? new Map(),
    activationBits: emission.widths.activationBits,
  });
  emission.host = host;
  const faults = graph.nodes.flatMap((node) => convert(emission, node, host.has(node)));
  if (faults.length > 0) return { ok: false, diagnostics: faults };
  for (const name of graph.outputs) builder.output(emission.floatOf(name));
  return succeed(builder.build(), diagnostics);
}

/** Converts or copies one node; what depends on a failed node is skipped, so that each fault is told once. */
function convert(emission: Emission, node: Node, onHost: boolean): readonly Diagnostic[] {
  if (emission.fused.has(node)) return [];
  try {
    if (node.inputs.some((name) => emission.integers.get(name) === '')) throw new DiagnosticError([]);
    if (onHost) emission.copyFloat(node);
    else conversionOf(node)!.emit(emission, node);
    return [];
  } catch (error) {
    for (const { outputs } of [node, ...emission.fused])
      for (const output of outputs) if (!emission.integers.has(output)) emission.integers.set(output, '');
    if (error instanceof DiagnosticError) return error.diagnostics;
    if (error instanceof RangeError) {
      return [
        errorDiagnostic('quantize/scale', error.message, { where: placeOf(emission.graph.name, node) }),
      ];
    }
    throw error;
  }
}
