/**
 * A SCALE-Sim topology as a network. In: its CSV. Out: a float graph in which every row is a layer with an input, weights and an output of its
 * own, because rows of real topologies do not fit one another; seeded weights, since a topology holds none.
 */

import {
  collect,
  type Diagnostic,
  DiagnosticError,
  elementCount,
  type Result,
  succeed,
  type Tensor,
  tensor,
} from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { badShape, drawnWeights, strayShape, tooLarge } from './diagnostics.js';
import { overhang, readTopology, type Topology, type TopologyLayer } from './topology.js';

export interface ReadTopologyOptions {
  /** What graph and diagnostics call the network. */
  readonly name?: string;
  /** Shapes of inputs (`LAYER.in`) with another batch. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** Every input and output of such a network spans about this: inputs are drawn standard normal, and weights keep their variance. */
export const topologyRange = { min: -4, max: 4 } as const;

/** Limits that mistakes reach and no published network does. */
const MOST_ELEMENTS = 2 ** 27;
const MOST_LAYERS = 10_000;

/** Reads a topology; never throws for a bad file. */
export function importTopology(bytes: Uint8Array, options: ReadTopologyOptions = {}): Result<Graph> {
  const { name = 'topology', shapes = {} } = options;
  const topology = readTopology(new TextDecoder().decode(bytes), name);
  if (!topology.ok) return topology;
  const built = collect(() => topologyGraph(topology.value, name, shapes));
  if (!built.ok) return built;
  const notes = [drawnWeights(name, built.value.nodes.length), ...topology.diagnostics];
  return succeed(built.value, notes);
}

/** @throws DiagnosticError for a topology beyond the limits, or a shape that is none of it. */
function topologyGraph(
  { layers }: Topology,
  name: string,
  shapes: Readonly<Record<string, readonly number[]>>,
): Graph {
  const builder = new GraphBuilder(name);
  const faults = sizeFaults(layers, name);
  if (faults.length > 0) throw new DiagnosticError(faults);
  const known = new Set<string>();
  for (const layer of layers)
    for (const node of nodeNames(layer)) {
      known.add(inputName(node));
      addLayer(builder, layer, node, shapes[inputName(node)]);
    }
  const stray = Object.keys(shapes).filter((input) => !known.has(input));
  if (stray.length > 0) throw new DiagnosticError(stray.map((input) => strayShape(name, input)));
  return builder.build();
}

/** Nodes of a row: one, or one a copy. */
export function nodeNames({ name, copies }: TopologyLayer): readonly string[] {
  return copies === 1 ? [name] : Array.from({ length: copies }, (_, i) => `${name}.${i}`);
}

const inputName = (node: string) => `${node}.in`;

const inputShape = (layer: TopologyLayer) => [1, layer.channels, layer.inputHeight, layer.inputWidth];

function weightShape(layer: TopologyLayer): readonly number[] {
  const { operator, filters, channels, filterHeight, filterWidth } = layer;
  const depthwise = operator === 'depthwise';
  return [depthwise ? filters * channels : filters, depthwise ? 1 : channels, filterHeight, filterWidth];
}

function sizeFaults(layers: readonly TopologyLayer[], file: string): Diagnostic[] {
  const where = { kind: 'file', file } as const;
  const sum = (of: (layer: TopologyLayer) => number) =>
    layers.reduce((total, l) => total + l.copies * of(l), 0);
  const counts: readonly (readonly [string, number, number])[] = [
    ['layers', sum(() => 1), MOST_LAYERS],
    ['weights', sum((layer) => elementCount(weightShape(layer))), MOST_ELEMENTS],
    ['inputs', sum((layer) => elementCount(inputShape(layer))), MOST_ELEMENTS],
  ];
  return counts.flatMap(([what, count, most]) => (count > most ? [tooLarge(where, what, count, most)] : []));
}

/** Products are convolutions of 1 x 1 over M pixels: rows of the array take K, columns N. */
function addLayer(
  builder: GraphBuilder,
  layer: TopologyLayer,
  node: string,
  stated: readonly number[] | undefined,
): void {
  const shape = stated ?? inputShape(layer);
  const own = inputShape(layer);
  if (shape.length !== 4 || !(shape[0]! >= 1) || own.some((extent, i) => i > 0 && extent !== shape[i]))
    throw new DiagnosticError([badShape(builder.name, inputName(node), shape)]);
  const input = builder.input(inputName(node), { element: 'float32', shape });
  const weights = builder.constant(`${node}.weights`, drawWeights(node, weightShape(layer)));
  const { height, width } = overhang(layer);
  const attributes = {
    strides: [layer.strideHeight, layer.strideWidth],
    pads: [0, 0, height, width],
    group: layer.operator === 'depthwise' ? layer.channels : 1,
  };
  const origin = { name: layer.name, operator: layer.operator };
  builder.output(builder.node('Conv', [input, weights], { name: node, attributes, origin }));
}

/** Uniform in +-sqrt(3 / fan-in): products of standard normal inputs stay standard normal. Depends on the name and the shape alone. */
function drawWeights(node: string, shape: readonly number[]): Tensor {
  const data = new Float32Array(elementCount(shape));
  const bound = Math.sqrt(3 / elementCount(shape.slice(1)));
  let state = seedOf(node);
  for (let i = 0; i < data.length; i++) {
    // xorshift32 (Marsaglia 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = (state / 2 ** 31) * bound;
  }
  return tensor('float32', shape, data);
}

/** FNV-1a, never 0. */
function seedOf(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value || 1;
}
