/**
 * From an annotated float graph to the integer graph of compiler/graph/integer.md. In: float operators with a scale per
 * activation. Out: integer operators between QuantizeLinear and DequantizeLinear; float operators that only feed the outputs
 * (or only prepare the inputs) stay as they are. All faults are collected.
 */

import { type Diagnostic, DiagnosticError, errorDiagnostic, type Result, succeed } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { type Conversion, conversions } from './conversions.js';
import { placeOf } from './diagnostics.js';
import { Emission } from './emission.js';
import type { Annotated } from './types.js';

/** @param multiplierBits width of the requantiser's signed multiplier, 8 to 32. */
export function emitInteger(annotated: Annotated, multiplierBits: number): Result<Graph> {
  const emission = new Emission(annotated, multiplierBits);
  const { graph, builder } = emission;
  for (const name of graph.inputs) emission.floats.add(builder.input(name, graph.values.get(name)!.type));
  const host = hostNodes(graph);
  if (!host.ok) return host;
  const faults = graph.nodes.flatMap((node) => convert(emission, node, host.value.has(node)));
  if (faults.length > 0) return { ok: false, diagnostics: faults };
  for (const name of graph.outputs) builder.output(emission.floatOf(name));
  return succeed(builder.build());
}

/** Converts or copies one node; what depends on a failed node is skipped, so that each fault is told once. */
function convert(emission: Emission, node: Node, onHost: boolean): readonly Diagnostic[] {
  if (emission.fused.has(node)) return [];
  try {
    if (node.inputs.some((name) => emission.integers.get(name) === '')) throw new DiagnosticError([]);
    if (onHost) emission.copyFloat(node);
    else conversions[node.operator]!.emit(emission, node);
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

/**
 * Nodes that stay in float on the host: unsupported ones and all that follows them, as far as no operator that belongs
 * on the accelerator does; and unsupported ones in front of everything.
 */
function hostNodes(graph: Graph): Result<ReadonlySet<Node>> {
  const host = new Set<Node>();
  const prepared = new Set(graph.inputs);
  const late = new Set<string>();
  const faults: Diagnostic[] = [];
  for (const node of graph.nodes) {
    const conversion: Conversion | undefined = Object.hasOwn(conversions, node.operator)
      ? conversions[node.operator]
      : undefined;
    const refusal =
      conversion === undefined
        ? 'the operator is not known to the accelerator'
        : conversion.refuses(graph, node);
    const activations = node.inputs.filter(
      (name) => name !== '' && graph.values.get(name)!.constant === undefined,
    );
    const afterHost = activations.find((name) => late.has(name));
    if (refusal === undefined && afterHost === undefined) continue;
    if (afterHost !== undefined && conversion?.heavy && refusal === undefined) {
      faults.push(
        errorDiagnostic(
          'quantize/unsupported-operator',
          `${node.operator} comes after "${afterHost}", which no accelerator operator computes`,
          {
            where: placeOf(graph.name, node),
            hint: 'the operator that computes it has no integer form',
          },
        ),
      );
    }
    host.add(node);
    const early = activations.every((name) => prepared.has(name)) && afterHost === undefined;
    for (const output of node.outputs) (early ? prepared : late).add(output);
  }
  return faults.length > 0 ? { ok: false, diagnostics: faults } : succeed(host);
}
