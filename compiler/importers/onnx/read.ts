/** The ONNX importer. In: the bytes of a file. Out: a graph with concrete shapes and folded constants, or diagnostics. */

import { fail, type Result, succeed } from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { decodeOnnxModel, type OnnxGraph, type OnnxModel, wireNumber } from '../wire/index.js';
import type { Import } from './call.js';
import { noGraph, unsupportedOpset } from './diagnostics.js';
import { type Beside, ExternalData } from './external.js';
import { readInitializers, readInputs, readOutputs, type StatedShapes } from './inputs.js';
import { checkMapped, placeNodes, readNodes } from './nodes.js';
import { lookupMapping } from './operators/index.js';
import { orderNodes } from './order.js';
import { noteQuantization } from './quantized.js';

export interface ReadOnnxOptions {
  /** What graph and diagnostics call the network; default: the name of the graph in the file, or `network`. */
  readonly name?: string;
  /** Concrete shapes of inputs, by name. An unknown first extent is otherwise 1; other unknown ones are an error. */
  readonly shapes?: StatedShapes;
  /** Reads files beside the model (external data), by their path from its folder; never outside it. Without: such tensors are refused. */
  readonly beside?: Beside;
}

/** Reads an ONNX model (operator sets 6 and later of the standard domain). Never throws for a bad file. */
export function readOnnx(bytes: Uint8Array, options: ReadOnnxOptions = {}): Result<Graph> {
  const model = decodeOnnxModel(bytes, options.name ?? 'network');
  if (!model.ok) return model;
  const { graph } = model.value;
  const name = options.name ?? (graph?.name || 'network');
  if (graph === null || graph === undefined) return fail(noGraph(name));
  const opset = opsetOf(model.value);
  if (opset < 6) return fail(unsupportedOpset(name, opset));
  return readGraph(name, graph, opset, options);
}

/** The version of the standard operator set; files without a statement mean the first. */
function opsetOf(model: OnnxModel): number {
  const standard = model.opsetImport.filter(({ domain }) => domain === '' || domain === 'ai.onnx');
  return Math.max(1, ...standard.map(({ version }) => wireNumber(version)));
}

function readGraph(
  name: string,
  graph: OnnxGraph,
  opset: number,
  { shapes = {}, beside }: ReadOnnxOptions,
): Result<Graph> {
  const builder = new GraphBuilder(name);
  const external = new ExternalData(beside);
  const placed = placeNodes(name, graph, new Set());
  const defined = new Set([...graph.input, ...graph.initializer].map((value) => value.name));
  const ordered = orderNodes(name, placed, defined);
  const early = [
    ...checkMapped(lookupMapping, placed),
    ...ordered.diagnostics,
    ...readInitializers(builder, graph, external),
    ...readInputs(builder, graph, shapes),
  ];
  if (early.length > 0) return fail(...early);
  const reserved = new Set(placed.flatMap(({ node, place }) => [place.node, ...node.output]));
  const shared: Import = { builder, opset, reserved, external, lookup: lookupMapping, inlined: { nodes: 0 } };
  const faults = readNodes(shared, ordered.nodes);
  if (faults.length > 0) return fail(...faults);
  const late = readOutputs(builder, graph);
  if (late.some(({ severity }) => severity === 'error')) return fail(...late);
  return succeed(noteQuantization(removeUnused.run(builder.build())), late);
}
