/**
 * Why layers are mapped as they are: what was chosen among how many, what is believed and what happens, what bounds it, and the best mapping
 * that something else would bound. In: a network and a Machine. Out: one {@link LayerExplanation} a layer.
 */

import { DiagnosticError, errorDiagnostic } from '../../base/index.js';
import { nothingToAccelerate, type Segment } from '../../compiler/pipeline/index.js';
import type { LayerMapping } from '../../compiler/schedule/index.js';
import { layerBreakdown, simulateTiming } from '../../simulator/timing/index.js';
import { type CompileRequest, compile } from './verbs.js';

export interface LayerExplanation {
  /** Of the network's accelerated parts, in order. */
  readonly segment: number;
  readonly name: string;
  /** Node of the network that the layer computes. */
  readonly node: string;
  readonly operator: string;
  readonly macs: number;
  /** Undefined for copies, which have nothing to choose. */
  readonly mapping: LayerMapping | undefined;
  /** In the network, by the timing engine: from the completion of the layers before. */
  readonly cycles: number;
  /** Of these, cycles in which neither the array nor the vector unit runs. */
  readonly stallCycles: number;
  /** Running cycles of the layer's instructions on each unit. */
  readonly busyCycles: Readonly<Record<'load' | 'matmul' | 'vector' | 'store', number>>;
  /** MACs over what the whole array could do in `cycles`; 0 to 1. */
  readonly utilization: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface ExplainRequest extends CompileRequest {
  /** A layer's or node's name; all layers without it. */
  readonly layer?: string;
}

/** @throws DiagnosticError also when no layer has the name. */
export function explain(network: string, request: ExplainRequest = {}): readonly LayerExplanation[] {
  const { compiled } = compile(network, request);
  if (compiled.segments.length === 0) throw new DiagnosticError([nothingToAccelerate(compiled.network)]);
  const all = compiled.segments.flatMap(explainSegment);
  const { layer } = request;
  if (layer === undefined) return all;
  const found = all.filter(({ name, node }) => name === layer || node === layer);
  if (found.length === 0) throw new DiagnosticError([unknownLayer(layer, all)]);
  return found;
}

function explainSegment(segment: Segment, index: number): readonly LayerExplanation[] {
  const { machine, program, dataflow, mappings } = segment;
  const run = simulateTiming(machine, program);
  const slots = machine.array.rows * machine.array.columns;
  return layerBreakdown(machine, program, run).map((part, i) => {
    const { name, operator, macs } = program.layers[i]!;
    const { load, matmul, vector, store } = part.busyCycles;
    return {
      segment: index,
      name,
      node: dataflow.layers[i]!.node,
      operator,
      macs,
      mapping: mappings[i],
      cycles: part.cycles,
      stallCycles: part.stallCycles,
      busyCycles: { load, matmul, vector, store },
      utilization: part.cycles === 0 ? 0 : macs / (part.cycles * slots),
      bytesRead: part.activity.bytesRead.dram,
      bytesWritten: part.activity.bytesWritten.dram,
    };
  });
}

function unknownLayer(layer: string, all: readonly LayerExplanation[]) {
  const names = all.map(({ name }) => name);
  const shown = names.length > 12 ? [...names.slice(0, 12), `and ${names.length - 12} more`] : names;
  return errorDiagnostic('explain/unknown-layer', `no layer on the accelerator is called ${layer}`, {
    where: { kind: 'option', option: `--layer ${layer}` },
    hint: `layers: ${shown.join(', ')}`,
  });
}
