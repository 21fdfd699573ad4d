/** The ONNX importer. In: the bytes of a file. Out: a graph with concrete shapes and folded constants, or diagnostics. */

import { collect, type Diagnostic, fail, type Result, succeed } from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { decodeOnnxModel, type OnnxGraph, type OnnxModel, wireNumber } from '../wire/index.js';
import { type Import, OnnxCall } from './call.js';
import { noGraph, unmappedOperator, unsupportedOpset } from './diagnostics.js';
import { readInitializers, readInputs, readOutputs, type StatedShapes } from './inputs.js';
import { lookupMapping } from './operators/index.js';
import { orderNodes, type PlacedNode } from './order.js';
import { noteQuantization } from './quantized.js';

export interface ReadOnnxOptions {
  /** What graph and diagnostics call the network; default: the name of the graph in the file, or `network`. */
  readonly name?: string;
  /** Concrete shapes of inputs, by name. An unknown first extent is otherwise 1; other unknown ones are an error. */
  readonly shapes?: StatedShapes;
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
  return readGraph(name, graph, opset, options.shapes ?? {});
}

/** The version of the standard operator set; files without a statement mean the first. */
function opsetOf(model: OnnxModel): number {
  const standard = model.opsetImport.filter(({ domain }) => domain === '' || domain === 'ai.onnx');
  return Math.max(1, ...standard.map(({ version }) => wireNumber(version)));
}

function readGraph(name: string, graph: OnnxGraph, opset: number, shapes: StatedShapes): Result<Graph> {
  const builder = new GraphBuilder(name);
  const placed = placeNodes(name, graph);
  const defined = new Set([...graph.input, ...graph.initializer].map((value) => value.name));
  const ordered = orderNodes(name, placed, defined);
  const early = [
    ...placed.flatMap(checkMapped),
    ...ordered.diagnostics,
    ...readInitializers(builder, graph),
    ...readInputs(builder, graph, shapes),
  ];
  if (early.length > 0) return fail(...early);
  const reserved = new Set(placed.flatMap(({ node, place }) => [place.node, ...node.output]));
  const faults = readNodes({ builder, opset, reserved }, ordered.nodes);
  if (faults.length > 0) return fail(...faults);
  const late = readOutputs(builder, graph);
  if (late.some(({ severity }) => severity === 'error')) return fail(...late);
  return succeed(noteQuantization(removeUnused.run(builder.build())), late);
}

/** Gives every node a unique name: its own, or one made of operator and position. */
function placeNodes(network: string, graph: OnnxGraph): PlacedNode[] {
  const taken = new Set<string>();
  return graph.node.map((node, index) => {
    const own = node.name !== '' && !taken.has(node.name);
    let name = own ? node.name : `${node.opType}_${index}`;
    while (taken.has(name)) name += '_';
    taken.add(name);
    return { node, place: { network, node: name, operator: node.opType } };
  });
}

function checkMapped({ node, place }: PlacedNode): Diagnostic[] {
  return lookupMapping(node.domain, node.opType) === undefined ? [unmappedOperator(place, node.domain)] : [];
}

/** Maps the nodes in order. Nodes that depend on a refused one are passed over: their faults would be its. */
function readNodes(shared: Import, nodes: readonly PlacedNode[]): Diagnostic[] {
  const lost = new Set<string>();
  return nodes.flatMap(({ node, place }) => {
    const result = node.input.some((name) => lost.has(name))
      ? fail()
      : collect(() => lookupMapping(node.domain, node.opType)!(new OnnxCall(shared, node, place)));
    if (result.ok) return [];
    for (const name of node.output) lost.add(name);
    return result.diagnostics;
  });
}
