/**
 * From an annotated float graph to the integer graph of compiler/graph/integer.md. In: float operators with a scale per
 * activation. Out: integer operators between QuantizeLinear and DequantizeLinear; float operators that only feed the outputs
 * (or only prepare the inputs) stay as they are. All faults are collected.
 */

import { type Diagnostic, DiagnosticError, errorDiagnostic, type Result, succeed } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { conversionOf } from './conversions.js';
import { placeOf } from './diagnostics.js';
import { Emission } from './emission.js';
import { hostNodes } from './host-nodes.js';
import type { Annotated, ElementWidths } from './types.js';

/** @param multiplierBits width of the requantiser's signed multiplier, 8 to 32. @param widths of elements; int8 if absent. */
export function emitInteger(
  annotated: Annotated,
  multiplierBits: number,
  widths?: ElementWidths,
): Result<Graph> {
  const emission = new Emission(annotated, multiplierBits, widths);
  const { graph, builder } = emission;
  for (const name of graph.inputs) emission.floats.add(builder.input(name, graph.values.get(name)!.type));
  const host = hostNodes(annotated, emission.uses);
  if (!host.ok) return host;
  const faults = graph.nodes.flatMap((node) => convert(emission, node, host.value.has(node)));
  if (faults.length > 0) return { ok: false, diagnostics: faults };
  for (const name of graph.outputs) builder.output(emission.floatOf(name));
  return succeed(builder.build(), host.diagnostics);
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
    for (const output of node.outputs) emission.integers.set(output, '');
    if (error instanceof DiagnosticError) return error.diagnostics;
    if (error instanceof RangeError) {
      return [
        errorDiagnostic('quantize/scale', error.message, { where: placeOf(emission.graph.name, node) }),
      ];
    }
    throw error;
  }
}
